#include "jobs/payload.hpp"

#include <limits>

#include <gtest/gtest.h>

#include "support.hpp"

namespace errand {
namespace {

using jobs_test::refusal_of;
using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

std::string refused(std::string_view text) {
  const auto refusal = refusal_of([&] { check_payload_text(text, "data"); });
  if (refusal.message == "nothing was thrown")
    return refusal.message;
  EXPECT_EQ(refusal.kind, ErrorKind::invalid);
  EXPECT_EQ(refusal.field, "data");
  return refusal.message;
}

std::string nested(int depth, char open, char close) {
  const auto count = static_cast<std::size_t>(depth);
  return std::string(count, open) + std::string(count, close);
}

TEST(PayloadText, every_kind_of_value_is_accepted) {
  for (const std::string_view text : {"{}",
                                      "[]",
                                      "null",
                                      "true",
                                      "false",
                                      "0",
                                      "-0",
                                      "\"\"",
                                      " { } ",
                                      "\t[1 , 2]\r\n",
                                      R"({"a":1,"b":[true,false,null],"c":{"d":"x"}})",
                                      R"(["\"\\\/\b\f\n\r\t"])",
                                      R"("\u00e9\uD83D\uDE00")",
                                      "\"\xC3\xA9\xF0\x9F\x98\x80\""})
    EXPECT_NO_THROW(check_payload_text(text, "data")) << text;
}

TEST(PayloadText, numbers_that_survive_a_double_are_accepted) {
  for (const std::string_view text : {"9007199254740992",
                                      "-9007199254740992",
                                      "0.1",
                                      "-1.5e10",
                                      "1E+308",
                                      "1e-307",
                                      "2.5e0",
                                      "1e00308"})
    EXPECT_NO_THROW(check_payload_text(text, "data")) << text;
}

struct Refused {
  std::string_view text{};
  std::string_view why{};
};

TEST(PayloadText, numbers_that_do_not_survive_are_refused) {
  for (const auto& [text, why] : std::vector<Refused>{{"9007199254740993", "beyond ±2^53"},
                                                      {"-9007199254740993", "beyond ±2^53"},
                                                      {"99999999999999999999999", "beyond ±2^53"},
                                                      {"1e309", "beyond ±308"},
                                                      {"1e-309", "beyond ±308"},
                                                      {"1e131071", "beyond ±308"},
                                                      {"1e99999999999999999999", "beyond ±308"},
                                                      {"9e308", "too large or too small"}})
    EXPECT_THAT(refused(text), HasSubstr(std::string{why})) << text;
}

TEST(PayloadText, what_is_not_json_is_refused_with_the_byte) {
  for (const auto& [text, why] :
       std::vector<Refused>{{"", "the text ends too early (byte 0)"},
                            {"  ", "the text ends too early (byte 2)"},
                            {"{", "expected a key in double quotes (byte 1)"},
                            {"[", "ends too early (byte 1)"},
                            {"[1", "expected ',' or ']' (byte 2)"},
                            {"[1,]", "expected a value (byte 3)"},
                            {"[,1]", "expected a value (byte 1)"},
                            {R"({"a":1,})", "expected a key in double quotes (byte 7)"},
                            {R"({"a" 1})", "expected ':' after a key (byte 5)"},
                            {R"({"a":1 "b":2})", "expected ',' or '}' (byte 7)"},
                            {"{a:1}", "expected a key in double quotes (byte 1)"},
                            {"{'a':1}", "expected a key in double quotes (byte 1)"},
                            {"{} {}", "something follows the end of the value (byte 3)"},
                            {"1 // one", "something follows the end of the value (byte 2)"},
                            {"/* one */ 1", "expected a value (byte 0)"},
                            {"\xEF\xBB\xBF{}", "expected a value (byte 0)"},
                            {"tru", "expected a value (byte 0)"},
                            {"True", "expected a value (byte 0)"},
                            {"nul", "expected a value (byte 0)"},
                            {"fals\xE9", "expected a value (byte 0)"},
                            {"NaN", "expected a value (byte 0)"},
                            {"Infinity", "expected a value (byte 0)"},
                            {"01", "begins with a zero"},
                            {"-01", "begins with a zero"},
                            {"-", "ends too early (byte 1)"},
                            {"+1", "expected a value (byte 0)"},
                            {".5", "expected a value (byte 0)"},
                            {"1.", "ends too early (byte 2)"},
                            {"1.e5", "expected a value (byte 2)"},
                            {"1e", "ends too early (byte 2)"},
                            {"1e+-5", "expected a value (byte 3)"},
                            {"0x10", "something follows"},
                            {"\"", "a string is not closed (byte 0)"},
                            {R"(["a)", "a string is not closed (byte 1)"},
                            {R"("\)", "no escape"},
                            {R"("\x41")", "no escape (byte 1)"},
                            {"\"a\nb\"", "a control character stands in a string"},
                            {"\"a\x01\"", "a control character stands in a string"},
                            {"]", "expected a value (byte 0)"},
                            {"[}", "expected a value (byte 1)"},
                            {"{]", "expected a key"}})
    EXPECT_THAT(refused(text), HasSubstr(std::string{why})) << text;
}

