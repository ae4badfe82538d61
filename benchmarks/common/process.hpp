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

/// Runs this program again, `count` times at once, with `arguments`; returns when all have ended.
/// Throws `std::runtime_error` when one fails.
void run_self(int count, const std::vector<std::string>& arguments);

/// "drain, 2 processes, batch 500      181,000 jobs/s"
void print_rate(const std::string& what, double jobs, double seconds);

}  // namespace errand::bench
