#include "common/wishes.hpp"

#include <CLI/CLI.hpp>
#include <cstdlib>

namespace errand::bench {

bool Wishes::include(const std::string& scenario) const {
  return only.empty() || scenario == only || scenario.starts_with(only + ".");
}

Wishes read_wishes(const std::string& program, int argc, char** argv) {
  Wishes wishes;
  CLI::App arguments{"Measures, and prints a table in Markdown", program};
  const auto positive = CLI::Range(1, 1'000'000'000);
  arguments.add_option("--only", wishes.only, "a scenario, or a group of them: submit, growth");
  arguments.add_option("--database", wishes.database, "a database that may be written to");
  arguments.add_option("--jobs", wishes.jobs, "how many jobs are drained")->check(positive);
  arguments.add_option("--workers", wishes.workers, "how many processes drain")->check(positive);
  arguments.add_option("--clients", wishes.clients, "how many submit at once")->check(positive);
  arguments.add_option("--batch", wishes.batch, "how many jobs a claim takes")->check(positive);
  arguments.add_option("--payload", wishes.payload, "bytes of JSON of a job")
      ->check(CLI::Range(20, 1'000'000));
  arguments
      .add_option(
          "--kinds", wishes.kinds, "limit: jobs of so many kinds in turn, drained kind by kind")
      ->check(positive);
  arguments.add_option("--runs", wishes.runs, "how often each scenario is counted")
      ->check(positive);
  arguments.add_option("--samples", wishes.samples, "how many latencies")->check(positive);
  arguments.add_option("--rows", wishes.rows, "how many rows a table has grown to")
      ->check(positive);
  arguments.add_option("--seconds", wishes.seconds, "how long what has no end of its own goes on");
  arguments.add_flag("--json", wishes.json, "a line of JSON for each scenario");
  try {
    arguments.parse(argc, argv);
  } catch (const CLI::ParseError& refusal) {
    // NOLINTNEXTLINE(concurrency-mt-unsafe): before any thread is started
    std::exit(arguments.exit(refusal));
  }
  return wishes;
}

}  // namespace errand::bench
