#include "helpers/postgres_cluster.hpp"

#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <fstream>
#include <iterator>
#include <memory>
#include <stdexcept>
#include <thread>

#include <libpq-fe.h>

#include "helpers/postgres_guide.hpp"
#include "store/open_store.hpp"

namespace errand::testing {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

std::string template_of(TemporaryPostgres::Content content) {
  switch (content) {
    case TemporaryPostgres::Content::migrated:
      return "errand_template";
    case TemporaryPostgres::Content::by_the_guide:
      return "errand_guide_template";
    case TemporaryPostgres::Content::empty:
      break;
  }
  return "template0";
}

/// Debian keeps one folder a major version.
fs::path newest_programs() {
  fs::path found;
  int newest = 0;
  for (const auto& entry : fs::directory_iterator{"/usr/lib/postgresql"}) {
    const int version = std::atoi(entry.path().filename().c_str());
    if (version > newest && fs::exists(entry.path() / "bin/initdb")) {
      newest = version;
      found = entry.path() / "bin";
    }
  }
  if (found.empty())
    throw std::runtime_error{"there is no initdb; install Debian's package postgresql"};
  return found;
}

std::string content_of(const fs::path& path) {
  std::ifstream file{path};
  return {std::istreambuf_iterator<char>{file}, {}};
}

void configure(const fs::path& folder, int port, const std::vector<std::string>& settings) {
  std::ofstream conf{folder / "data/postgresql.conf", std::ios::app};
  conf << "listen_addresses = '127.0.0.1'\nport = " << port << "\nunix_socket_directories = '"
       << folder.string() << "'\nfsync = off\nmax_connections = 200\nshared_buffers = 64MB\n"
       << "max_wal_size = 4GB\nautovacuum_naptime = 60\n";
  for (const std::string& setting : settings)
    conf << setting << '\n';
}

void run_to_its_end(const std::vector<std::string>& command, const fs::path& log) {
  int status = -1;
  ::waitpid(start_server_program(command, log), &status, 0);
  if (status != 0)
    throw std::runtime_error{command.front() + " failed: " + content_of(log)};
}

std::string with_database(std::string url, const std::string& database) {
  return url.replace(url.rfind('/') + 1, std::string::npos, database);
}

}  // namespace

PostgresSession::PostgresSession(const std::string& url) : handle_{PQconnectdb(url.c_str())} {
  if (PQstatus(handle_) == CONNECTION_OK)
    return;
  const std::string why = PQerrorMessage(handle_);
  PQfinish(handle_);
  throw std::runtime_error{why};
}

PostgresSession::~PostgresSession() {
  PQfinish(handle_);
}

std::string PostgresSession::run(const std::string& sql) {
  const std::unique_ptr<PGresult, decltype(&PQclear)> result{PQexec(handle_, sql.c_str()),
                                                             &PQclear};
  const auto status = PQresultStatus(result.get());
  if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
    throw std::runtime_error{sql + ": " + PQerrorMessage(handle_)};
  return PQntuples(result.get()) > 0 ? PQgetvalue(result.get(), 0, 0) : "";
}

std::optional<std::string> PostgresSession::notification(std::chrono::milliseconds limit) {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  for (;;) {
    PQconsumeInput(handle_);
    if (const std::unique_ptr<PGnotify, decltype(&PQfreemem)> note{PQnotifies(handle_), &PQfreemem})
      return note->extra;
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        deadline - std::chrono::steady_clock::now());
    if (left.count() <= 0)
      return std::nullopt;
    pollfd socket{PQsocket(handle_), POLLIN, 0};
    ::poll(&socket, 1, static_cast<int>(left.count()));
  }
}

PostgresCluster::PostgresCluster(const std::vector<std::string>& settings)
    : folder_{make_server_folder()} {
  run_to_its_end({newest_programs() / "initdb",
                  "--pgdata=" + (folder_ / "data").string(),
                  "--username=errand",
                  "--auth=trust",
                  "--encoding=UTF8",
                  "--locale=C.UTF-8",
                  "--locale-provider=icu",
                  "--icu-locale=en-US",
                  "--no-sync"},
                 folder_ / "initdb.log");
  start_at_a_free_port(settings);
}

PostgresCluster::~PostgresCluster() {
  stop(SIGQUIT);
  std::error_code ignored;
  fs::remove_all(folder_, ignored);
}

std::string PostgresCluster::url(const std::string& database) const {
  return "postgresql://errand@127.0.0.1:" + std::to_string(port_) + "/" + database;
}

/// Between the look for a free port and the start another server may take it.
void PostgresCluster::start_at_a_free_port(const std::vector<std::string>& settings) {
  constexpr int tries_max = 3;
  for (int tries = 1;; ++tries) {
    port_ = free_port();
    configure(folder_, port_, settings);
    try {
      return start();
    } catch (const std::runtime_error&) {
      if (tries == tries_max)
        throw;
    }
  }
}

void PostgresCluster::start() {
  server_ = start_server(
      {newest_programs() / "postgres", "-D", (folder_ / "data").string()}, folder_, 30s);
}

void PostgresCluster::stop(int signal) {
  if (server_ == 0)
    return;
  ::kill(server_, signal);
  ::waitpid(server_, nullptr, 0);
  server_ = 0;
}

const std::string& shared_postgres_url() {
  static const std::string url = [] {
    if (const char* file = std::getenv("ERRAND_TEST_POSTGRES"))
      if (auto known = content_of(file); !known.empty())
        return known;
    static PostgresCluster own;
    make_postgres_templates(own.url());
    return own.url();
  }();
  return url;
}

void make_postgres_templates(const std::string& server_url) {
  const auto create = [&](TemporaryPostgres::Content content) {
    PostgresSession{server_url}.run("CREATE DATABASE " + template_of(content));
    return with_database(server_url, template_of(content));
  };
  open_store({.database_url = create(TemporaryPostgres::Content::migrated)})->migrate();
  make_roles_by_the_guide(create(TemporaryPostgres::Content::by_the_guide));
}

TemporaryPostgres::TemporaryPostgres(Content content) {
  static std::atomic<int> counter{0};
  name_ = "test_" + std::to_string(::getpid()) + "_" + std::to_string(++counter);
  url_ = with_database(shared_postgres_url(), name_);
  PostgresSession{shared_postgres_url()}.run("CREATE DATABASE " + name_ + " TEMPLATE " +
                                             template_of(content) + " STRATEGY FILE_COPY");
}

TemporaryPostgres::~TemporaryPostgres() {
  try {
    PostgresSession{shared_postgres_url()}.run("DROP DATABASE " + name_ + " WITH (FORCE)");
  } catch (const std::exception&) {  // the server goes away as a whole, soon
    return;
  }
}

}  // namespace errand::testing
