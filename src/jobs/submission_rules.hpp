#pragma once

#include <errand/job_registry.hpp>
#include <string_view>

namespace errand {

inline constexpr std::size_t name_bytes_max = 256;  ///< of tags, types and keys
inline constexpr std::size_t queue_bytes_max = 128;

/// As far as an instant or a delay may lie from now.
inline constexpr milliseconds time_span_max{std::chrono::days{36'525}};

/// All of these throw `Error{invalid}` with the field.
void check_name(std::string_view name, std::string_view field);  ///< 1…256 bytes of text
void check_key(std::string_view key, std::string_view field);    ///< the same, or empty
void check_queue(std::string_view queue, std::string_view field);
void check_span(std::optional<milliseconds> span, std::string_view field);
void check_type(const JobType& type);

}  // namespace errand
