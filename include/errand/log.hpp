#pragma once

#include <memory>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

namespace errand {

using Json = nlohmann::json;

enum class LogLevel { trace, debug, info, warn, error };

/// One line of a log before it is formatted. The views live as long as the call to
/// `LogSink::write`.
struct LogRecord {
  LogLevel level{LogLevel::info};
  std::string_view category{};  ///< "worker-1/job"
  std::string_view message{};
  const Json* fields{
      nullptr};  ///< an object; the logger's own fields first, then the call's; may be null
};

/// Where log records go. Called from any thread, one record at a time for one sink.
class LogSink {
 public:
  LogSink() = default;
  LogSink(const LogSink&) = delete;
  LogSink& operator=(const LogSink&) = delete;
  virtual ~LogSink() = default;

  virtual void write(const LogRecord& record) = 0;
};

/// A category, fields that every line carries, and a sink shared with its children. Copies are
/// cheap; every call is safe from any thread. Control characters in messages and values are escaped
/// before they reach a terminal or file.
///
///     log.info("resizing", {{"path", image.path}});
class Log {
 public:
  /// A log that drops everything.
  Log() = default;
  Log(std::shared_ptr<LogSink> sink,
      LogLevel level,
      std::string category = {},
      Json fields = nullptr);

  /// A log whose category is `this/category` and whose lines also carry `fields`.
  [[nodiscard]] Log child(std::string_view category, const Json& fields = nullptr) const;

  [[nodiscard]] bool enabled(LogLevel level) const noexcept;

  /// `fields` is an object of scalars: `{{"path", path}, {"width", 80}}`.
  void write(LogLevel level, std::string_view message, const Json& fields = nullptr) const;

  void trace(std::string_view message, const Json& fields = nullptr) const;
  void debug(std::string_view message, const Json& fields = nullptr) const;
  void info(std::string_view message, const Json& fields = nullptr) const;
  void warn(std::string_view message, const Json& fields = nullptr) const;
  void error(std::string_view message, const Json& fields = nullptr) const;

 private:
  struct Core;
  std::shared_ptr<const Core> core_{};
};

}  // namespace errand
