// A program that uses errand: four job types, errand's own commands, and two of its own.
//
//   errand_demo            the server, with a page to play with
//   errand_demo --once     the same without a person
//   errand_demo jobs …     every other command of errand's
#include <string_view>

#include "jobs/jobs.hpp"
#include "once/once.hpp"
#include "server/demo_server.hpp"

int main(int argc, char** argv) {
  const bool is_child = !demo::environment("ERRAND_IPC_FD").empty();
  const std::string_view command = argc > 1 ? argv[1] : "serve";
  if (!is_child && argc <= 2 && command == "serve")
    return demo::run_demo_server();
  if (!is_child && argc == 2 && command == "--once")
    return demo::run_once();
  return errand::main(argc, argv, demo::make_registry(demo::Settings::from_environment()));
}
