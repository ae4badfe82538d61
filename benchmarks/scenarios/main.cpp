// errand_bench [--only SCENARIO] [--database URL] [--json]: measures errand. Without a URL on an
// SQLite file of its own in the working folder.
#include <cstdlib>
#include <iostream>

#include "common/process.hpp"
#include "scenarios/scenarios.hpp"

namespace {

using namespace errand::bench;

std::vector<Scenario> all_scenarios() {
  std::vector<Scenario> all;
  for (const auto& group : {submission_scenarios(),
                            drain_scenarios(),
                            latency_scenarios(),
                            fan_out_scenarios(),
                            idle_scenarios(),
                            growth_scenarios(),
                            feature_scenarios()})
    all.insert(all.end(), group.begin(), group.end());
  return all;
}

void measure(const Wishes& wishes) {
  const BenchFolder folder;
  bool found = false;
  if (!wishes.json)
    std::cout << markdown_head() << std::flush;
  for (const Scenario& scenario : all_scenarios()) {
    if (!wishes.include(scenario.name))
      continue;
    print(scenario.play(wishes, folder.path()), wishes.json);
    found = true;
  }
  if (!found)
    throw std::runtime_error{"there is no scenario " + wishes.only};
}

}  // namespace

int main(int argc, char** argv) {
  try {
    // NOLINTNEXTLINE(concurrency-mt-unsafe): before any thread is started
    if (std::getenv("ERRAND_IPC_FD") != nullptr)
      return errand::ServerApp{errand::Config::from_env(), benchmark_types()}.run();
    measure(read_wishes("errand_bench", argc, argv));
    return EXIT_SUCCESS;
  } catch (const std::exception& error) {
    std::cerr << "errand_bench: " << error.what() << "\n";
    return EXIT_FAILURE;
  }
}
