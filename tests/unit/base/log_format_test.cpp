#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <thread>

#include <gtest/gtest.h>

#include "base/log_sinks.hpp"
#include "base/unique_fd.hpp"

namespace errand {
namespace {

constexpr TimePoint instant{std::chrono::microseconds{1'769'663'313'934'567}};

std::string text_of(std::string_view message, const Json& fields = nullptr) {
  const LogRecord record{.level = LogLevel::info,
                         .category = "worker-1/job",
                         .message = message,
                         .fields = fields.is_null() ? nullptr : &fields};
  return format_log_line(record, LogFormat::text, instant);
}

std::string json_of(std::string_view message, const Json& fields = nullptr) {
  const LogRecord record{.level = LogLevel::warn,
                         .category = "server",
                         .message = message,
                         .fields = fields.is_null() ? nullptr : &fields};
  return format_log_line(record, LogFormat::json, instant);
}

constexpr std::string_view text_head = "2026-01-29T05:08:33.934Z [info] <worker-1/job> ";

std::string after_head(std::string line) {
  EXPECT_EQ(line.substr(0, text_head.size()), text_head);
  return line.substr(std::min(line.size(), text_head.size()));
}

TEST(TextLines, have_time_level_category_message_and_fields) {
  EXPECT_EQ(text_of("resizing", {{"path", "a.png"}, {"width", 80}}),
            "2026-01-29T05:08:33.934Z [info] <worker-1/job> resizing path=a.png width=80");
}

TEST(TextLines, leave_the_category_out_when_there_is_none) {
  EXPECT_EQ(format_log_line({.level = LogLevel::error, .message = "x"}, LogFormat::text, instant),
            "2026-01-29T05:08:33.934Z [error] x");
}

TEST(TextLines, quote_values_that_would_not_read_as_one_word) {
  EXPECT_EQ(after_head(text_of("m", {{"key2", "two words"}})), R"(m key2="two words")");
  EXPECT_EQ(after_head(text_of("m", {{"k", ""}})), R"(m k="")");
  EXPECT_EQ(after_head(text_of("m", {{"k", "a=b"}})), R"(m k="a=b")");
  EXPECT_EQ(after_head(text_of("m", {{"k", R"(say "hi")"}})), R"(m k="say \"hi\"")");
  EXPECT_EQ(after_head(text_of("m", {{"k", R"(C:\temp)"}})), R"(m k="C:\\temp")");
  EXPECT_EQ(after_head(text_of("m", {{"k", "ünïcödé"}})), "m k=ünïcödé");
}

TEST(TextLines, write_other_values_as_json_does) {
  EXPECT_EQ(after_head(text_of("m", {{"a", true}, {"b", nullptr}, {"c", -1.5}, {"d", 1U}})),
            "m a=true b=null c=-1.5 d=1");
  EXPECT_EQ(after_head(text_of("m", {{"a", {{"b", "c"}}}})), R"(m a="{\"b\":\"c\"}")");
  EXPECT_EQ(after_head(text_of("m", {{"a", {1, 2}}})), "m a=[1,2]");
}

TEST(TextLines, cannot_be_forged_or_made_to_act_on_a_terminal) {
  const std::string attack = "x\n2026-01-29T05:08:33.934Z [error] forged\x1b[2J\xff";
  EXPECT_EQ(after_head(text_of(attack)),
            R"(x\n2026-01-29T05:08:33.934Z [error] forged\u001b[2J\xff)");
  EXPECT_EQ(after_head(text_of("m", {{"k", attack}})),
            R"(m k="x\n2026-01-29T05:08:33.934Z [error] forged\u001b[2J\xff")");
  EXPECT_EQ(after_head(text_of("m", {{attack.substr(0, 3), 1}})), R"(m "x\n2"=1)");
  EXPECT_EQ(after_head(text_of("m", {{"k", {"\x1b", "\n"}}})).find('\x1b'), std::string::npos);
}

TEST(TextLines, cut_endless_texts_between_characters) {
  std::string huge(16 * 1024 - 1, 'a');
  huge += "é and more";
  const std::string line = after_head(text_of(huge));
  EXPECT_TRUE(line.ends_with("aaa… (11 bytes more)")) << line.substr(line.size() - 40);
}

TEST(JsonLines, are_one_object_with_the_fields_after_the_fixed_members) {
  EXPECT_EQ(json_of("resizing", {{"path", "a b"}, {"width", 80}}),
            R"({"time":"2026-01-29T05:08:33.934Z","level":"warn","category":"server",)"
            R"("message":"resizing","path":"a b","width":80})");
}

TEST(JsonLines, keep_fields_apart_from_the_fixed_members) {
  const Json line = Json::parse(json_of("m", {{"message", "mine"}, {"time", 1}}));
  EXPECT_EQ(line.at("message"), "m");
  EXPECT_EQ(line.at("message_"), "mine");
  EXPECT_EQ(line.at("time_"), 1);
}

TEST(JsonLines, parse_whatever_the_texts_hold) {
  for (int byte = 0; byte < 256; ++byte) {
    const std::string text = std::string{"a"} + static_cast<char>(byte) + "\xe2\x82 z";
    const std::string line = json_of(text, {{"k", text}, {"deep", {{"list", {text}}}}});
    EXPECT_EQ(line.find('\n'), std::string::npos);
    const Json parsed = Json::parse(line);
    if (byte < 0x80) {
      EXPECT_EQ(parsed.at("message"),
                std::string{"a"} + static_cast<char>(byte) + "\xef\xbf\xbd\xef\xbf\xbd z");
      EXPECT_EQ(parsed.at("k"), parsed.at("message"));
      EXPECT_EQ(parsed.at("deep").at("list").at(0), parsed.at("message"));
    }
  }
}

TEST(JsonLines, keep_numbers_booleans_and_structures) {
  const Json fields{{"a", 1}, {"b", 2.5}, {"c", true}, {"d", nullptr}, {"e", {1, "x", {{"f", 2}}}}};
  const Json line = Json::parse(json_of("m", fields));
  for (const auto& [name, value] : fields.items())
    EXPECT_EQ(line.at(name), value);
}

TEST(Levels, have_names_that_read_back) {
  for (const LogLevel level :
       {LogLevel::trace, LogLevel::debug, LogLevel::info, LogLevel::warn, LogLevel::error})
    EXPECT_EQ(log_level_from_text(to_text(level)), level);
  EXPECT_EQ(to_text(LogLevel::warn), "warn");
  for (const std::string_view text : {"", "INFO", "warning", "off", "fatal"})
    EXPECT_EQ(log_level_from_text(text), std::nullopt);
}

class FixedClock final : public Clock {
 public:
  [[nodiscard]] TimePoint wall_now() const override { return instant; }

  [[nodiscard]] SteadyPoint steady_now() const override { return {}; }
};

TEST(LogSinks, write_whole_lines_from_several_threads) {
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
  const UniqueFd reader{ends[0]};
  UniqueFd writer{ends[1]};
  {
    const Log log{make_log_sink(writer.get(), LogFormat::text, std::make_shared<FixedClock>()),
                  LogLevel::info,
                  "worker-1/job"};
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t)
      threads.emplace_back([&log] {
        for (int i = 0; i < 50; ++i)
          log.info("x", {{"k", "v"}});
      });
  }
  writer.reset();
  std::string all;
  std::array<char, 4096> buffer{};
  for (ssize_t got = 0; (got = ::read(reader.get(), buffer.data(), buffer.size())) > 0;)
    all.append(buffer.data(), static_cast<std::size_t>(got));
  std::string expected;
  for (int i = 0; i < 200; ++i)
    expected.append(text_head).append("x k=v\n");
  EXPECT_EQ(all, expected);
}

}  // namespace
}  // namespace errand
