#include <errand/log.hpp>
#include <mutex>
#include <thread>

#include <gtest/gtest.h>

namespace errand {
namespace {

struct Line {
  LogLevel level{LogLevel::info};
  std::string category{};
  std::string message{};
  Json fields = nullptr;
};

class RecordingSink final : public LogSink {
 public:
  void write(const LogRecord& record) override {
    const std::lock_guard lock{mutex_};
    lines_.push_back({record.level,
                      std::string{record.category},
                      std::string{record.message},
                      record.fields == nullptr ? Json(nullptr) : Json(*record.fields)});
  }

  [[nodiscard]] std::vector<Line> lines() const {
    const std::lock_guard lock{mutex_};
    return lines_;
  }

 private:
  mutable std::mutex mutex_{};
  std::vector<Line> lines_{};
};

class LogTest : public testing::Test {
 protected:
  std::shared_ptr<RecordingSink> sink_ = std::make_shared<RecordingSink>();
};

TEST_F(LogTest, passes_level_category_message_and_fields_to_the_sink) {
  const Log log{sink_, LogLevel::trace, "server"};
  log.info("resizing", {{"path", "a.png"}, {"width", 80}});
  ASSERT_EQ(sink_->lines().size(), 1U);
  const Line line = sink_->lines().front();
  EXPECT_EQ(line.level, LogLevel::info);
  EXPECT_EQ(line.category, "server");
  EXPECT_EQ(line.message, "resizing");
  EXPECT_EQ(line.fields, (Json{{"path", "a.png"}, {"width", 80}}));
}

TEST_F(LogTest, takes_one_field_as_readily_as_two) {
  Log{sink_, LogLevel::info}.info("one", {{"path", "a.png"}});
  EXPECT_EQ(sink_->lines().front().fields, (Json{{"path", "a.png"}}));
}

TEST_F(LogTest, gives_each_level_its_own_call) {
  const Log log{sink_, LogLevel::trace};
  log.trace("0");
  log.debug("1");
  log.info("2");
  log.warn("3");
  log.error("4");
  ASSERT_EQ(sink_->lines().size(), 5U);
  for (std::size_t i = 0; i < 5; ++i) {
    EXPECT_EQ(sink_->lines().at(i).level, static_cast<LogLevel>(i));
    EXPECT_EQ(sink_->lines().at(i).message, std::to_string(i));
  }
}

TEST_F(LogTest, drops_what_is_below_its_level) {
  const Log log{sink_, LogLevel::warn};
  EXPECT_FALSE(log.enabled(LogLevel::info));
  EXPECT_TRUE(log.enabled(LogLevel::warn));
  log.info("no");
  log.warn("yes");
  log.error("yes");
  EXPECT_EQ(sink_->lines().size(), 2U);
}

TEST_F(LogTest, children_extend_the_category_and_keep_the_level) {
  const Log child = Log{sink_, LogLevel::warn, "worker-1"}.child("job").child("part");
  child.info("no");
  child.warn("yes");
  ASSERT_EQ(sink_->lines().size(), 1U);
  EXPECT_EQ(sink_->lines().front().category, "worker-1/job/part");
}

TEST_F(LogTest, children_of_a_nameless_log_have_no_leading_slash) {
  Log{sink_, LogLevel::info}.child("job").info("x");
  Log{sink_, LogLevel::info, "worker"}.child("").info("y");
  EXPECT_EQ(sink_->lines().at(0).category, "job");
  EXPECT_EQ(sink_->lines().at(1).category, "worker");
}

TEST_F(LogTest, children_carry_their_parents_fields_and_the_nearest_wins) {
  const Log parent{sink_, LogLevel::info, "a", {{"node", "n1"}, {"id", 1}}};
  parent.child("b", {{"id", 2}, {"type", "t"}}).info("x", {{"type", "u"}});
  EXPECT_EQ(sink_->lines().front().fields, (Json{{"node", "n1"}, {"id", 2}, {"type", "u"}}));
}

TEST_F(LogTest, a_child_does_not_change_its_parent) {
  const Log parent{sink_, LogLevel::info, "a", {{"id", 1}}};
  (void)parent.child("b", {{"id", 2}});
  parent.info("x");
  EXPECT_EQ(sink_->lines().front().fields, (Json{{"id", 1}}));
  EXPECT_EQ(sink_->lines().front().category, "a");
}

TEST_F(LogTest, fields_that_are_no_object_are_kept_under_one_name) {
  Log{sink_, LogLevel::info}.info("x", {1, 2, 3});
  EXPECT_EQ(sink_->lines().front().fields, (Json{{"fields", {1, 2, 3}}}));
}

TEST_F(LogTest, lines_without_fields_have_none) {
  Log{sink_, LogLevel::info}.info("x");
  EXPECT_TRUE(sink_->lines().front().fields.is_null());
}

TEST_F(LogTest, an_empty_log_drops_everything_and_has_empty_children) {
  const Log log;
  EXPECT_FALSE(log.enabled(LogLevel::error));
  log.error("x", {{"a", 1}});
  EXPECT_FALSE(log.child("c", {{"a", 1}}).enabled(LogLevel::error));
  EXPECT_FALSE((Log{nullptr, LogLevel::trace}.enabled(LogLevel::error)));
}

TEST_F(LogTest, is_used_from_several_threads_at_once) {
  const Log log{sink_, LogLevel::info, "shared", {{"node", 1}}};
  std::vector<std::jthread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([child = log.child("t"), t] {
      for (int i = 0; i < 100; ++i)
        child.info("x", {{"thread", t}});
    });
  threads.clear();
  EXPECT_EQ(sink_->lines().size(), 400U);
}

}  // namespace
}  // namespace errand
