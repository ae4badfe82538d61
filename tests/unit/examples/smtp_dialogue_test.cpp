#include "server/smtp_dialogue.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace demo {
namespace {

using ::testing::ElementsAre;
using ::testing::StartsWith;

class Dialogue : public ::testing::Test {
 protected:
  std::string say(std::string_view line) {
    last_ = dialogue_.take(line);
    return last_.reply;
  }

  void begin_text() {
    say("EHLO here");
    say("MAIL FROM:<a@example.com>");
    say("RCPT TO:<b@example.com>");
    ASSERT_THAT(say("DATA"), StartsWith("354"));
  }

  SmtpDialogue dialogue_{[](const std::string& address) -> std::string {
    return address == "b@example.com" ? "250 go on" : "550 nobody";
  }};
  SmtpDialogue::Step last_{};
};

TEST_F(Dialogue, ReceivesAMessage) {
  begin_text();
  EXPECT_EQ(say("Subject: x"), "");
  EXPECT_EQ(say(""), "");
  EXPECT_THAT(say("."), StartsWith("250"));
  ASSERT_TRUE(last_.mail.has_value());
  EXPECT_EQ(last_.mail->from, "a@example.com");
  EXPECT_THAT(last_.mail->recipients, ElementsAre("b@example.com"));
  EXPECT_EQ(last_.mail->text, "Subject: x\r\n\r\n");
}

TEST_F(Dialogue, TakesTheDotAwayThatTheSenderDoubled) {
  begin_text();
  say("..");
  say("..x");
  say(".");
  EXPECT_EQ(last_.mail->text, ".\r\n.x\r\n");
}

TEST_F(Dialogue, RefusesARecipientByTheRuleAndThenHasNone) {
  say("HELO here");
  say("MAIL FROM:<a@example.com>");
  EXPECT_THAT(say("rcpt to:<c@example.com>"), StartsWith("550"));
  EXPECT_THAT(say("DATA"), StartsWith("503"));
}

TEST_F(Dialogue, KeepsTheOrderOfCommands) {
  EXPECT_THAT(say("RCPT TO:<b@example.com>"), StartsWith("503"));
  EXPECT_THAT(say("DATA"), StartsWith("503"));
  EXPECT_THAT(say("MAIL FROM:a"), StartsWith("501"));
  EXPECT_THAT(say("VRFY b"), StartsWith("502"));
  EXPECT_THAT(say(""), StartsWith("502"));
}

TEST_F(Dialogue, ForgetsAMessageOnReset) {
  say("MAIL FROM:<a@example.com>");
  say("RCPT TO:<b@example.com>");
  EXPECT_THAT(say("RSET"), StartsWith("250"));
  EXPECT_THAT(say("DATA"), StartsWith("503"));
}

TEST_F(Dialogue, RefusesAMessageOfMoreThanOneMegabyteAfterHearingItOut) {
  begin_text();
  const std::string line(1000, 'x');
  for (int i = 0; i < 1100; ++i)
    say(line);
  EXPECT_THAT(say("."), StartsWith("552"));
  EXPECT_FALSE(last_.mail.has_value());
  EXPECT_THAT(say("NOOP"), StartsWith("250"));
}

TEST_F(Dialogue, ClosesOnQuit) {
  EXPECT_THAT(say("QUIT"), StartsWith("221"));
  EXPECT_TRUE(last_.close);
}

}  // namespace
}  // namespace demo
