#include "jobs/picture.hpp"

#include <errand/error.hpp>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "jobs/files.hpp"
#include "jobs/samples.hpp"
#include "workshop.hpp"

namespace demo {
namespace {

using ::testing::HasSubstr;

std::string refusal(const std::string& bytes) {
  try {
    static_cast<void>(Picture::from_png(bytes));
    return "accepted";
  } catch (const errand::Error& error) {
    return error.what();
  }
}

TEST(Picture, SurvivesEncodingAndDecoding) {
  const Picture read = Picture::from_png(Picture{31, 17}.to_png());
  EXPECT_EQ(read.width(), 31);
  EXPECT_EQ(read.height(), 17);
}

TEST(Picture, IsScaledInProportionAndNeverToNothing) {
  const Picture small = Picture{400, 300}.scaled_to(100);
  EXPECT_EQ(small.width(), 100);
  EXPECT_EQ(small.height(), 75);
  EXPECT_EQ((Picture{1000, 2}.scaled_to(10).height()), 1);
}

TEST(Picture, RefusesWhatIsNoPng) {
  EXPECT_THAT(refusal(""), HasSubstr("not a PNG"));
  EXPECT_THAT(refusal("GIF89a and a little more text"), HasSubstr("not a PNG"));
  const std::string png = Picture{50, 50}.to_png();
  EXPECT_THAT(refusal(png.substr(0, 40)), HasSubstr("damaged"));
}

TEST(Picture, RefusesASmallFileThatClaimsToBeAHugePicture) {
  std::string png = Picture{50, 50}.to_png();
  png[17] = '\x7f';
  png[21] = '\x7f';
  EXPECT_THAT(refusal(png), HasSubstr("64 million pixels"));
  EXPECT_THROW((Picture{0, 5}), errand::Error);
}

TEST(Samples, AreDrawnOnceAndAreAllDifferent) {
  const Workshop workshop;
  const SampleSizes small{.picture_width = 64, .picture_height = 48, .table_rows = 10};
  const Samples samples = make_samples(workshop.settings(), small);
  ASSERT_EQ(samples.pictures.size(), 4U);
  std::set<std::string> different;
  for (const std::string& path : samples.pictures) {
    EXPECT_EQ(Picture::from_png(workshop.read(path)).width(), 64);
    different.insert(workshop.read(path));
  }
  EXPECT_EQ(different.size(), 4U);
  workshop.write(samples.table, "mine");
  static_cast<void>(make_samples(workshop.settings(), small));
  EXPECT_EQ(workshop.read(samples.table), "mine");
}

}  // namespace
}  // namespace demo
