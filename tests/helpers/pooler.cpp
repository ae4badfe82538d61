#include "helpers/pooler.hpp"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <stdexcept>
#include <thread>

#include <libpq-fe.h>

namespace errand::testing {

Pooler::Pooler(const PostgresCluster& cluster) : folder_{make_server_folder()}, port_{free_port()} {
  std::ofstream{folder_ / "users"} << "\"errand\" \"\"\n";
  std::ofstream{folder_ / "pgbouncer.ini"}
      << "[databases]\n* = host=127.0.0.1 port=" << cluster.port()
      << "\n[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = " << port_
      << "\nunix_socket_dir =\nauth_type = trust\nauth_file = " << (folder_ / "users").string()
      << "\npool_mode = transaction\nignore_startup_parameters = extra_float_digits\n";
  const auto log = folder_ / "pgbouncer.log";
  pid_ = start_server_program({"/usr/sbin/pgbouncer", (folder_ / "pgbouncer.ini").string()}, log);
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{10};
  while (PQping(url().c_str()) != PQPING_OK) {
    if (std::chrono::steady_clock::now() > deadline)
      throw std::runtime_error{"PgBouncer does not start; see " + log.string()};
    std::this_thread::sleep_for(std::chrono::milliseconds{10});
  }
}

Pooler::~Pooler() {
  ::kill(pid_, SIGTERM);
  ::waitpid(pid_, nullptr, 0);
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

std::string Pooler::url(const std::string& database) const {
  return "postgresql://errand@127.0.0.1:" + std::to_string(port_) + "/" + database;
}

}  // namespace errand::testing
