#include "helpers/pgbouncer.hpp"

#include <signal.h>
#include <sys/wait.h>

#include <chrono>
#include <fstream>
#include <stdexcept>
#include <thread>

#include <libpq-fe.h>

#include "helpers/postgres_cluster.hpp"

namespace errand::testing {
namespace {

/// "postgresql://errand@127.0.0.1:5432/name": what is between the last ':' and the last '/'.
std::string port_of(const std::string& url) {
  const auto colon = url.rfind(':');
  return url.substr(colon + 1, url.rfind('/') - colon - 1);
}

}  // namespace

PgBouncer::PgBouncer() : folder_{make_server_folder()}, port_{free_port()} {
  const auto ini = folder_ / "pgbouncer.ini";
  std::ofstream{ini} << "[databases]\n* = host=127.0.0.1 port=" << port_of(shared_postgres_url())
                     << " user=errand\n[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = "
                     << port_ << "\nunix_socket_dir =\nauth_type = any\npool_mode = transaction\n"
                     << "default_pool_size = 4\nmax_client_conn = 200\n";
  process_ = start_server_program({"/usr/sbin/pgbouncer", ini.string()}, folder_ / "log");
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{20};
  while (PQping(url_for(shared_postgres_url()).c_str()) != PQPING_OK) {
    if (::waitpid(process_, nullptr, WNOHANG) != 0 || std::chrono::steady_clock::now() > deadline)
      throw std::runtime_error{"pgbouncer does not start; its log is in " + folder_.string()};
    std::this_thread::sleep_for(std::chrono::milliseconds{5});
  }
}

PgBouncer::~PgBouncer() {
  ::kill(process_, SIGKILL);
  ::waitpid(process_, nullptr, 0);
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

std::string PgBouncer::url_for(const std::string& direct) const {
  const std::string port = port_of(direct);
  return std::string{direct}.replace(direct.rfind(port), port.size(), std::to_string(port_));
}

const PgBouncer& PgBouncer::shared() {
  static const PgBouncer pooler;
  return pooler;
}

}  // namespace errand::testing
