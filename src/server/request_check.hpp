#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace errand {

inline constexpr std::size_t head_bytes_max = 8 * 1024;
inline constexpr std::size_t target_bytes_max = 4 * 1024;
inline constexpr std::size_t fields_max = 64;

/// Why a request is answered with an error, in the words of the answer.
struct Refusal {
  int status{400};
  std::string code{};
  std::string message{};
  std::string field{};
};

struct HeadField {
  std::string name{};  ///< lower case
  std::string value{};
};

/// A request's head that passed every check: two readers cannot disagree about where it ends.
struct RequestHead {
  std::string method{};
  std::string target{};
  bool http_1_0{false};
  std::vector<HeadField> fields{};

  /// The value, or empty. `name` in lower case.
  [[nodiscard]] std::string_view field(std::string_view name) const;
  [[nodiscard]] bool has(std::string_view name) const;
  /// The comma-separated field lists this word, in any case.
  [[nodiscard]] bool lists(std::string_view name, std::string_view word) const;
  [[nodiscard]] bool has_body() const;
};

/// Where a head ends in bytes that arrive piece by piece.
struct HeadScan {
  std::size_t length{0};  ///< of the head with its empty line; 0 = more bytes are needed
  std::optional<Refusal> refusal{};
};

/// Looks at `bytes` from `seen` on (what an earlier call has looked at). Refuses bare CR or LF,
/// control characters and sizes over the limits as soon as they are there.
[[nodiscard]] HeadScan scan_head(std::string_view bytes, std::size_t seen);

struct HeadCheck {
  RequestHead head{};
  std::optional<Refusal> refusal{};
};

/// Strict reading of one whole head. What RFC 9112 lets a server repair is refused here, because a
/// proxy in front may repair it differently.
[[nodiscard]] HeadCheck check_head(std::string_view head);

/// Length, or nothing when it is not 1 to 16 digits.
[[nodiscard]] std::optional<std::uint64_t> parse_content_length(std::string_view text);

}  // namespace errand
