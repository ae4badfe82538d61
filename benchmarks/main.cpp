// errand_bench [--runs N] [--database URL]: measures errand and prints a table in Markdown. Without
// a URL on an SQLite file of its own in the working folder.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <filesystem>
#include <fmt/format.h>
#include <iostream>

#include "scenarios.hpp"

namespace {

constexpr int default_runs = 5;

errand::Config benchmark_config(const std::string& database_url) {
  errand::Config config = errand::Config::from_env();
  config.database_url = database_url;
  config.worker_count = 2;
  config.port = 0;
  config.log_level = errand::LogLevel::warn;
  return config;
}

std::filesystem::path make_folder() {
  std::string pattern = (std::filesystem::current_path() / "errand-bench-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr)
    throw std::runtime_error{"cannot make a folder in the working folder"};
  return pattern;
}

void print_table(errand::ServerApp& app, int runs) {
  std::cout << "| what | figure | spread |\n|---|---|---|\n";
  for (const auto& row : errand::bench::run_scenarios(app, runs))
    std::cout << fmt::format("| {} | {} | {} |\n", row.what, row.figure, row.note);
}

struct Wishes {
  int runs{default_runs};
  std::string database_url{};
};

Wishes wishes_from(int argc, char** argv) {
  Wishes wishes;
  CLI::App arguments{"Measures errand and prints a table in Markdown", "errand_bench"};
  arguments.add_option("--runs", wishes.runs, "how often each scenario runs")
      ->check(CLI::Range(1, 100));
  arguments.add_option("--database", wishes.database_url, "a database that may be written to");
  try {
    arguments.parse(argc, argv);
  } catch (const CLI::ParseError& refusal) {
    // NOLINTNEXTLINE(concurrency-mt-unsafe): before any thread is started
    std::exit(arguments.exit(refusal));
  }
  return wishes;
}

int run_benchmark(const Wishes& wishes) {
  const std::filesystem::path folder = make_folder();
  const std::string url = wishes.database_url.empty() ? "sqlite:" + (folder / "bench.db").string()
                                                      : wishes.database_url;
  {
    // Children are told by the environment, not by an object.
    // NOLINTNEXTLINE(concurrency-mt-unsafe): before any thread is started
    ::setenv("DATABASE_URL", url.c_str(), 1);
    ::setenv("WORKER_LOG_LEVEL", "warn", 1);  // NOLINT(concurrency-mt-unsafe): same
    errand::ServerApp app{benchmark_config(url), errand::bench::benchmark_types()};
    app.start();
    print_table(app, wishes.runs);
    app.shutdown();
  }
  std::filesystem::remove_all(folder);
  return EXIT_SUCCESS;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    // NOLINTNEXTLINE(concurrency-mt-unsafe): before any thread is started
    if (std::getenv("ERRAND_IPC_FD") != nullptr)
      return errand::ServerApp{errand::Config::from_env(), errand::bench::benchmark_types()}.run();
    return run_benchmark(wishes_from(argc, argv));
  } catch (const std::exception& error) {
    std::cerr << "errand_bench: " << error.what() << "\n";
    return EXIT_FAILURE;
  }
}
