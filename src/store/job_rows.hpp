#pragma once

#include <string_view>

#include "store/database.hpp"
#include "store/job_store.hpp"

/// Rows as values: the order of columns is that of sql/<dialect>/fragments.
namespace errand::sql {

/// The time that the caller gave, or the database's.
[[nodiscard]] inline TimePoint time_of(Connection& connection, const JobStore::Now& now) {
  return now ? *now : connection.now();
}

/// What a column of milliseconds holds.
[[nodiscard]] inline std::optional<std::int64_t> count_of(
    const std::optional<milliseconds>& duration) {
  return duration ? std::optional{std::int64_t{duration->count()}} : std::nullopt;
}

[[nodiscard]] ClaimedJob claimed_from(const Row& row);
[[nodiscard]] Job job_from(const Row& row);

/// Text that another program damaged reads as a JSON string rather than failing the list it is in.
[[nodiscard]] Json json_from(std::string_view text);

/// As `progress` holds it.
[[nodiscard]] std::string progress_text(const Progress& progress);

[[nodiscard]] std::string_view misfire_text(Misfire misfire);
[[nodiscard]] Misfire misfire_from(std::string_view text);

}  // namespace errand::sql
