#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "workshop.hpp"

namespace demo {
namespace {

using errand::JobState;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

class NightlyReportJob : public ::testing::Test {
 protected:
  std::string report() {
    const errand::Job job =
        app_.submit({.tag = "report", .type = std::string{nightly_report}, .user_id = 42});
    app_.run_due();
    const errand::Job done = app_.job(job.id);
    EXPECT_EQ(done.state, JobState::succeeded) << error_of(done);
    return workshop_.read(done.result.value("path", ""));
  }

  Workshop workshop_{};
  errand::testing::TestApp app_{make_registry(workshop_.settings())};
};

TEST_F(NightlyReportJob, CountsJobsByTypeAndOutcome) {
  workshop_.write("data.csv", "id\n1\n2\n3\n");
  app_.submit(ImportCsv{"data.csv", "imported_rows"}, {.tag = "import"});
  app_.submit(ResizeImage{"missing.png", 10, "out.png"}, {.tag = "resize"});
  app_.run_due();
  const std::string text = report();
  EXPECT_THAT(text, HasSubstr("<tr><td>importCsv</td><td>succeeded</td><td>1</td></tr>"));
  EXPECT_THAT(text, HasSubstr("<tr><td>resizeImage</td><td>failed</td><td>1</td></tr>"));
  EXPECT_THAT(text, HasSubstr("<p>3</p>"));
}

TEST_F(NightlyReportJob, EscapesWhatUsersWrote) {
  workshop_.write("bad.png", "this is a text and no picture at all");
  app_.submit(ResizeImage{"./bad.png", 0, "<script>alert(1)</script>"}, {.tag = "resize"});
  app_.submit(ResizeImage{"<b>&'\".png", 10, "out.png"}, {.tag = "resize"});
  app_.run_due();
  const std::string text = report();
  EXPECT_THAT(text, HasSubstr("&lt;b&gt;&amp;&#39;&quot;.png"));
  EXPECT_THAT(text, Not(HasSubstr("<b>&")));
}

TEST_F(NightlyReportJob, TellsTheUserWhoAskedForIt) {
  report();
  EXPECT_THAT(notifications(app_, 42, "reportReady"), SizeIs(1));
}

TEST_F(NightlyReportJob, RunsEveryNightAndTellsNobody) {
  app_.advance(std::chrono::hours{49});
  const auto count =
      std::distance(std::filesystem::directory_iterator{workshop_.settings().reports()}, {});
  EXPECT_EQ(count, 2);
  EXPECT_THAT(app_.sent_to(0), IsEmpty());
}

}  // namespace
}  // namespace demo
