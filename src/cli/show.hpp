#pragma once

#include <errand/clock.hpp>
#include <errand/job.hpp>
#include <optional>
#include <string>
#include <string_view>

/// Values as people read them in tables.
namespace errand::cli {

/// "2026-01-29 05:08:33", UTC; "-" for none.
[[nodiscard]] std::string shown_time(std::optional<TimePoint> instant);

/// Every line of a message escaped; only the line ends stay.
[[nodiscard]] std::string shown_lines(std::string_view message);

/// "512 MiB"
[[nodiscard]] std::string shown_bytes(std::int64_t bytes);

/// "2 of 5", "2" when there is no end.
[[nodiscard]] std::string shown_attempt(const Job& job);

/// The sentence of a job's error, its reason when there is none, or nothing.
[[nodiscard]] std::string shown_error(const Job& job);

}  // namespace errand::cli
