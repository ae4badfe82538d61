#include "server/demo_api.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "workshop.hpp"

namespace demo {
namespace {

using errand::Json;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::StartsWith;

class PageApi : public ::testing::Test {
 protected:
  PageAnswer get(const std::string& target) { return api_.answer({"GET", target, ""}); }

  PageAnswer press(const std::string& kind, const std::string& body) {
    return api_.answer({"POST", "/jobs/" + kind, body});
  }

  Workshop workshop_{};
  errand::testing::TestApp app_{make_registry(workshop_.settings())};
  DemoApi api_{
      app_.app(), workshop_.settings(), {{"images/a.png", "images/b.png"}, "tables/t.csv"}};
};

TEST_F(PageApi, ServesThePageAndItsParts) {
  EXPECT_THAT(get("/").body, HasSubstr("<!doctype html>"));
  EXPECT_EQ(get("/").content_type, "text/html; charset=utf-8");
  EXPECT_EQ(get("/demo.js").content_type, "text/javascript; charset=utf-8");
  EXPECT_EQ(get("/demo.css").status, 200);
  EXPECT_EQ(get("/demo.php").status, 404);
}

TEST_F(PageApi, KeepsToItsContentPolicy) {
  const std::string page = get("/").body;
  EXPECT_THAT(page, Not(HasSubstr("<style")));
  EXPECT_THAT(page, Not(HasSubstr("onclick")));
  EXPECT_THAT(page, Not(HasSubstr("http://")));
  EXPECT_THAT(page, Not(HasSubstr("https://")));
  EXPECT_THAT(get("/demo.js").body, Not(HasSubstr("innerHTML")));
}

TEST_F(PageApi, GivesAUserATokenAndRefusesWhatIsNoUser) {
  const Json session = Json::parse(get("/session?user=42").body);
  EXPECT_EQ(session.at("userId"), 42);
  EXPECT_EQ(session.at("token").get<std::string>(), session.at("token"));
  EXPECT_THAT(session.at("pictures"), SizeIs(2));
  for (const char* target : {"/session", "/session?user=", "/session?user=0", "/session?user=4x"})
    EXPECT_EQ(get(target).status, 400) << target;
}

TEST_F(PageApi, SubmitsEachOfTheFourJobsForTheUser) {
  for (const char* kind : {"resizeImage", "importCsv", "sendEmail", "nightlyReport"}) {
    const PageAnswer answer = press(kind, R"({"userId":42})");
    EXPECT_EQ(answer.status, 201) << answer.body;
    const auto jobs = app_.submitted(kind);
    ASSERT_FALSE(jobs.empty()) << kind;
    EXPECT_EQ(jobs.back().user_id, 42);
    EXPECT_EQ(jobs.back().id, Json::parse(answer.body).at("id"));
  }
  press("resizeImage", R"({"userId":7,"picture":3})");
  EXPECT_EQ(app_.submitted<ResizeImage>().back().path, "images/b.png");
  EXPECT_EQ(app_.submitted<ResizeImage>().back().output, "thumbnails/b-7.png");
}

TEST_F(PageApi, TellsAPageThatWasCutOffHowItsJobEnded) {
  const Json submitted = Json::parse(press("nightlyReport", R"({"userId":42})").body);
  const std::string target = "/jobs/" + std::to_string(submitted.at("id").get<int>());
  EXPECT_EQ(Json::parse(get(target).body).at("state"), "started");
  app_.run_due();
  const Json job = Json::parse(get(target).body);
  EXPECT_EQ(job.at("state"), "succeeded");
  EXPECT_EQ(job.at("type"), "nightlyReport");
  EXPECT_EQ(job.at("attempt"), 1);
  EXPECT_EQ(get("/jobs/99").status, 404);
  EXPECT_EQ(get("/jobs/x").status, 400);
}

TEST_F(PageApi, AnswersBadWishesWithASentence) {
  EXPECT_EQ(press("formatDisk", R"({"userId":42})").status, 404);
  EXPECT_EQ(press("sendEmail", "{").status, 400);
  EXPECT_EQ(press("sendEmail", "{}").status, 400);
  EXPECT_EQ(press("sendEmail", "[]").status, 400);
  EXPECT_EQ(press("sendEmail", R"({"userId":"x"})").status, 400);
  EXPECT_EQ(api_.answer({"DELETE", "/", ""}).status, 405);
}

TEST_F(PageApi, ShowsFilesThatJobsWroteAndNoOthers) {
  workshop_.write("reports/report-1.html", "<p>report</p>");
  workshop_.write("secret.txt", "secret");
  EXPECT_EQ(get("/files/reports/report-1.html").body, "<p>report</p>");
  EXPECT_EQ(get("/files/reports/report-1.html?3").status, 200);
  for (const char* target : {"/files/secret.txt",
                             "/files/reports/../secret.txt",
                             "/files/reports/..",
                             "/files/reports/",
                             "/files/reports/%2e%2e/secret.txt",
                             "/files//etc/passwd",
                             "/files/reports/report-2.html"})
    EXPECT_EQ(get(target).status, 404) << target;
}

}  // namespace
}  // namespace demo
