// How fast waiting jobs are run.
#include "scenarios/drain.hpp"
#include "scenarios/scenarios.hpp"

namespace errand::bench {
namespace {

Report drain(const Wishes& wishes, const std::string& folder) {
  Report report{
      "drain",
      std::to_string(wishes.jobs) + " jobs, " + std::to_string(wishes.workers) + " workers"};
  Stage stage{wishes, folder, "drain"};
  stage.play(wishes.workers, [&](ServerApp& app) {
    for (int run = 0; run < wishes.runs; ++run) {
      stage.empty();
      add(report, drain_once(stage, app, wishes.jobs, with_payloads_of(wishes.payload)));
    }
  });
  return report;
}

}  // namespace

std::vector<Scenario> drain_scenarios() {
  return {{"drain", drain}};
}

}  // namespace errand::bench
