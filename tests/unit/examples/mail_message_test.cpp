#include "jobs/mail_message.hpp"

#include <errand/error.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace demo {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;

MailMessage message() {
  return {"demo@errand.example",
          "ada@example.com",
          "Hello",
          "First line\nSecond line",
          "job-7@errand.example",
          errand::TimePoint{std::chrono::seconds{1769663314}}};
}

TEST(MailAddress, IsOneNameAtOneHost) {
  EXPECT_TRUE(is_mail_address("ada@example.com"));
  EXPECT_TRUE(is_mail_address("ada+tag.x@mail.example.com"));
  for (const std::string_view bad :
       {"", "ada", "@example.com", "ada@", "a@b@c", "a b@c", "<a@b>", "a@b,c@d"})
    EXPECT_FALSE(is_mail_address(bad)) << bad;
}

TEST(MailAddress, CannotBeginAnotherCommand) {
  EXPECT_FALSE(is_mail_address("a@b\r\nRCPT TO:<c@d>"));
  EXPECT_FALSE(is_mail_address(std::string(300, 'a') + "@b"));
}

TEST(MailMessage, HasItsHeadersAndCrLfLineEnds) {
  const std::string text = format_mail(message());
  EXPECT_THAT(text, HasSubstr("Date: Thu, 29 Jan 2026 05:08:34 +0000\r\n"));
  EXPECT_THAT(text, HasSubstr("To: <ada@example.com>\r\nSubject: Hello\r\n"));
  EXPECT_THAT(text, HasSubstr("Message-ID: <job-7@errand.example>\r\n"));
  EXPECT_THAT(text, EndsWith("\r\n\r\nFirst line\r\nSecond line\r\n"));
}

TEST(MailMessage, EncodesASubjectBeyondAsciiInWordsOfAtMost75Characters) {
  MailMessage mail = message();
  mail.subject = "Grüße";
  EXPECT_THAT(format_mail(mail), HasSubstr("Subject: =?utf-8?B?R3LDvMOfZQ==?=\r\n"));
  mail.subject.clear();
  for (int i = 0; i < 100; ++i)
    mail.subject += "ü";
  const std::string text = format_mail(mail);
  std::size_t words = 0;
  for (std::size_t at = text.find("=?utf-8?B?"); at != std::string::npos;
       at = text.find("=?utf-8?B?", at + 1)) {
    ++words;
    EXPECT_LE(text.find("?=", at) + 2 - at, 75U);
  }
  EXPECT_EQ(words, 5U);
}

TEST(MailMessage, RefusesASubjectThatWouldBeginAnotherHeader) {
  MailMessage mail = message();
  mail.subject = "Hello\r\nBcc: everybody@example.com";
  EXPECT_THROW(static_cast<void>(format_mail(mail)), errand::Error);
}

TEST(MailMessage, RefusesAnAddressThatIsNone) {
  MailMessage mail = message();
  mail.to = "nobody";
  EXPECT_THROW(static_cast<void>(format_mail(mail)), errand::Error);
}

}  // namespace
}  // namespace demo
