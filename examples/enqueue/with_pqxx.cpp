// An order and the job that ships it in one transaction of libpqxx.
//
//   DATABASE_URL=postgresql://… ./example_enqueue_pqxx ORDER
#include <cstdlib>
#include <errand/adapters/pqxx.hpp>
#include <errand/errand.hpp>
#include <iostream>

#include "shop.hpp"

namespace {

void place_order(pqxx::connection& connection, errand::ServerApp& app, int order) {
  pqxx::work work{connection};
  const errand::Job job =
      app.worker_manager().submit_job(errand::borrow(work), shop::ship_order(order));
  work.exec("INSERT INTO orders VALUES (" + std::to_string(order) + ")");
  work.commit();
  std::cout << "job " << job.id << " will ship order " << order << "\n";
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const errand::Config config = errand::Config::from_env();
    errand::ServerApp app{config, shop::make_jobs()};
    pqxx::connection connection{config.database_url};
    place_order(connection, app, argc > 1 ? std::atoi(argv[1]) : 1);
    return 0;
  } catch (const std::exception& error) {
    std::cerr << error.what() << "\n";
    return 1;
  }
}
