// A job that exists exactly if the caller's own transaction commits: an order and the job that
// ships it are one commit on the program's own connection. Nothing is started here; the program
// only submits.
#include <errand/errand.hpp>
#include <iostream>
#include <memory>
#include <string>

#include <sqlite3.h>

namespace {

struct CloseDatabase {
  void operator()(sqlite3* handle) const noexcept { sqlite3_close(handle); }
};

using Connection = std::unique_ptr<sqlite3, CloseDatabase>;

struct ShipOrder {
  static constexpr std::string_view job_type = "shipOrder";
  int order{0};
  NLOHMANN_DEFINE_TYPE_INTRUSIVE(ShipOrder, order)
};

errand::JobRegistry make_jobs() {
  errand::JobRegistry jobs;
  jobs.add<ShipOrder>([](errand::JobContext& context, const ShipOrder& ship) {
    context.log().info("shipped", {{"order", ship.order}});
  });
  return jobs;
}

Connection open_database(const std::string& path) {
  sqlite3* handle = nullptr;
  const int result = sqlite3_open(path.c_str(), &handle);
  Connection connection{handle};
  if (result != SQLITE_OK)
    throw errand::Error{errand::ErrorKind::unavailable, "cannot open " + path};
  sqlite3_busy_timeout(handle, 5000);
  return connection;
}

void execute(const Connection& connection, const std::string& sql) {
  if (sqlite3_exec(connection.get(), sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK)
    throw errand::Error{errand::ErrorKind::unavailable, sqlite3_errmsg(connection.get())};
}

void place_order(const Connection& connection, errand::ServerApp& app, int order, bool commit) {
  execute(connection, "BEGIN IMMEDIATE");
  execute(connection, "INSERT INTO orders VALUES (" + std::to_string(order) + ")");
  app.worker_manager().submit_job(errand::BorrowedTransaction{*connection},
                                  ShipOrder{order},
                                  {.tag = "ship:" + std::to_string(order)});
  execute(connection, commit ? "COMMIT" : "ROLLBACK");
}

void run(const std::string& path) {
  errand::Config config;
  config.database_url = "sqlite:" + path;
  errand::ServerApp app{config, make_jobs()};
  std::cout << app.worker_manager().list_jobs({.type = "shipOrder"}).jobs.size()
            << " jobs were waiting\n";
  const Connection connection = open_database(path);
  execute(connection, "CREATE TABLE IF NOT EXISTS orders (id INTEGER)");
  place_order(connection, app, 1, true);
  place_order(connection, app, 2, false);
  for (const errand::Job& job : app.worker_manager().list_jobs({.type = "shipOrder"}).jobs)
    std::cout << "job " << job.id << " will ship " << job.data.dump() << "\n";
}

}  // namespace

int main(int argc, char** argv) {
  try {
    run(argc > 1 ? argv[1] : "orders.db");
    return 0;
  } catch (const errand::Error& error) {
    std::cerr << error.what() << "\n";
    return 1;
  }
}
