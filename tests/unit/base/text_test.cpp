#include "base/text.hpp"

#include <gtest/gtest.h>

namespace errand {
namespace {

using namespace std::string_literals;

struct Case {
  std::string input{};
  std::string line{};
  std::string quoted{};
  std::string json{};
};

Case same(const std::string& text) {
  return {text, text, text, text};
}

Case hidden(const std::string& input, const std::string& shown) {
  return {input, shown, shown, shown};
}

const Case cases[]{
    same("plain words, 123"),
    same("ünïcödé 漢字 😀"),
    {R"(say "hi" C:\temp)",
     R"(say "hi" C:\temp)",
     R"(say \"hi\" C:\\temp)",
     R"(say \"hi\" C:\\temp)"},
    hidden("a\nb\rc\td", R"(a\nb\rc\td)"),
    hidden("nul\0!"s, R"(nul\u0000!)"),
    hidden("\x1b[2J\x1b]0;title\x07", R"(\u001b[2J\u001b]0;title\u0007)"),
    hidden("\x7f", R"(\u007f)"),
    hidden("\xc2\x9b", R"(\u009b)"),      // CSI as one C1 character
    hidden("\xe2\x80\xa8", R"(\u2028)"),  // line separator
    hidden("a\xe2\x80\xae"
           "b",
           R"(a\u202eb)"),                                // right-to-left override
    hidden("\xe2\x81\xa6", R"(\u2066)"),                  // left-to-right isolate
    hidden("pass\xe2\x80\x8bword", R"(pass\u200bword)"),  // zero width space
    hidden("\xef\xbb\xbf", R"(\ufeff)"),
    {"\xff", R"(\xff)", R"(\xff)", R"(\ufffd)"},
    {"\xc0\xaf", R"(\xc0\xaf)", R"(\xc0\xaf)", R"(\ufffd\ufffd)"},                    // overlong /
    {"\xed\xa0\x80", R"(\xed\xa0\x80)", R"(\xed\xa0\x80)", R"(\ufffd\ufffd\ufffd)"},  // surrogate
    {"\xf4\x90\x80\x80",
     R"(\xf4\x90\x80\x80)",
     R"(\xf4\x90\x80\x80)",
     R"(\ufffd\ufffd\ufffd\ufffd)"},  // beyond U+10FFFF
    {"cut \xe2\x82", R"(cut \xe2\x82)", R"(cut \xe2\x82)", R"(cut \ufffd\ufffd)"},
    {"\xe2\x82 ok", R"(\xe2\x82 ok)", R"(\xe2\x82 ok)", R"(\ufffd\ufffd ok)"},
};

TEST(EscapedText, has_one_form_for_each_place) {
  for (const Case& row : cases) {
    EXPECT_EQ(escaped(row.input, Escape::line), row.line);
    EXPECT_EQ(escaped(row.input, Escape::quoted), row.quoted);
    EXPECT_EQ(escaped(row.input, Escape::json), row.json);
  }
}

TEST(EscapedText, never_holds_a_control_character_whatever_two_bytes_come_in) {
  for (int first = 0; first < 256; ++first) {
    for (int second = 0; second < 256; ++second) {
      const std::string input{static_cast<char>(first), static_cast<char>(second)};
      const std::string out = escaped(input);
      for (std::size_t i = 0; i < out.size(); ++i) {
        const auto byte = static_cast<unsigned char>(out[i]);
        ASSERT_TRUE(byte >= 0x20 && byte != 0x7f) << first << " " << second;
      }
      for (std::size_t i = 0; i < out.size(); i += utf8_character_bytes(out.substr(i)))
        ASSERT_GT(utf8_character_bytes(out.substr(i)), 0U) << first << " " << second;
    }
  }
}

TEST(Utf8, counts_the_bytes_of_a_character) {
  EXPECT_EQ(utf8_character_bytes(""), 0U);
  EXPECT_EQ(utf8_character_bytes("a"), 1U);
  EXPECT_EQ(utf8_character_bytes("é"), 2U);
  EXPECT_EQ(utf8_character_bytes("漢"), 3U);
  EXPECT_EQ(utf8_character_bytes("😀"), 4U);
  EXPECT_EQ(utf8_character_bytes("\x80"), 0U);
  EXPECT_EQ(utf8_character_bytes("\xf5\x80\x80\x80"), 0U);
}

TEST(Utf8, is_cut_between_characters) {
  EXPECT_EQ(utf8_prefix("abc", 3), "abc");
  EXPECT_EQ(utf8_prefix("abc", 2), "ab");
  EXPECT_EQ(utf8_prefix("aé", 2), "a");
  EXPECT_EQ(utf8_prefix("漢字", 5), "漢");
  EXPECT_EQ(utf8_prefix("x😀", 4), "x");
  EXPECT_EQ(utf8_prefix("😀", 0), "");
}

TEST(Utf8, is_cut_somewhere_even_when_it_is_not_utf8) {
  const std::string bytes(10, '\x80');
  EXPECT_LE(utf8_prefix(bytes, 5).size(), 5U);
  EXPECT_GE(utf8_prefix(bytes, 5).size(), 2U);
}

TEST(TrimmedText, loses_blanks_at_both_ends_only) {
  EXPECT_EQ(trimmed("  a b\t\r\n"), "a b");
  EXPECT_EQ(trimmed(" \t "), "");
  EXPECT_EQ(trimmed(""), "");
}

}  // namespace
}  // namespace errand
