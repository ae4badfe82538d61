#include "cli/table.hpp"

#include <sstream>

#include <gtest/gtest.h>

namespace errand::cli {
namespace {

TEST(DisplayWidth, counts_columns_not_bytes) {
  EXPECT_EQ(display_width(""), 0U);
  EXPECT_EQ(display_width("abc"), 3U);
  EXPECT_EQ(display_width("é"), 1U);
  EXPECT_EQ(display_width("e\xcc\x81"), 1U);  // e and a combining accent
  EXPECT_EQ(display_width("漢字"), 4U);
  EXPECT_EQ(display_width("😀"), 2U);
  EXPECT_EQ(display_width("…"), 1U);
}

TEST(Tables, align_columns_without_trailing_blanks) {
  Table table{{"ID", "TYPE", "TAG"}};
  table.add({"1", "resizeImage", "a"});
  table.add({"1000", "x", ""});
  EXPECT_EQ(table.text(0),
            "ID    TYPE         TAG\n"
            "1     resizeImage  a\n"
            "1000  x\n");
}

TEST(Tables, align_wide_and_accented_characters) {
  Table table{{"A", "B"}};
  table.add({"漢字", "x"});
  table.add({"éé", "y"});
  EXPECT_EQ(table.text(0), "A     B\n漢字  x\néé    y\n");
}

TEST(Tables, have_only_headings_when_empty) {
  Table table{{"ID", "TYPE"}};
  EXPECT_TRUE(table.empty());
  EXPECT_EQ(table.text(0), "ID  TYPE\n");
  table.add({"1", "x"});
  EXPECT_FALSE(table.empty());
}

TEST(Tables, escape_what_could_act_on_a_terminal) {
  Table table{{"TAG"}};
  table.add({"a\n\x1b[2J\xff"});
  EXPECT_EQ(table.text(0), "TAG\na\\n\\u001b[2J\\xff\n");
}

TEST(Tables, cut_the_widest_column_until_a_line_fits) {
  Table table{{"ID", "TAG", "TYPE"}};
  table.add({"1", std::string(40, 'a'), std::string(12, 'b')});
  EXPECT_EQ(table.text(30), "ID  TAG           TYPE\n1   aaaaaaaaaaa…  bbbbbbbbbbbb\n");
}

TEST(Tables, leave_narrow_columns_alone_even_if_a_line_does_not_fit) {
  Table table{{"ONE", "TWO", "THREE"}};
  table.add({std::string(20, 'a'), std::string(20, 'b'), std::string(20, 'c')});
  EXPECT_EQ(table.text(10), "ONE       TWO       THREE\naaaaaaa…  bbbbbbb…  ccccccc…\n");
}

TEST(Tables, never_cut_a_wide_character_in_two) {
  Table table{{"TAG"}};
  table.add({"漢字漢字漢字漢字"});
  EXPECT_EQ(table.text(8), "TAG\n漢字漢…\n");
  EXPECT_EQ(table.text(9), "TAG\n漢字漢字…\n");
}

TEST(Tables, fit_every_width_from_their_least_to_their_natural_one) {
  Table table{{"A", "B", "C"}};
  table.add({std::string(30, 'x'), "é漢é漢é漢é漢é漢", std::string(25, 'y')});
  for (std::size_t width = 28; width < 100; ++width) {
    std::istringstream lines{table.text(width)};
    for (std::string line; std::getline(lines, line);)
      EXPECT_LE(display_width(line), width);
  }
}

}  // namespace
}  // namespace errand::cli
