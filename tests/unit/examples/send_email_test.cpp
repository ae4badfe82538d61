#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "server/background_thread.hpp"
#include "server/smtp_sink.hpp"
#include "workshop.hpp"

namespace demo {
namespace {

using errand::JobState;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class SendEmailJob : public ::testing::Test {
 protected:
  errand::Job send(const std::string& to, const std::string& subject = "Hello") {
    const errand::Job job =
        app_.submit(SendEmail{to, subject, "One\n.\nTwo"}, {.tag = "mail", .user_id = 42});
    app_.run_due();
    return app_.job(job.id);
  }

  Workshop workshop_{};
  boost::asio::io_context context_{1};
  SmtpSink sink_{context_, 0, workshop_.settings().mail()};
  BackgroundThread thread_{context_};
  errand::testing::TestApp app_{make_registry(workshop_.settings(sink_.port()))};
};

TEST_F(SendEmailJob, DeliversTheMessageAsItIs) {
  const errand::Job job = send("ada@example.com", "Grüße");
  EXPECT_EQ(job.state, JobState::succeeded) << error_of(job);
  const std::string mail = workshop_.read("mail/mail-1.eml");
  EXPECT_THAT(mail, HasSubstr("Return-Path: <demo@errand.example>\r\n"));
  EXPECT_THAT(mail, HasSubstr("To: <ada@example.com>\r\n"));
  EXPECT_THAT(mail,
              HasSubstr("Message-ID: <job-" + std::to_string(job.id) + "@errand.example>\r\n"));
  EXPECT_THAT(mail, HasSubstr("\r\n\r\nOne\r\n.\r\nTwo\r\n"));
  EXPECT_THAT(notifications(app_, 42, "emailSent"), SizeIs(1));
}

TEST_F(SendEmailJob, FailsForGoodWhenTheMailboxDoesNotExist) {
  const errand::Job job = send("nobody@nowhere.invalid");
  EXPECT_EQ(job.state, JobState::failed);
  EXPECT_THAT(error_of(job), HasSubstr("the mail to nobody@nowhere.invalid was not accepted"));
  EXPECT_THAT(error_of(job), HasSubstr("550"));
  EXPECT_EQ(app_.advance(std::chrono::minutes{30}), 0);
  EXPECT_FALSE(workshop_.has("mail/mail-1.eml"));
  EXPECT_THAT(notifications(app_, 42, "emailSent"), IsEmpty());
}

TEST_F(SendEmailJob, TriesAgainWhenTheServerSaysLaterWithTheSameMessageId) {
  const errand::Job job = send("later@example.com");
  EXPECT_EQ(job.state, JobState::failed);
  EXPECT_THAT(error_of(job), HasSubstr("451"));
  EXPECT_EQ(app_.advance(std::chrono::seconds{2}), 1);
  const auto attempts = app_.app().worker_manager().attempts_of(job.id);
  ASSERT_EQ(attempts.size(), 2U);
  EXPECT_EQ(attempts[1].state, JobState::succeeded) << error_of(attempts[1]);
  EXPECT_THAT(workshop_.read("mail/mail-1.eml"),
              HasSubstr("<job-" + std::to_string(job.id) + "@errand.example>"));
}

TEST_F(SendEmailJob, GivesUpOnAnAddressThatWouldBeginAnotherCommand) {
  const errand::Job job = send("a@example.com\r\nRCPT TO:<b@example.com>");
  EXPECT_EQ(job.state, JobState::failed);
  EXPECT_THAT(error_of(job), HasSubstr("is not a mail address"));
}

TEST_F(SendEmailJob, GivesUpOnASubjectWithALineEnd) {
  const errand::Job job = send("ada@example.com", "a\nBcc: b@example.com");
  EXPECT_EQ(job.state, JobState::failed);
  EXPECT_THAT(error_of(job), HasSubstr("line end"));
  EXPECT_EQ(app_.advance(std::chrono::minutes{30}), 0);
}

TEST(SendEmail, TriesAgainWhileNobodyListens) {
  const Workshop workshop;
  int port = 0;
  {
    boost::asio::io_context context{1};
    port = SmtpSink{context, 0, workshop.settings().mail()}.port();
  }
  errand::testing::TestApp app{make_registry(workshop.settings(port))};
  const errand::Job job = app.submit(SendEmail{"ada@example.com", "x", "y"}, {.tag = "mail"});
  app.run_due();
  EXPECT_EQ(app.job(job.id).state, JobState::failed);
  EXPECT_EQ(app.advance(std::chrono::hours{1}), 5);
  EXPECT_EQ(app.app().worker_manager().attempts_of(job.id).size(), 6U);
}

TEST(SendEmail, SaysWhatIsMissingWhenNoServerIsKnown) {
  const Workshop workshop;
  errand::testing::TestApp app{make_registry(workshop.settings())};
  const errand::Job job = app.submit(SendEmail{"ada@example.com", "x", "y"}, {.tag = "mail"});
  app.run_due();
  EXPECT_THAT(error_of(app.job(job.id)), HasSubstr("DEMO_SMTP_PORT"));
}

}  // namespace
}  // namespace demo