TEST(PayloadText, nul_is_refused_in_every_disguise) {
  EXPECT_THAT(refused(R"("\u0000")"), HasSubstr("\\u0000 cannot be stored"));
  EXPECT_THAT(refused(R"({"a\u0000b":1})"), HasSubstr("\\u0000 cannot be stored"));
  EXPECT_THAT(refused(std::string_view{"\"a\0b\"", 5}), HasSubstr("control character"));
  EXPECT_THAT(refused(std::string_view{"1\0", 2}), HasSubstr("something follows"));
  EXPECT_THAT(refused(std::string_view{"\"\\\0\"", 4}), HasSubstr("no escape"));
}

TEST(PayloadText, lone_surrogates_are_refused) {
  for (const std::string_view text : {R"("\ud800")",
                                      R"("\uD83Dx")",
                                      R"("\uD83D\n")",
                                      R"("\uD83D\uD83D")",
                                      R"("\uD83D\u0041")",
                                      R"("\uDE00")",
                                      R"("\uDE00\uD83D")",
                                      R"("\uD83D)"})
    EXPECT_THAT(refused(text), HasSubstr("surrogate")) << text;
  EXPECT_THAT(refused("\"\xED\xA0\x80\""), HasSubstr("not UTF-8"));
}

TEST(PayloadText, an_incomplete_code_unit_is_refused) {
  for (const std::string_view text :
       {R"("\u")", R"("\u12")", R"("\u12G4")", R"("\u 123")", R"("\u-123")", R"("\uD83D\u12")"})
    EXPECT_THAT(refused(text), HasSubstr("four hexadecimal digits")) << text;
}

TEST(PayloadText, bytes_that_are_not_utf8_are_refused) {
  for (const std::string_view bytes : {"\x80",
                                       "\xFF",
                                       "\xC3",
                                       "\xC0\xAF",
                                       "\xE0\x80\xAF",
                                       "\xF0\x80\x80\xAF",
                                       "\xF4\x90\x80\x80",
                                       "\xE2\x82"})
    EXPECT_THAT(refused("[\"" + std::string{bytes} + "\"]"), HasSubstr("not UTF-8"));
}

TEST(PayloadText, a_key_may_stand_only_once_in_one_object) {
  EXPECT_THAT(refused(R"({"a":1,"a":2})"), HasSubstr("the key \"a\" stands twice"));
  EXPECT_THAT(refused(R"({"a":1,"\u0061":2})"), HasSubstr("the key \"a\" stands twice"));
  EXPECT_THAT(refused(R"({"x":{"b":1,"c":2,"b":3}})"), HasSubstr("the key \"b\" stands twice"));
  EXPECT_THAT(refused(R"([{"":1,"":2}])"), HasSubstr("stands twice"));
}

TEST(PayloadText, the_same_key_in_different_objects_is_fine) {
  for (const std::string_view text : {R"({"a":{"a":{"a":1}}})",
                                      R"([{"a":1},{"a":2}])",
                                      R"({"a":{"b":1},"c":{"b":2}})",
                                      R"({"a":1,"A":2,"á":3})"})
    EXPECT_NO_THROW(check_payload_text(text, "data")) << text;
}

std::string object_with_keys(int count, std::string_view last) {
  std::string text = "{";
  for (int index = 0; index < count; ++index)
    text += "\"key" + std::to_string(index) + "\":1,";
  return text + "\"" + std::string{last} + "\":1}";
}

TEST(PayloadText, duplicates_are_found_among_few_and_many_keys) {
  for (const int count : {1, 11, 12, 13, 50, 5000}) {
    EXPECT_NO_THROW(check_payload_text(object_with_keys(count, "other"), "data")) << count;
    EXPECT_THAT(refused(object_with_keys(count, "key0")), HasSubstr("\"key0\" stands twice"));
  }
}

TEST(PayloadText, sixty_four_levels_are_the_most) {
  EXPECT_NO_THROW(check_payload_text(nested(64, '[', ']'), "data"));
  EXPECT_THAT(refused(nested(65, '[', ']')), HasSubstr("deeper than 64 levels (byte 64)"));
  EXPECT_THAT(refused(nested(1'000'000 / 2, '[', ']')), HasSubstr("deeper than 64 levels"));
}

TEST(PayloadText, a_mebibyte_is_the_most) {
  std::string largest(payload_bytes_max, 'x');
  largest.front() = largest.back() = '"';
  EXPECT_NO_THROW(check_payload_text(largest, "data"));
  EXPECT_THAT(refused(largest + ' '), HasSubstr("1048577 bytes, more than 1048576"));
}

TEST(PayloadText, the_field_is_named_in_the_sentence) {
  const auto refusal = refusal_of([] { check_payload_text("{", "meta"); });
  EXPECT_THAT(refusal.message, StartsWith("meta cannot be stored as JSON: "));
  EXPECT_EQ(refusal.field, "meta");
}

TEST(PayloadText, random_bytes_agree_with_an_ordinary_parser_about_grammar) {
  std::uint64_t state = 7;
  const std::string_view letters = R"({}[]",:0123456789.eE-+truefalsn\u a)";
  int accepted = 0;
  for (int round = 0; round < 20'000; ++round) {
    std::string text;
    const auto length = 1 + (state >> 40) % 7;
    for (std::uint64_t index = 0; index < length; ++index) {
      state = state * 6364136223846793005U + 1442695040888963407U;
      text += letters[(state >> 33) % letters.size()];
    }
    const bool ours = refusal_of([&] { check_payload_text(text, "data"); }).field.empty();
    if (ours) {
      ++accepted;
      ASSERT_TRUE(Json::accept(text)) << text;
    } else if (Json::accept(text)) {
      ASSERT_THAT(refused(text),
                  testing::AnyOf(
                      HasSubstr("twice"), HasSubstr("beyond"), HasSubstr("too large or too small")))
          << text;
    }
  }
  EXPECT_GT(accepted, 100);
}

