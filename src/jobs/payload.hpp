#pragma once

#include <errand/log.hpp>
#include <string>
#include <string_view>

namespace errand {

inline constexpr std::size_t payload_bytes_max = 1 << 20;
inline constexpr int payload_depth_max = 64;
inline constexpr std::size_t result_bytes_max = 64 * 1024;

/// The rules for JSON on both databases, checked once at submission. Throws `Error{invalid, …,
/// field}` for text that is not valid JSON in UTF-8, has NUL (also as \u0000), a lone surrogate, a
/// duplicate key, more than 64 levels, a number that does not survive a double (integers beyond
/// ±2^53, exponents beyond ±308), or more than 1 MiB.
void check_payload_text(std::string_view text, std::string_view field);

/// Serialises and checks a value built in C++ (where duplicate keys cannot occur, but invalid UTF-8
/// can).
[[nodiscard]] std::string payload_text(const Json& value, std::string_view field);

/// Parses JSON text that came from outside under the same rules.
[[nodiscard]] Json parse_payload(std::string_view text, std::string_view field);

/// For what a handler returns or throws: never refused. Invalid UTF-8, NUL and lone surrogates
/// become U+FFFD; text longer than `bytes_max` is cut on a character boundary and flagged.
[[nodiscard]] std::string sanitise_text(std::string_view text,
                                        std::size_t bytes_max = result_bytes_max);

/// JSON text of a handler's result, sanitised; one over 64 KiB becomes
/// `{"truncated":true,"bytes":N,"start":"…"}`.
[[nodiscard]] std::string result_text(const Json& result);

/// JSON text of a failure: an object with at least "error", sanitised. One over 64 KiB keeps only
/// its sentence, cut: `{"truncated":true,"bytes":N,"error":"…"}`.
[[nodiscard]] std::string error_text(const Json& error);

/// Whether the object has this text under this name. Nothing is allocated: nlohmann's own
/// comparison with a text allocates where it may not throw, and without memory the program would
/// end.
[[nodiscard]] bool has_text(const Json& object, const char* name, std::string_view text);

/// Well-formed UTF-8 without NUL, which PostgreSQL cannot store.
[[nodiscard]] bool is_storable_text(std::string_view text);

}  // namespace errand
