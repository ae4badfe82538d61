#pragma once

#include <chrono>
#include <stop_token>
#include <string>

namespace demo {

struct SmtpRequest {
  int port{0};  ///< on 127.0.0.1
  std::string from{};
  std::string to{};
  std::string message{};  ///< with CRLF line ends
  std::chrono::milliseconds timeout{std::chrono::seconds{15}};
};

struct SmtpReply {
  bool accepted{false};
  int code{0};             ///< the server's last answer; 0 = it gave none
  std::string sentence{};  ///< why it was not accepted

  /// The server said that trying again is of no use.
  [[nodiscard]] bool refused_for_good() const { return !accepted && code >= 500; }
};

/// Speaks SMTP through libcurl. Returns soon after a stop is asked for. Any thread.
[[nodiscard]] SmtpReply send_by_smtp(const SmtpRequest& request, const std::stop_token& stop);

}  // namespace demo
