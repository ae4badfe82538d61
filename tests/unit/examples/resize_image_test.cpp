#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "jobs/picture.hpp"
#include "workshop.hpp"

namespace demo {
namespace {

using errand::JobState;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class ResizeImageJob : public ::testing::Test {
 protected:
  errand::Job resize(const std::string& path, int width) {
    const errand::Job job = app_.submit(ResizeImage{path, width, "thumbnails/small.png"},
                                        {.tag = "resize", .user_id = 42});
    app_.run_due();
    return app_.job(job.id);
  }

  Workshop workshop_{};
  errand::testing::TestApp app_{make_registry(workshop_.settings())};
};

TEST_F(ResizeImageJob, WritesASmallerPictureAndTellsItsUserOnly) {
  workshop_.write("large.png", Picture{200, 100}.to_png());
  const errand::Job job = resize("large.png", 50);
  EXPECT_EQ(job.state, JobState::succeeded) << error_of(job);
  EXPECT_EQ(job.result,
            errand::Json({{"path", "thumbnails/small.png"}, {"width", 50}, {"height", 25}}));
  EXPECT_EQ(Picture::from_png(workshop_.read("thumbnails/small.png")).height(), 25);
  EXPECT_THAT(notifications(app_, 42, "imageReady"), SizeIs(1));
  EXPECT_THAT(app_.sent_to(7), IsEmpty());
}

TEST_F(ResizeImageJob, IsTheSameWhenItRunsTwice) {
  workshop_.write("large.png", Picture{200, 100}.to_png());
  resize("large.png", 50);
  const std::string first = workshop_.read("thumbnails/small.png");
  EXPECT_EQ(resize("large.png", 50).state, JobState::succeeded);
  EXPECT_EQ(workshop_.read("thumbnails/small.png"), first);
}

TEST_F(ResizeImageJob, GivesUpOnWhatIsNoPictureAndWritesNothing) {
  workshop_.write("text.png", "this is a text with a misleading name");
  const errand::Job job = resize("text.png", 50);
  EXPECT_EQ(job.state, JobState::failed);
  EXPECT_THAT(error_of(job), HasSubstr("cannot resize text.png: it is not a PNG file"));
  EXPECT_FALSE(workshop_.has("thumbnails/small.png"));
  EXPECT_THAT(notifications(app_, 42, "imageReady"), IsEmpty());
}

TEST_F(ResizeImageJob, GivesUpOnAWidthThatIsNone) {
  for (const int width : {0, -5, 8193}) {
    const errand::Job job = resize("large.png", width);
    EXPECT_EQ(job.state, JobState::failed);
    EXPECT_THAT(error_of(job), HasSubstr("is not one of 1 to 8192"));
  }
}

TEST_F(ResizeImageJob, NamesAFileThatIsNotThere) {
  const errand::Job job = resize("missing.png", 50);
  EXPECT_EQ(job.state, JobState::failed);
  EXPECT_THAT(error_of(job), HasSubstr("missing.png: No such file or directory"));
}

}  // namespace
}  // namespace demo
