#include "ipc/frame.hpp"

#include <chrono>
#include <errand/error.hpp>
#include <random>

#include <gmock/gmock.h>

namespace errand::ipc {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> lines_of(LineSplitter& splitter, std::string_view bytes) {
  splitter.feed(bytes);
  std::vector<std::string> lines;
  while (const auto line = splitter.next())
    lines.emplace_back(*line);
  return lines;
}

TEST(LineSplitter, HandsOutAWholeLineWithoutItsNewline) {
  LineSplitter splitter{100};
  EXPECT_THAT(lines_of(splitter, "{}\n"), ElementsAre("{}"));
  EXPECT_EQ(splitter.pending_bytes(), 0U);
}

TEST(LineSplitter, HandsOutSeveralLinesThatCameTogether) {
  LineSplitter splitter{100};
  EXPECT_THAT(lines_of(splitter, "a\nb\n\nc"), ElementsAre("a", "b", ""));
  EXPECT_EQ(splitter.pending_bytes(), 1U);
}

TEST(LineSplitter, JoinsALineThatCameByteByByte) {
  LineSplitter splitter{100};
  for (const char c : std::string{"hello"})
    EXPECT_THAT(lines_of(splitter, {&c, 1}), IsEmpty());
  EXPECT_THAT(lines_of(splitter, "\nx"), ElementsAre("hello"));
  EXPECT_THAT(lines_of(splitter, "y\n"), ElementsAre("xy"));
}

TEST(LineSplitter, AllowsALineAtTheLimitAndRefusesOneAbove) {
  LineSplitter at{8};
  EXPECT_THAT(lines_of(at, "1234567\n"), ElementsAre("1234567"));
  LineSplitter above{8};
  EXPECT_THROW(lines_of(above, "12345678\n"), Error);
}

TEST(LineSplitter, RefusesAnEndlessLineBeforeItsNewlineComes) {
  LineSplitter splitter{8};
  EXPECT_THAT(lines_of(splitter, "1234567"), IsEmpty());
  EXPECT_THROW(lines_of(splitter, "8"), Error);
}

TEST(LineSplitter, HandsOutTheGoodLinesBeforeTheLongOne) {
  LineSplitter splitter{4};
  splitter.feed("ab\ntoo long\n");
  EXPECT_EQ(splitter.next(), "ab");
  EXPECT_THROW(static_cast<void>(splitter.next()), Error);
}

TEST(LineSplitter, GivesTheSameLinesHoweverTheReadsFell) {
  std::mt19937 random{20260129};
  std::string stream;
  for (int i = 0; i < 500; ++i)
    stream += std::string(random() % 40, static_cast<char>('a' + random() % 26)) + '\n';
  LineSplitter whole{64};
  const auto expected = lines_of(whole, stream);
  ASSERT_EQ(expected.size(), 500U);
  for (int round = 0; round < 50; ++round) {
    LineSplitter splitter{64};
    std::vector<std::string> lines;
    for (std::size_t at = 0; at < stream.size();) {
      const std::size_t size = 1 + random() % 97;
      for (auto& line : lines_of(splitter, std::string_view{stream}.substr(at, size)))
        lines.push_back(std::move(line));
      at += size;
    }
    ASSERT_EQ(lines, expected);
  }
}

TEST(LineSplitter, LooksAtEachByteOfAMegabyteInPiecesOnlyOnce) {
  LineSplitter splitter{1 << 20};
  const auto began = std::chrono::steady_clock::now();
  for (int i = 0; i < (1 << 20) - 1; ++i) {
    splitter.feed("x");
    ASSERT_FALSE(splitter.next().has_value());
  }
  splitter.feed("\n");
  EXPECT_EQ(splitter.next().value_or("").size(), (1U << 20) - 1);
  // Once each takes milliseconds, every time anew would take minutes.
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds{20});
}

}  // namespace
}  // namespace errand::ipc
