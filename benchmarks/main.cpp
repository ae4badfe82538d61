// errand_bench [runs]: measures errand on an SQLite file in the working folder and prints a table
// in Markdown.
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fmt/format.h>
#include <iostream>

#include "scenarios.hpp"

namespace {

constexpr int default_runs = 5;

errand::Config benchmark_config(const std::filesystem::path& folder) {
  errand::Config config = errand::Config::from_env();
  if (config.ipc_fd)
    return config;
  config.database_url = "sqlite:" + (folder / "bench.db").string();
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

int run_benchmark(int runs) {
  const std::filesystem::path folder = make_folder();
  {
    const errand::Config config = benchmark_config(folder);
    // Children are told by the environment, not by this object.
    ::setenv("DATABASE_URL",
             config.database_url.c_str(),
             1);  // NOLINT(concurrency-mt-unsafe): before any thread is started
    ::setenv("WORKER_LOG_LEVEL", "warn", 1);  // NOLINT(concurrency-mt-unsafe): same
    errand::ServerApp app{config, errand::bench::benchmark_types()};
    app.start();
    std::cout << "| what | figure | spread |\n|---|---|---|\n";
    for (const auto& row : errand::bench::run_scenarios(app, runs)) {
      std::cout << fmt::format("| {} | {} | {} |\n", row.what, row.figure, row.note);
    }
    app.shutdown();
  }
  std::filesystem::remove_all(folder);
  return EXIT_SUCCESS;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    if (std::getenv("ERRAND_IPC_FD") !=
        nullptr) {  // NOLINT(concurrency-mt-unsafe): before any thread is started
      return errand::ServerApp{errand::Config::from_env(), errand::bench::benchmark_types()}.run();
    }
    return run_benchmark(argc > 1 ? std::max(1, std::atoi(argv[1]))
                                  : default_runs);  // NOLINT(cert-err34-c): a bad count is 1
  } catch (const std::exception& error) {
    std::cerr << "errand_bench: " << error.what() << "\n";
    return EXIT_FAILURE;
  }
}
