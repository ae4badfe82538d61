#include "base/environment.hpp"

#include <unistd.h>

#include <fstream>
#include <stdlib.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace errand {
namespace {

using namespace std::string_literals;
using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> read(std::string_view text) {
  const EnvironmentText found = parse_environment(text, ".env");
  EXPECT_THAT(found.mistakes, IsEmpty());
  std::vector<std::string> lines;
  for (const EnvironmentLine& line : found.lines)
    lines.push_back(line.name + "=" + line.value);
  return lines;
}

std::vector<std::string> mistakes_in(std::string_view text) {
  return parse_environment(text, ".env").mistakes;
}

TEST(EnvironmentText, holds_names_and_values) {
  EXPECT_THAT(read("PORT=3000\nHOST=127.0.0.1\n"), ElementsAre("PORT=3000", "HOST=127.0.0.1"));
}

TEST(EnvironmentText, needs_no_newline_at_its_end) {
  EXPECT_THAT(read("PORT=3000"), ElementsAre("PORT=3000"));
  EXPECT_THAT(read(""), IsEmpty());
}

TEST(EnvironmentText, may_have_blanks_export_and_windows_line_ends) {
  EXPECT_THAT(read("\n  A = b \r\n\texport B=c\nexport\tC=d\n\r\n"),
              ElementsAre("A=b", "B=c", "C=d"));
  EXPECT_THAT(read("\xef\xbb\xbf"
                   "A=b\n"),
              ElementsAre("A=b"));
}

TEST(EnvironmentText, takes_export_for_a_name_when_it_is_one) {
  EXPECT_THAT(read("export=1\nexported=2\n"), ElementsAre("export=1", "exported=2"));
}

TEST(EnvironmentText, may_have_comments_after_a_blank) {
  EXPECT_THAT(read("# all\n  # of it\nA=b # rest\nB=c#d\nC=#\nD='x' # y\nE=\"#\"# z\n"),
              ElementsAre("A=b", "B=c#d", "C=", "D=x", "E=#"));
}

TEST(EnvironmentText, keeps_further_equals_signs) {
  EXPECT_THAT(read("URL=postgresql://h/d?a=b\n"), ElementsAre("URL=postgresql://h/d?a=b"));
}

TEST(EnvironmentText, leaves_literal_quotes_untouched) {
  EXPECT_THAT(read(R"(A=' a\n"b" $C # ')"), ElementsAre(R"(A= a\n"b" $C # )"));
}

TEST(EnvironmentText, reads_escapes_in_double_quotes_only) {
  EXPECT_THAT(read(R"(A="l1\nl2\t\"q\"\\ \$X \x")"), ElementsAre("A=l1\nl2\t\"q\"\\ $X \\x"));
  EXPECT_THAT(read(R"(A=b\nc)"), ElementsAre(R"(A=b\nc)"));
}

TEST(EnvironmentText, replaces_nothing) {
  EXPECT_THAT(read("A=1\nB=${A}$A\nC=\"$A\"\n"), ElementsAre("A=1", "B=${A}$A", "C=$A"));
}

TEST(EnvironmentText, lets_quoted_values_run_over_lines) {
  const EnvironmentText found = parse_environment("A=\"one  \r\n two\"\nB='x\n\ny'\nC=d\n", ".env");
  ASSERT_EQ(found.lines.size(), 3U);
  EXPECT_EQ(found.lines[0].value, "one  \n two");
  EXPECT_EQ(found.lines[1].value, "x\n\ny");
  EXPECT_EQ(found.lines[1].place, ".env line 3");
  EXPECT_EQ(found.lines[2].place, ".env line 6");
}

TEST(EnvironmentText, gives_every_line_with_the_same_name) {
  EXPECT_THAT(read("A=1\nA=2\n"), ElementsAre("A=1", "A=2"));
}

TEST(EnvironmentText, tells_each_mistake_with_its_line_and_without_the_value) {
  EXPECT_THAT(mistakes_in("A=1\nsecret\n1A=x\nB C=x\n=x\nD='open\n"),
              ElementsAre(".env line 2 is neither NAME=value nor a # comment",
                          ".env line 3 is neither NAME=value nor a # comment",
                          ".env line 4 is neither NAME=value nor a # comment",
                          ".env line 5 is neither NAME=value nor a # comment",
                          ".env line 6 has no closing '"));
  EXPECT_THAT(mistakes_in("A=\"x\" y\nB='x'y\nC=1\n"),
              ElementsAre(".env line 1 has text after the closing quote",
                          ".env line 2 has text after the closing quote"));
}

TEST(EnvironmentText, survives_any_bytes) {
  for (int byte = 0; byte < 256; ++byte) {
    const std::string c{static_cast<char>(byte)};
    for (const std::string& text :
         {c, "A=" + c, "A='" + c, "A=\"\\" + c, c + "A=b", "A" + c + "=b"}) {
      const EnvironmentText found = parse_environment(text, ".env");
      EXPECT_LE(found.lines.size() + found.mistakes.size(), 2U);
    }
  }
}

class EnvironmentFile : public testing::Test {
 protected:
  EnvironmentFile() {
    std::string name = testing::TempDir() + "environment_XXXXXX";
    folder_ = ::mkdtemp(name.data());
  }

  ~EnvironmentFile() override { std::filesystem::remove_all(folder_); }

  std::filesystem::path folder_{};
};

TEST_F(EnvironmentFile, that_is_missing_is_empty) {
  const EnvironmentText found = read_environment_file(folder_ / ".env");
  EXPECT_THAT(found.lines, IsEmpty());
  EXPECT_THAT(found.mistakes, IsEmpty());
}

TEST_F(EnvironmentFile, is_read_whole) {
  std::ofstream{folder_ / ".env"} << "A=" << std::string(10'000, 'x') << "\nB=y\n";
  const EnvironmentText found = read_environment_file(folder_ / ".env");
  ASSERT_EQ(found.lines.size(), 2U);
  EXPECT_EQ(found.lines[0].value.size(), 10'000U);
  EXPECT_EQ(found.lines[1].place, ".env line 2");
}

TEST_F(EnvironmentFile, that_cannot_be_read_is_a_mistake) {
  std::filesystem::create_directory(folder_ / ".env");
  EXPECT_THAT(read_environment_file(folder_ / ".env").mistakes,
              ElementsAre(".env cannot be read: Is a directory"));
}

TEST(ProcessEnvironment, holds_what_was_set) {
  ::setenv("ERRAND_TEST_VARIABLE", "a=b", 1);
  EXPECT_EQ(process_environment().at("ERRAND_TEST_VARIABLE"), "a=b");
  ::unsetenv("ERRAND_TEST_VARIABLE");
  EXPECT_FALSE(process_environment().contains("ERRAND_TEST_VARIABLE"));
}

}  // namespace
}  // namespace errand
