#include "helpers/pgbouncer.hpp"

#include <signal.h>
#include <sys/wait.h>

#include <chrono>
#include <fstream>

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
  const auto users = folder_ / "users";
  std::ofstream{users} << "\"errand\" \"\"\n\"errand_app\" \"\"\n";
  std::ofstream{ini} << "[databases]\n* = host=127.0.0.1 port=" << port_of(shared_postgres_url())
                     << "\n[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = " << port_
                     << "\nunix_socket_dir =\nauth_type = trust\nauth_file = " << users.string()
                     << "\npool_mode = transaction\n"
                     << "default_pool_size = 4\nmax_client_conn = 200\n";
  process_ = start_server({"/usr/sbin/pgbouncer", ini.string()}, folder_, std::chrono::seconds{20});
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
