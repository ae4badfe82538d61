#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace demo {

struct ReceivedMail {
  std::string from{};
  std::vector<std::string> recipients{};
  std::string text{};
};

/// What the server says to a recipient: 250, or a refusal.
using RecipientRule = std::function<std::string(const std::string& address)>;

/// The server's side of one SMTP conversation (RFC 5321, what is needed to receive), line by line
/// and without a socket.
class SmtpDialogue {
 public:
  struct Step {
    std::string reply{};  ///< empty: nothing to say yet
    bool close{false};
    std::optional<ReceivedMail> mail{};  ///< complete; store it before the reply is sent
  };

  explicit SmtpDialogue(RecipientRule rule) : rule_{std::move(rule)} {}

  [[nodiscard]] static std::string greeting();

  /// One line without its line end.
  [[nodiscard]] Step take(std::string_view line);

 private:
  [[nodiscard]] Step command(std::string_view line);
  [[nodiscard]] Step text(std::string_view line);
  [[nodiscard]] Step sender(std::string_view argument);
  [[nodiscard]] Step recipient(std::string_view argument);
  [[nodiscard]] Step begin_text();

  RecipientRule rule_;
  bool in_text_{false};
  bool too_long_{false};
  std::optional<ReceivedMail> mail_{};
};

}  // namespace demo
