#include "cli/show.hpp"

#include <sstream>

#include <gtest/gtest.h>

#include "cli/terminal.hpp"

namespace errand::cli {
namespace {

TEST(ShownTimes, have_seconds_and_no_letters) {
  EXPECT_EQ(shown_time(TimePoint{std::chrono::microseconds{1'769'663'313'934'567}}),
            "2026-01-29 05:08:33");
  EXPECT_EQ(shown_time(std::nullopt), "-");
}

TEST(ShownLines, keep_line_ends_and_nothing_else_that_acts_on_a_terminal) {
  EXPECT_EQ(shown_lines(""), "");
  EXPECT_EQ(shown_lines("a\n  b\x1b[2J\n"), "a\n  b\\u001b[2J\n");
  EXPECT_EQ(shown_lines("a\r\nb"), "a\\r\nb");
}

TEST(ShownBytes, are_in_the_largest_unit_up_to_mebibytes) {
  EXPECT_EQ(shown_bytes(0), "0 B");
  EXPECT_EQ(shown_bytes(1023), "1023 B");
  EXPECT_EQ(shown_bytes(1024), "1 KiB");
  EXPECT_EQ(shown_bytes((1 << 20) - 1), "1023 KiB");
  EXPECT_EQ(shown_bytes(std::int64_t{3} << 30), "3072 MiB");
}

TEST(ShownAttempts, name_the_last_one_if_there_is_one) {
  Job job;
  job.attempt = 2;
  job.max_attempts = 5;
  EXPECT_EQ(shown_attempt(job), "2 of 5");
  job.max_attempts = 0;
  EXPECT_EQ(shown_attempt(job), "2");
}

TEST(ShownErrors, are_the_sentence_or_the_reason) {
  Job job;
  EXPECT_EQ(shown_error(job), "");
  job.reason = "timed_out";
  EXPECT_EQ(shown_error(job), "timed_out");
  job.error = {{"code", 5}};
  EXPECT_EQ(shown_error(job), "timed_out");
  job.error = {{"error", 5}};
  EXPECT_EQ(shown_error(job), "timed_out");
  job.error = {{"error", "no such file"}};
  EXPECT_EQ(shown_error(job), "no such file");
}

TEST(PrintedJson, is_one_line_and_never_invalid) {
  std::istringstream in;
  std::ostringstream out;
  print_json({in, out, out, 0, true}, {{"a", "\xff\n"}});
  EXPECT_EQ(out.str(), "{\"a\":\"\xef\xbf\xbd\\n\"}\n");
}

}  // namespace
}  // namespace errand::cli
