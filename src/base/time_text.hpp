#pragma once

#include <errand/clock.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace errand {

/// "2026-01-29T05:08:33.934Z"
[[nodiscard]] std::string iso8601(TimePoint instant);

/// Accepts `YYYY-MM-DDTHH:MM[:SS[.fraction]](Z|±HH:MM)`; a space for the T too. Nothing when it is
/// not that or not a real date.
[[nodiscard]] std::optional<TimePoint> parse_iso8601(std::string_view text);

/// "250ms", "10s", "5m", "1h", "7d", or a plain number of milliseconds. Nothing for anything else,
/// a sign included.
[[nodiscard]] std::optional<std::chrono::milliseconds> parse_duration(std::string_view text);

/// The shortest of those forms that says it exactly: 90000 ms is "90s".
[[nodiscard]] std::string duration_text(std::chrono::milliseconds duration);

}  // namespace errand
