#include <gtest/gtest.h>

#include "jobs/payload.hpp"
#include "support.hpp"

namespace errand {
namespace {

using testing::EndsWith;
using testing::StartsWith;

const std::string replaced = "\xEF\xBF\xBD";

TEST(SanitiseText, good_text_stays_as_it_is) {
  EXPECT_EQ(sanitise_text("caf\xC3\xA9 \xF0\x9F\x98\x80\n"), "caf\xC3\xA9 \xF0\x9F\x98\x80\n");
  EXPECT_EQ(sanitise_text(""), "");
}

TEST(SanitiseText, what_cannot_be_stored_is_replaced) {
  EXPECT_EQ(sanitise_text(std::string_view{"a\0b", 3}), "a" + replaced + "b");
  EXPECT_EQ(sanitise_text("a\xFF"
                          "b"),
            "a" + replaced + "b");
  EXPECT_EQ(sanitise_text("\xED\xA0\x80"), replaced + replaced + replaced);
  EXPECT_EQ(sanitise_text("end\xE2\x82"), "end" + replaced + replaced);
}

TEST(SanitiseText, long_text_is_cut_and_says_so) {
  const std::string text = sanitise_text(std::string(100'000, 'x'));
  EXPECT_LE(text.size(), result_bytes_max);
  EXPECT_GT(text.size(), result_bytes_max - 100);
  EXPECT_THAT(text, EndsWith("… [cut, 100000 bytes in all]"));
}

TEST(SanitiseText, text_of_just_the_limit_is_not_cut) {
  EXPECT_EQ(sanitise_text(std::string(200, 'x'), 200), std::string(200, 'x'));
  EXPECT_THAT(sanitise_text(std::string(201, 'x'), 200), EndsWith("[cut, 201 bytes in all]"));
}

TEST(SanitiseText, a_cut_never_splits_a_character) {
  std::string text;
  while (text.size() < 400)
    text += "\xE2\x82\xAC";
  for (std::size_t most = 1; most < 200; ++most) {
    const std::string cut = sanitise_text(text, most);
    EXPECT_LE(cut.size(), most);
    EXPECT_TRUE(is_storable_text(cut)) << most;
  }
}

TEST(SanitiseText, a_limit_without_room_for_the_note_only_cuts) {
  EXPECT_EQ(sanitise_text("abcdefgh", 4), "abcd");
  EXPECT_EQ(sanitise_text("abcdefgh", 0), "");
}

TEST(SanitiseText, replacements_that_make_it_too_long_are_cut_too) {
  const std::string text = sanitise_text(std::string(1000, '\xFF'), 1000);
  EXPECT_LE(text.size(), 1000U);
  EXPECT_THAT(text, EndsWith("[cut, 1000 bytes in all]"));
}

TEST(ResultText, a_result_becomes_its_json) {
  EXPECT_EQ(result_text({{"width", 80}, {"tags", {"a", "b"}}, {"done", true}}),
            R"({"done":true,"tags":["a","b"],"width":80})");
  EXPECT_EQ(result_text(nullptr), "null");
  EXPECT_EQ(result_text(0.5), "0.5");
}

TEST(ResultText, bad_text_is_replaced_in_values_and_keys) {
  EXPECT_EQ(result_text({{"a\xFF", "\xFF"}}), "{\"a" + replaced + "\":\"" + replaced + "\"}");
  EXPECT_EQ(result_text(Json::array({std::string{"a\0b", 3}})), "[\"a" + replaced + "b\"]");
}

TEST(ResultText, integers_that_would_lose_digits_become_text) {
  EXPECT_EQ(result_text({9007199254740992, 9007199254740993, -9007199254740993}),
            R"([9007199254740992,"9007199254740993","-9007199254740993"])");
  EXPECT_EQ(result_text(std::uint64_t{18446744073709551615U}), R"("18446744073709551615")");
}

TEST(ResultText, what_json_cannot_say_becomes_null) {
  EXPECT_EQ(result_text({std::nan(""), Json::binary({1})}), "[null,null]");
}

TEST(ResultText, levels_beyond_sixty_four_are_left_out) {
  Json deep = 1;
  for (int level = 0; level < 5000; ++level)
    deep = Json::array({std::move(deep)});
  const std::string text = result_text(deep);
  EXPECT_NO_THROW(check_payload_text(text, "result"));
  EXPECT_THAT(text, testing::HasSubstr("nested deeper than 64 levels"));
}

TEST(ResultText, whatever_is_returned_can_be_stored) {
  const Json awkward{
      {"nul", std::string{"\0", 1}}, {"big", std::int64_t{1} << 60}, {"bad", "\xC3"}};
  EXPECT_NO_THROW(check_payload_text(result_text(awkward), "result"));
}

TEST(ResultText, a_large_result_is_shortened_and_flagged) {
  for (const std::string& filling : {std::string(100'000, 'x'), std::string(100'000, '"')}) {
    const std::string text = result_text({{"all", filling}});
    EXPECT_LE(text.size(), result_bytes_max);
    const Json told = Json::parse(text);
    EXPECT_EQ(told.at("truncated"), true);
    EXPECT_GT(told.at("bytes").get<std::size_t>(), 100'000U);
    EXPECT_THAT(told.at("start").get<std::string>(), StartsWith("{\"all\":\""));
  }
}

TEST(ErrorText, an_error_object_is_kept_whole) {
  EXPECT_EQ(error_text({{"error", "it broke"}, {"line", 7}}), R"({"error":"it broke","line":7})");
}

TEST(ErrorText, what_is_no_object_becomes_one) {
  EXPECT_EQ(error_text("it broke"), R"({"error":"it broke"})");
  EXPECT_EQ(error_text(7), R"({"error":"7"})");
  EXPECT_EQ(error_text(nullptr), R"({"error":"no reason was given"})");
  EXPECT_EQ(error_text({{"line", 7}}), R"({"error":"no reason was given","line":7})");
}

TEST(ErrorText, a_large_error_keeps_its_sentence) {
  const Json told =
      Json::parse(error_text({{"error", "it broke"}, {"backtrace", std::string(100'000, 'x')}}));
  EXPECT_EQ(told.at("error"), "it broke");
  EXPECT_EQ(told.at("truncated"), true);
  EXPECT_FALSE(told.contains("backtrace"));
}

TEST(ErrorText, an_endless_sentence_is_cut) {
  const std::string text = error_text({{"error", std::string(200'000, '"')}});
  EXPECT_LE(text.size(), result_bytes_max);
  EXPECT_THAT(Json::parse(text).at("error").get<std::string>(), EndsWith("bytes in all]"));
}

TEST(ErrorText, an_error_that_is_a_large_object_is_cut_as_text) {
  const Json told = Json::parse(error_text({{"error", {{"x", std::string(100'000, 'x')}}}}));
  EXPECT_TRUE(told.at("error").is_string());
}

}  // namespace
}  // namespace errand
