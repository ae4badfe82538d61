// An order and the job that ships it in one transaction of the program's own PGconn.
//
//   DATABASE_URL=postgresql://… ./example_enqueue_libpq ORDER
#include <cstdlib>
#include <errand/errand.hpp>
#include <iostream>
#include <memory>

#include <libpq-fe.h>

#include "shop.hpp"

namespace {

using Connection = std::unique_ptr<PGconn, decltype(&PQfinish)>;
using Result = std::unique_ptr<PGresult, decltype(&PQclear)>;

void execute(const Connection& connection, const std::string& sql) {
  const Result result{PQexec(connection.get(), sql.c_str()), &PQclear};
  if (PQresultStatus(result.get()) != PGRES_COMMAND_OK)
    throw errand::Error{errand::ErrorKind::unavailable, PQerrorMessage(connection.get())};
}

void place_order(const Connection& connection, errand::ServerApp& app, int order) {
  execute(connection, "BEGIN");
  const errand::Job job = app.worker_manager().submit_job(errand::BorrowedTransaction{*connection},
                                                          shop::ship_order(order));
  execute(connection, "INSERT INTO orders VALUES (" + std::to_string(order) + ")");
  execute(connection, "COMMIT");
  std::cout << "job " << job.id << " will ship order " << order << "\n";
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const errand::Config config = errand::Config::from_env();
    errand::ServerApp app{config, shop::make_jobs()};
    const Connection connection{PQconnectdb(config.database_url.c_str()), &PQfinish};
    place_order(connection, app, argc > 1 ? std::atoi(argv[1]) : 1);
    return 0;
  } catch (const errand::Error& error) {
    std::cerr << error.what() << "\n";
    return 1;
  }
}
