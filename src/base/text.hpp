#pragma once

#include <string>
#include <string_view>

namespace errand {

/// What an escaped byte looks like where escaped text may stand.
enum class Escape {
  line,    ///< one line for people: no quotes around it, so quotes and backslashes stay
  quoted,  ///< inside "…" for people: quotes and backslashes escaped too
  json,    ///< inside "…" of JSON: like `quoted`, and bytes that are not UTF-8 become U+FFFD
};

/// Appends `text` so that no terminal, log reader or editor acts on it: control characters (C0, C1,
/// DEL), line separators and the invisible characters that reorder text become \n, \t, \r or
/// \uXXXX; bytes that are not UTF-8 become \xXX.
void append_escaped(std::string& out, std::string_view text, Escape escape);

[[nodiscard]] std::string escaped(std::string_view text, Escape escape = Escape::line);

/// Bytes of the well-formed UTF-8 character that `text` begins with, 0 when there is none.
[[nodiscard]] std::size_t utf8_character_bytes(std::string_view text);

/// The longest beginning of `text` that has at most `bytes_max` bytes and ends between characters.
[[nodiscard]] std::string_view utf8_prefix(std::string_view text, std::size_t bytes_max);

/// Without spaces, tabs and line ends at both ends.
[[nodiscard]] std::string_view trimmed(std::string_view text);

}  // namespace errand
