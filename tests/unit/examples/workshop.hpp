#pragma once

#include <errand/testing.hpp>
#include <filesystem>
#include <string>

#include "jobs/jobs.hpp"

namespace demo {

/// A folder of a test's own that goes with it, with the example's folders inside.
class Workshop {
 public:
  Workshop();
  Workshop(const Workshop&) = delete;
  Workshop& operator=(const Workshop&) = delete;
  ~Workshop();

  [[nodiscard]] Settings settings(int smtp_port = 0) const { return {folder_, smtp_port}; }

  void write(const std::string& path, const std::string& text) const;
  [[nodiscard]] std::string read(const std::string& path) const;
  [[nodiscard]] bool has(const std::string& path) const;

 private:
  std::filesystem::path folder_;
};

/// The notifications of this type that the user was sent.
[[nodiscard]] std::vector<errand::Json> notifications(const errand::testing::TestApp& app,
                                                      std::int64_t user,
                                                      const std::string& type);

/// The sentence of a failed job.
[[nodiscard]] std::string error_of(const errand::Job& job);

}  // namespace demo
