#include <errand/job_registry.hpp>

#include <gtest/gtest.h>

#include "support.hpp"

namespace errand {

struct ResizeImage {
  static constexpr std::string_view job_type = "resizeImage";
  std::string path{};
  int width{0};
  NLOHMANN_DEFINE_TYPE_INTRUSIVE(ResizeImage, path, width)
};

namespace {

using namespace std::chrono_literals;
using jobs_test::refusal_of;
using testing::HasSubstr;

/// Only the payload matters to the registry.
class PayloadContext final : public JobContext {
 public:
  explicit PayloadContext(std::string data) : data_{std::move(data)} {}

  [[nodiscard]] const Job& job() const override { return job_; }

  [[nodiscard]] std::string_view data_text() const override { return data_; }

  [[nodiscard]] ServerApp& app() override { throw Error{ErrorKind::bug, "not in this test"}; }

  [[nodiscard]] const Log& log() const override { throw Error{ErrorKind::bug, "not in this test"}; }

  void progress(double, std::string_view) override {}

  [[nodiscard]] std::stop_token stop_token() const override { return {}; }

  void throw_if_cancelled() override {}

  void with_transaction(const std::function<void(Transaction&)>&) override {}

  void complete_in(Transaction&, const Json&) override {}

 private:
  Job job_{};
  std::string data_;
};

void do_nothing(JobContext&, const Json&) {}

Outcome run(const JobRegistry& jobs, std::string_view type, std::string data) {
  PayloadContext context{std::move(data)};
  return jobs.find(type)->handler(context);
}

std::string field_for(std::string_view name, JobOptions options) {
  JobRegistry jobs;
  return refusal_of([&] { jobs.add(name, do_nothing, std::move(options)); }).field;
}

TEST(JobRegistry, finds_what_was_added_and_nothing_else) {
  JobRegistry jobs;
  jobs.add("sendEmail", do_nothing, {.queue = "mail", .priority = 3});
  ASSERT_NE(jobs.find("sendEmail"), nullptr);
  EXPECT_EQ(jobs.find("sendEmail")->options.queue, "mail");
  EXPECT_EQ(jobs.find("sendemail"), nullptr);
  EXPECT_EQ(jobs.types().size(), 1U);
}

TEST(JobRegistry, a_handler_gets_the_payload_and_its_result_is_kept) {
  JobRegistry jobs;
  jobs.add("echo", [](JobContext&, const Json& data) { return data.at("a"); });
  EXPECT_EQ(run(jobs, "echo", R"({"a":[1,2]})").result(), Json({1, 2}));
}

TEST(JobRegistry, a_handler_may_return_nothing_or_an_outcome) {
  JobRegistry jobs;
  jobs.add("quiet", do_nothing);
  jobs.add("later", [](JobContext&, const Json&) { return Outcome::snooze(5s); });
  EXPECT_TRUE(run(jobs, "quiet", "{}").result().is_null());
  EXPECT_EQ(run(jobs, "later", "{}").delay(), 5s);
}

TEST(JobRegistry, a_typed_handler_gets_its_type) {
  JobRegistry jobs;
  jobs.add<ResizeImage>([](JobContext&, const ResizeImage& image) -> Json {
    return {{"path", image.path}, {"width", image.width}};
  });
  EXPECT_EQ(run(jobs, "resizeImage", R"({"path":"a.png","width":80})").result(),
            Json({{"path", "a.png"}, {"width", 80}}));
}

TEST(JobRegistry, a_payload_that_does_not_fit_is_an_invalid_data_field) {
  JobRegistry jobs;
  jobs.add<ResizeImage>([](JobContext&, const ResizeImage&) {});
  for (const char* data : {R"({"path":"a.png"})", R"({"path":7,"width":80})", "[]", "{", ""}) {
    const auto refusal = refusal_of([&] { static_cast<void>(run(jobs, "resizeImage", data)); });
    EXPECT_EQ(refusal.kind, ErrorKind::invalid) << data;
    EXPECT_EQ(refusal.field, "data") << data;
    EXPECT_THAT(refusal.message, HasSubstr("the payload does not fit the job's type")) << data;
  }
}

TEST(JobRegistry, a_row_without_a_payload_has_an_empty_object) {
  JobRegistry jobs;
  jobs.add("echo", [](JobContext&, const Json& data) { return data; });
  EXPECT_EQ(run(jobs, "echo", "").result(), Json::object());
}

TEST(JobRegistry, a_name_is_given_once) {
  JobRegistry jobs;
  jobs.add("a", do_nothing);
  const auto refusal = refusal_of([&] { jobs.add("a", do_nothing); });
  EXPECT_EQ(refusal.kind, ErrorKind::invalid);
  EXPECT_EQ(refusal.field, "type");
  EXPECT_THAT(refusal.message, HasSubstr("\"a\" is registered twice"));
}

TEST(JobRegistry, a_name_is_text_of_reasonable_length) {
  EXPECT_EQ(field_for("", {}), "type");
  EXPECT_EQ(field_for(std::string(257, 'x'), {}), "type");
  EXPECT_EQ(field_for("\xFF", {}), "type");
  EXPECT_EQ(field_for(std::string(256, 'x'), {}), "");
}

TEST(JobRegistry, a_handler_is_required) {
  JobRegistry jobs;
  EXPECT_EQ(refusal_of([&] { jobs.add_type({"a", {}, {}}); }).field, "handler");
}

TEST(JobRegistry, options_are_checked_when_they_are_given) {
  EXPECT_EQ(field_for("a", {.retry = RetryPolicy::backoff({.factor = 0})}), "retry.factor");
  EXPECT_EQ(field_for("a", {.timeout = -1s}), "timeout");
  EXPECT_EQ(field_for("a", {.cron = "* * *"}), "cronSchedule");
  EXPECT_EQ(field_for("a", {.cron = "@daily", .timezone = "Mars/Olympus"}), "timezone");
  EXPECT_EQ(field_for("a", {.timezone = "Europe/Berlin"}), "timezone");
  EXPECT_EQ(field_for("a", {.queue = ""}), "queue");
  EXPECT_EQ(field_for("a", {.queue = "two words"}), "queue");
  EXPECT_EQ(field_for("a", {.remove_delay = -1s}), "removeDelay");
}

TEST(JobRegistry, a_refused_type_is_named_and_not_added) {
  JobRegistry jobs;
  const auto refusal =
      refusal_of([&] { jobs.add("report", do_nothing, {.cron = "0 61 * * * *"}); });
  EXPECT_THAT(refusal.message, HasSubstr("cannot add the job type \"report\": the cron schedule"));
  EXPECT_THAT(refusal.message, HasSubstr("minutes, column 3"));
  EXPECT_EQ(jobs.find("report"), nullptr);
}

TEST(JobRegistry, a_function_is_a_fine_policy_for_a_type) {
  EXPECT_EQ(field_for("a", {.retry = RetryPolicy::custom([](int, const Json&) { return 1s; })}),
            "");
}

TEST(JobRegistry, an_hourly_clean_up_can_be_declared) {
  EXPECT_EQ(field_for("removeOldWorkerJobs", {.cron = "0 0 * * * *", .persistent = true}), "");
}

}  // namespace
}  // namespace errand
