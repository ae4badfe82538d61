#pragma once

#include <errand/clock.hpp>
#include <errand/log.hpp>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace errand {

enum class LogFormat { text, json };

/// A sink that writes lines to a descriptor (stderr) through spdlog; never blocks the program for
/// ever on a full pipe.
///   text: 2026-01-29T05:08:33.934Z [info] <worker-1/job> message key=value key2="two words"
///   json: {"time":"…","level":"info","category":"worker-1/job","message":"message","key":"value"}
[[nodiscard]] std::shared_ptr<LogSink> make_log_sink(int fd,
                                                     LogFormat format,
                                                     std::shared_ptr<const Clock> clock);

/// One line without its newline; control characters, invalid UTF-8 and (in text) quotes escaped.
/// Pure, for the tests.
[[nodiscard]] std::string format_log_line(const LogRecord& record, LogFormat format, TimePoint now);

[[nodiscard]] std::string_view to_text(LogLevel level);
/// Nothing when it is none of trace debug info warn error.
[[nodiscard]] std::optional<LogLevel> log_level_from_text(std::string_view text);

}  // namespace errand
