#include "server/smtp_dialogue.hpp"

#include <algorithm>
#include <utility>

namespace demo {
namespace {

constexpr std::size_t text_bytes_max = 1 << 20;
constexpr std::size_t recipients_max = 100;

std::string upper(std::string_view text) {
  std::string result{text};
  std::transform(result.begin(), result.end(), result.begin(), [](char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  });
  return result;
}

std::optional<std::string> path_of(std::string_view argument) {
  const std::size_t open = argument.find('<');
  const std::size_t close = argument.find('>', open);
  if (open == std::string_view::npos || close == std::string_view::npos)
    return std::nullopt;
  return std::string{argument.substr(open + 1, close - open - 1)};
}

SmtpDialogue::Step say(std::string reply) {
  return {std::move(reply), false, std::nullopt};
}

}  // namespace

std::string SmtpDialogue::greeting() {
  return "220 errand demo mail sink";
}

SmtpDialogue::Step SmtpDialogue::take(std::string_view line) {
  return in_text_ ? text(line) : command(line);
}

SmtpDialogue::Step SmtpDialogue::command(std::string_view line) {
  const std::size_t space = std::min(line.find(' '), line.size());
  const std::string verb = upper(line.substr(0, space));
  const std::string_view argument = line.substr(std::min(space + 1, line.size()));
  if (verb == "HELO" || verb == "EHLO")
    return say("250 errand.example");
  if (verb == "MAIL")
    return sender(argument);
  if (verb == "RCPT")
    return recipient(argument);
  if (verb == "DATA")
    return begin_text();
  if (verb == "NOOP")
    return say("250 fine");
  if (verb == "RSET") {
    mail_.reset();
    return say("250 forgotten");
  }
  if (verb == "QUIT")
    return {"221 goodbye", true, std::nullopt};
  return say("502 this command is not known here");
}

SmtpDialogue::Step SmtpDialogue::sender(std::string_view argument) {
  const auto path = path_of(argument);
  if (!path)
    return say("501 MAIL FROM:<address> is the form");
  mail_ = ReceivedMail{*path, {}, {}};
  return say("250 go on");
}

SmtpDialogue::Step SmtpDialogue::recipient(std::string_view argument) {
  const auto path = path_of(argument);
  if (!mail_)
    return say("503 MAIL comes first");
  if (!path || path->empty())
    return say("501 RCPT TO:<address> is the form");
  if (mail_->recipients.size() >= recipients_max)
    return say("452 too many recipients");
  std::string reply = rule_(*path);
  if (reply.starts_with("250"))
    mail_->recipients.push_back(*path);
  return say(std::move(reply));
}

SmtpDialogue::Step SmtpDialogue::begin_text() {
  if (!mail_ || mail_->recipients.empty())
    return say("503 a recipient comes first");
  in_text_ = true;
  too_long_ = false;
  return say("354 end with a line that is a single dot");
}

SmtpDialogue::Step SmtpDialogue::text(std::string_view line) {
  if (line == ".") {
    in_text_ = false;
    ReceivedMail mail = std::exchange(mail_, std::nullopt).value_or(ReceivedMail{});
    if (too_long_)
      return say("552 the message is longer than 1 MiB");
    return {"250 stored", false, std::move(mail)};
  }
  if (line.starts_with("."))
    line.remove_prefix(1);
  too_long_ = too_long_ || mail_->text.size() + line.size() + 2 > text_bytes_max;
  if (!too_long_)
    mail_->text.append(line).append("\r\n");
  return {};
}

}  // namespace demo
