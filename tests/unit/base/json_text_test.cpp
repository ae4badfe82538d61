#include "base/json_text.hpp"

#include <rapidcheck/gtest.h>

#include <gmock/gmock.h>

namespace errand {
namespace {

/// Also of the same kinds: 1, 1u and 1.0 are equal, and are not written alike.
void expect_as_nlohmann_reads(const std::string& text) {
  const Json expected = Json::parse(text);
  const Json read = parse_json(text);
  EXPECT_EQ(read, expected) << text;
  EXPECT_EQ(read.type(), expected.type()) << text;
  EXPECT_EQ(read.dump(), expected.dump()) << text;
}

template <typename Parse>
std::string refusal_of(const Parse& parse, const char* text) {
  try {
    return "read as " + parse(text).dump();
  } catch (const Json::exception& refusal) {
    return refusal.what();
  }
}

TEST(JsonText, IsReadAsNlohmannReadsIt) {
  for (const char* text : {"null",
                           "true",
                           "false",
                           "0",
                           "-1",
                           "1.0",
                           "-0.0",
                           "1e5",
                           "0.1",
                           "9007199254740993",
                           "9223372036854775807",
                           "-9223372036854775808",
                           "9223372036854775808",
                           "18446744073709551615",
                           "123456789012345678901234567890",
                           "2.2250738585072014e-308",
                           "5e-324",
                           R"("")",
                           R"("\u0000\n\"\\\/\u00e9\ud83d\ude00é")",
                           "[]",
                           "{}",
                           R"( [1, [2.5, {"a" : null}], "x" ] )",
                           R"({"b":1,"a":{"c":[true,false]},"b":2,"":0})"})
    expect_as_nlohmann_reads(text);
}

TEST(JsonText, IsReadWhateverItsSize) {
  for (const std::size_t bytes : {1UL, 1000UL, 64UL * 1024, 1024UL * 1024}) {
    expect_as_nlohmann_reads("\"" + std::string(bytes, 'x') + "\"");
    expect_as_nlohmann_reads("[" + std::string(bytes, ' ') + "1]");
  }
}

/// Counted from above: to compare them, or to write them, takes stack for each level.
TEST(JsonText, IsReadHoweverDeepItIs) {
  for (const std::size_t levels : {1000UL, 1100UL}) {  // simdjson reads up to 1,024
    const Json read = parse_json(std::string(levels, '[') + std::string(levels, ']'));
    std::size_t read_levels = 1;
    for (const Json* level = &read; !level->empty(); level = &level->front())
      ++read_levels;
    EXPECT_EQ(read_levels, levels);
  }
}

TEST(JsonText, ThatIsNoneIsRefusedInNlohmannsWords) {
  for (const char* text : {"",
                           " ",
                           "nul",
                           "[1,]",
                           "{\"a\" 1}",
                           "01",
                           "1e400",
                           "\"\xff\"",
                           "\"\n\"",
                           R"("\ud800")",
                           "[] []",
                           "\"a"}) {
    const std::string expected =
        refusal_of([](const char* json) { return Json::parse(json); }, text);
    EXPECT_THAT(expected, ::testing::HasSubstr("json.exception")) << text;
    EXPECT_EQ(refusal_of([](const char* json) { return parse_json(json); }, text), expected);
  }
}

/// Where a text ends early, what lies behind it in memory is not read.
TEST(JsonText, EndsWhereItEnds) {
  const std::string text = "[1,2,3]4";
  EXPECT_EQ(parse_json(std::string_view{text}.substr(0, 7)), (Json{1, 2, 3}));
}

RC_GTEST_PROP(JsonText, OfAnyNumbersAndTextsIsReadAsNlohmannReadsIt, ()) {
  Json made = Json::object();
  made["whole"] = *rc::gen::arbitrary<std::vector<std::int64_t>>();
  made["large"] = *rc::gen::arbitrary<std::vector<std::uint64_t>>();
  made["real"] = *rc::gen::arbitrary<std::vector<double>>();
  for (const std::string& key : *rc::gen::arbitrary<std::vector<std::string>>())
    made["texts"].push_back({{key, key + key}});
  const std::string text = made.dump(-1, ' ', false, Json::error_handler_t::replace);
  const Json expected = Json::parse(text);
  RC_ASSERT(parse_json(text) == expected);
  RC_ASSERT(parse_json(text).dump() == expected.dump());
}

}  // namespace
}  // namespace errand
