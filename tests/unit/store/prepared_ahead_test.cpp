#include "store/prepared_ahead.hpp"

#include <errand/error.hpp>

#include <gtest/gtest.h>

namespace errand {
namespace {

using namespace std::chrono_literals;

constexpr TimePoint now{1'700'000'000s};

class PreparedAheadTest : public ::testing::Test {
 protected:
  PreparedAheadTest() {
    registry_.add("work", [](JobContext&, const Json&) {});
    for (std::size_t each = 0; each < 2 * PreparedAhead::part_size + 3; ++each)
      jobs_.push_back({.tag = std::to_string(each), .type = "work", .due = 2h});
  }

  std::vector<std::string> rest_of(PreparedAhead& parts) {
    std::vector<std::string> tags;
    for (auto part = parts.next(); !part.empty(); part = parts.next()) {
      sizes_.push_back(part.size());
      for (const PreparedJob& job : part)
        tags.push_back(job.tag);
    }
    return tags;
  }

  std::vector<std::string> all_tags() const {
    std::vector<std::string> tags;
    for (const NewJob& job : jobs_)
      tags.push_back(job.tag);
    return tags;
  }

  JobRegistry registry_{};
  std::vector<NewJob> jobs_{};
  std::vector<std::size_t> sizes_{};
};

TEST_F(PreparedAheadTest, HandsOutEveryJobInOrder) {
  PreparedAhead parts{jobs_, registry_, now};
  EXPECT_EQ(rest_of(parts), all_tags());
  EXPECT_EQ(sizes_,
            (std::vector<std::size_t>{PreparedAhead::part_size, PreparedAhead::part_size, 3}));
  EXPECT_TRUE(parts.next().empty());
}

TEST_F(PreparedAheadTest, BeginsAgainWherever) {
  for (const std::size_t read : {0U, 1U, 2U, 3U, 4U}) {
    PreparedAhead parts{jobs_, registry_, now};
    for (std::size_t part = 0; part < read; ++part)
      static_cast<void>(parts.next());
    parts.rewind();
    EXPECT_EQ(rest_of(parts), all_tags()) << read;
  }
}

TEST_F(PreparedAheadTest, ThrowsWhatRefusesAJobInTheTurnOfItsPart) {
  jobs_[PreparedAhead::part_size + 1].tag = "";
  PreparedAhead parts{jobs_, registry_, now};
  for (int tries = 0; tries < 2; ++tries) {
    EXPECT_EQ(parts.next().size(), PreparedAhead::part_size);
    try {
      static_cast<void>(parts.next());
      FAIL() << "it was not refused";
    } catch (const Error& refusal) {
      EXPECT_EQ(refusal.kind(), ErrorKind::invalid);
      EXPECT_EQ(refusal.field(), "tag");
    }
    parts.rewind();
  }
}

TEST_F(PreparedAheadTest, KnowsTheEarliestDueOfWhatItHandedOut) {
  jobs_[PreparedAhead::part_size].due = 1h;
  PreparedAhead parts{jobs_, registry_, now};
  static_cast<void>(parts.next());
  EXPECT_EQ(parts.earliest_due(), now + 2h);
  static_cast<void>(parts.next());
  EXPECT_EQ(parts.earliest_due(), now + 1h);
  parts.rewind();
  static_cast<void>(parts.next());
  EXPECT_EQ(parts.earliest_due(), now + 2h);
}

}  // namespace
}  // namespace errand