TEST(PayloadValue, a_value_built_in_cpp_becomes_its_text) {
  EXPECT_EQ(payload_text({{"to", "a@example.com"}, {"tries", 3}}, "data"),
            R"({"to":"a@example.com","tries":3})");
  EXPECT_EQ(payload_text(nullptr, "data"), "null");
}

std::string refused_value(const Json& value) {
  return refusal_of([&] { static_cast<void>(payload_text(value, "data")); }).message;
}

TEST(PayloadValue, what_text_cannot_say_is_refused) {
  EXPECT_THAT(refused_value({{"a", std::nan("")}}), HasSubstr("infinite or NaN"));
  EXPECT_THAT(refused_value({std::numeric_limits<double>::infinity()}),
              HasSubstr("infinite or NaN"));
  EXPECT_THAT(refused_value(Json::binary({1, 2})), HasSubstr("bytes"));
  EXPECT_THAT(refused_value(Json(Json::value_t::discarded)), HasSubstr("discarded"));
  EXPECT_THAT(refused_value({{"a", "\xFF"}}), HasSubstr("not UTF-8"));
  EXPECT_THAT(refused_value({{"a", std::string{"x\0y", 3}}}), HasSubstr("\\u0000"));
  EXPECT_THAT(refused_value(std::numeric_limits<std::uint64_t>::max()), HasSubstr("2^53"));
  EXPECT_THAT(refused_value(std::string(payload_bytes_max, 'x')), HasSubstr("more than 1048576"));
}

TEST(PayloadValue, a_value_nested_without_end_is_refused_before_it_is_written) {
  Json deep = 1;
  for (int level = 0; level < 20'000; ++level)
    deep = Json::array({std::move(deep)});
  EXPECT_THAT(refused_value(deep), HasSubstr("deeper than 64 levels"));
}

TEST(PayloadValue, sixty_four_levels_pass_and_sixty_five_do_not) {
  EXPECT_EQ(payload_text(Json::parse(nested(64, '[', ']')), "data").size(), 128U);
  EXPECT_THAT(refused_value(Json::parse(nested(65, '[', ']'))), HasSubstr("64 levels"));
}

TEST(ParsePayload, returns_the_value_or_refuses) {
  EXPECT_EQ(parse_payload(R"({"a":[1,2]})", "body"), Json({{"a", {1, 2}}}));
  EXPECT_EQ(refusal_of([] { static_cast<void>(parse_payload("{", "body")); }).field, "body");
}

TEST(HasText, is_that_text_and_nothing_else_under_that_name) {
  const Json object{{"type", "register"}, {"id", 7}};
  EXPECT_TRUE(has_text(object, "type", "register"));
  EXPECT_FALSE(has_text(object, "type", "regist"));
  EXPECT_FALSE(has_text(object, "id", "7"));
  EXPECT_FALSE(has_text(object, "data", "register"));
  EXPECT_FALSE(has_text(Json::array({"type"}), "type", "register"));
  EXPECT_FALSE(has_text(Json("type"), "type", "register"));
}

TEST(StorableText, is_utf8_without_nul) {
  EXPECT_TRUE(is_storable_text(""));
  EXPECT_TRUE(is_storable_text("tag:\xC3\xA9"));
  EXPECT_FALSE(is_storable_text("\xC3"));
  EXPECT_FALSE(is_storable_text(std::string_view{"a\0b", 3}));
}

}  // namespace
}  // namespace errand
