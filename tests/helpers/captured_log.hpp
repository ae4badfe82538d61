#pragma once

#include <errand/log.hpp>
#include <mutex>
#include <string>
#include <vector>

namespace errand::testing {

/// Keeps what is logged: "level message".
class CapturedLog final : public LogSink {
 public:
  void write(const LogRecord& record) override {
    static constexpr const char* levels[] = {"trace", "debug", "info", "warn", "error"};
    const std::lock_guard lock{mutex_};
    lines_.push_back(std::string{levels[static_cast<int>(record.level)]} + " " +
                     std::string{record.message});
  }

  [[nodiscard]] bool has(std::string_view part) const {
    const std::lock_guard lock{mutex_};
    for (const std::string& line : lines_)
      if (line.find(part) != std::string::npos)
        return true;
    return false;
  }

  [[nodiscard]] std::string all() const {
    const std::lock_guard lock{mutex_};
    std::string text;
    for (const std::string& line : lines_)
      text += line + "\n";
    return text;
  }

 private:
  mutable std::mutex mutex_{};
  std::vector<std::string> lines_{};
};

}  // namespace errand::testing
