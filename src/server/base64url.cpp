#include "server/base64url.hpp"

#include <cstdint>

namespace errand {
namespace {

constexpr std::string_view alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

}  // namespace

std::string base64url_encode(std::string_view bytes) {
  std::string text;
  std::uint32_t bits = 0;
  int held = 0;
  for (const char byte : bytes) {
    bits = (bits << 8U) | static_cast<unsigned char>(byte);
    for (held += 8; held >= 6; held -= 6)
      text.push_back(alphabet[(bits >> static_cast<unsigned>(held - 6)) & 63U]);
  }
  if (held > 0)
    text.push_back(alphabet[(bits << static_cast<unsigned>(6 - held)) & 63U]);
  return text;
}

std::optional<std::string> base64url_decode(std::string_view text) {
  std::string bytes;
  std::uint32_t bits = 0;
  int held = 0;
  for (const char c : text) {
    const std::size_t value = alphabet.find(c);
    if (value == std::string_view::npos)
      return std::nullopt;
    bits = (bits << 6U) | static_cast<std::uint32_t>(value);
    held += 6;
    if (held >= 8) {
      held -= 8;
      bytes.push_back(static_cast<char>((bits >> static_cast<unsigned>(held)) & 255U));
    }
  }
  const std::uint32_t stray = bits & ((1U << static_cast<unsigned>(held)) - 1U);
  if (text.size() % 4 == 1 || stray != 0)
    return std::nullopt;
  return bytes;
}

}  // namespace errand
