#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

namespace errand::bench {

/// A folder of its own in the working folder for one benchmark's database, removed at the end.
class BenchFolder {
 public:
  BenchFolder();
  BenchFolder(const BenchFolder&) = delete;
  BenchFolder& operator=(const BenchFolder&) = delete;
  ~BenchFolder();

  [[nodiscard]] std::string path() const { return path_.string(); }

  [[nodiscard]] std::string file(const std::string& name) const;

 private:
  std::filesystem::path path_{};
};

class Stopwatch {
 public:
  [[nodiscard]] double seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  }

 private:
  std::chrono::steady_clock::time_point start_{std::chrono::steady_clock::now()};
};

/// Runs this program again, `count` times at once, with `arguments`. They begin together, when each
/// has called `wait_for_the_others`. Returns the seconds from then to the end of the last. Throws
/// `std::runtime_error` when one fails.
double run_self(int count, const std::vector<std::string>& arguments);

/// In a process that `run_self` started: it is ready. Returns when all are.
void wait_for_the_others();

/// "drain, 2 processes, batch 500      181,000 jobs/s"
void print_rate(const std::string& what, double jobs, double seconds);

}  // namespace errand::bench
