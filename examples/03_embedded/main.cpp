// errand inside a program that has its own main loop: here, one that reads names from standard
// input and greets each of them in a worker process.
#include <errand/errand.hpp>
#include <iostream>
#include <string>

using namespace std::chrono_literals;

namespace {

errand::JobRegistry make_jobs() {
  errand::JobRegistry jobs;
  jobs.add("greet", [](errand::JobContext&, const errand::Json& data) -> errand::Json {
    return {{"greeting", "Hello, " + data.at("name").get<std::string>() + "!"}};
  });
  return jobs;
}

void greet(errand::WorkerManager& manager, const std::string& name) {
  const errand::Job job =
      manager.submit_job({.tag = "greet:" + name, .type = "greet", .data = {{"name", name}}});
  const auto done = manager.wait_for(job.id, 10s);
  if (done && done->success.value_or(false))
    std::cout << done->result.value("greeting", "") << "\n";
  else
    std::cout << "no greeting for " << name << "\n";
}

int run() {
  errand::ServerApp app{errand::Config::from_env(), make_jobs()};
  if (app.is_worker())
    return app.run();  // first thing: this process is a child
  app.start();         // returns once workers are up
  for (std::string name; std::getline(std::cin, name);)
    greet(app.worker_manager(), name);
  app.shutdown();
  return 0;
}

}  // namespace

int main() {
  try {
    return run();
  } catch (const errand::Error& error) {
    std::cerr << error.what() << "\n";
    return 1;
  }
}
