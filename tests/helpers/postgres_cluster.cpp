#include "helpers/postgres_cluster.hpp"

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

#include "store/open_store.hpp"

namespace errand::testing {
namespace {

namespace fs = std::filesystem;

constexpr const char* template_name = "errand_template";

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

PostgresCluster::PostgresCluster(const std::vector<std::string>& settings)
    : folder_{make_server_folder()}, port_{free_port()} {
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
  configure(folder_, port_, settings);
  start();
}

PostgresCluster::~PostgresCluster() {
  stop(SIGQUIT);
  std::error_code ignored;
  fs::remove_all(folder_, ignored);
}

std::string PostgresCluster::url(const std::string& database) const {
  return "postgresql://errand@127.0.0.1:" + std::to_string(port_) + "/" + database;
}

void PostgresCluster::start() {
  const auto log = folder_ / "server.log";
  server_ = start_server_program(
      {newest_programs() / "postgres", "-D", (folder_ / "data").string()}, log);
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{30};
  while (PQping(url().c_str()) != PQPING_OK) {
    if (::waitpid(server_, nullptr, WNOHANG) != 0 || std::chrono::steady_clock::now() > deadline)
      throw std::runtime_error{"the PostgreSQL server does not start: " + content_of(log)};
    std::this_thread::sleep_for(std::chrono::milliseconds{10});
  }
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
    make_postgres_template(own.url());
    return own.url();
  }();
  return url;
}

void make_postgres_template(const std::string& server_url) {
  PostgresSession{server_url}.run(std::string{"CREATE DATABASE "} + template_name);
  open_store({.database_url = with_database(server_url, template_name)})->migrate();
}

TemporaryPostgres::TemporaryPostgres(Content content) {
  static std::atomic<int> counter{0};
  name_ = "test_" + std::to_string(::getpid()) + "_" + std::to_string(++counter);
  url_ = with_database(shared_postgres_url(), name_);
  PostgresSession{shared_postgres_url()}.run(
      "CREATE DATABASE " + name_ + " TEMPLATE " +
      (content == Content::migrated ? template_name : "template0") + " STRATEGY FILE_COPY");
}

TemporaryPostgres::~TemporaryPostgres() {
  try {
    PostgresSession{shared_postgres_url()}.run("DROP DATABASE " + name_ + " WITH (FORCE)");
  } catch (const std::exception&) {  // the server goes away as a whole, soon
    return;
  }
}

}  // namespace errand::testing
