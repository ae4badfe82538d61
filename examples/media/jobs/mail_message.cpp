#include "jobs/mail_message.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <ctime>
#include <errand/error.hpp>

namespace demo {
namespace {

constexpr std::size_t address_bytes_max = 254;

bool is_address_character(char c) {
  return c > ' ' && c < '\x7f' &&
         std::string_view{"<>()[]\\,;:\"@"}.find(c) == std::string_view::npos;
}

std::string base64(std::string_view bytes) {
  constexpr std::string_view digits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    std::uint32_t group = 0;
    const std::size_t count = std::min<std::size_t>(3, bytes.size() - at);
    for (std::size_t i = 0; i < 3; ++i)
      group = (group << 8U) | (i < count ? static_cast<unsigned char>(bytes[at + i]) : 0U);
    for (std::size_t i = 0; i < 4; ++i)
      text += i <= count ? digits[(group >> (18U - 6U * i)) & 63U] : '=';
  }
  return text;
}

bool is_continuation(char c) {
  return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U;
}

// RFC 2047 allows 75 characters to an encoded word and no character cut in two.
std::string encoded_words(std::string_view text) {
  constexpr std::size_t piece_bytes = 42;
  std::string words;
  while (!text.empty()) {
    std::size_t end = std::min(piece_bytes, text.size());
    while (end < text.size() && end > 1 && is_continuation(text[end]))
      --end;
    words += (words.empty() ? "" : "\r\n ") + ("=?utf-8?B?" + base64(text.substr(0, end)) + "?=");
    text.remove_prefix(end);
  }
  return words;
}

std::string header_text(std::string_view text) {
  if (text.find_first_of(std::string_view{"\r\n\0", 3}) != std::string_view::npos)
    throw errand::Error{errand::ErrorKind::invalid,
                        "the subject has a line end in it: give it on one line",
                        "subject"};
  const bool plain = text.size() <= 78 && std::all_of(text.begin(), text.end(), [](char c) {
                       return c >= ' ' && c < '\x7f';
                     });
  return plain ? std::string{text} : encoded_words(text);
}

// Not strftime: the names of days and months are English whatever the locale.
std::string date_text(errand::TimePoint date) {
  constexpr std::array days{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array months{
      "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto seconds = std::chrono::floor<std::chrono::seconds>(date).time_since_epoch().count();
  const std::time_t time{seconds};
  std::tm utc{};
  gmtime_r(&time, &utc);
  std::array<char, 64> text{};
  const int size = std::snprintf(text.data(),
                                 text.size(),
                                 "%s, %02d %s %04d %02d:%02d:%02d +0000",
                                 days.at(static_cast<std::size_t>(utc.tm_wday)),
                                 utc.tm_mday,
                                 months.at(static_cast<std::size_t>(utc.tm_mon)),
                                 utc.tm_year + 1900,
                                 utc.tm_hour,
                                 utc.tm_min,
                                 utc.tm_sec);
  return {text.data(), static_cast<std::size_t>(std::max(size, 0))};
}

std::string with_crlf(std::string_view text) {
  std::string result;
  for (const char c : text) {
    if (c == '\n')
      result += "\r\n";
    else if (c != '\r')
      result += c;
  }
  return result;
}

void require_address(const std::string& address) {
  if (!is_mail_address(address))
    throw errand::Error{errand::ErrorKind::invalid,
                        "\"" + address + "\" is not a mail address like name@example.com",
                        "to"};
}

}  // namespace

bool is_mail_address(std::string_view text) {
  const std::size_t at = text.find('@');
  if (at == std::string_view::npos || at == 0 || at + 1 == text.size() ||
      text.size() > address_bytes_max)
    return false;
  const std::string_view host = text.substr(at + 1);
  return std::all_of(
             text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at), is_address_character) &&
         std::all_of(host.begin(), host.end(), is_address_character);
}

std::string format_mail(const MailMessage& message) {
  require_address(message.from);
  require_address(message.to);
  return "Date: " + date_text(message.date) + "\r\nFrom: <" + message.from + ">\r\nTo: <" +
         message.to + ">\r\nSubject: " + header_text(message.subject) + "\r\nMessage-ID: <" +
         message.message_id +
         ">\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
         "Content-Transfer-Encoding: 8bit\r\n\r\n" +
         with_crlf(message.body) + "\r\n";
}

}  // namespace demo
