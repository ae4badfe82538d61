#pragma once

#include <errand/clock.hpp>
#include <string>
#include <string_view>

namespace demo {

struct MailMessage {
  std::string from{};
  std::string to{};
  std::string subject{};
  std::string body{};
  std::string message_id{};  ///< without the angle brackets
  errand::TimePoint date{};
};

/// One plain address, `name@host`, and nothing that could begin another header or command.
[[nodiscard]] bool is_mail_address(std::string_view text);

/// The message as RFC 5322 has it: CRLF line ends, text in UTF-8, words beyond ASCII encoded in
/// headers. Throws `Error{invalid}` for an address that is none and for a line end in the subject.
[[nodiscard]] std::string format_mail(const MailMessage& message);

}  // namespace demo
