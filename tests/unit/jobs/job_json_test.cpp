#include "jobs/job_json.hpp"

#include <gtest/gtest.h>

#include "support.hpp"

namespace errand {
namespace {

using namespace std::chrono_literals;
using jobs_test::at;
using jobs_test::refusal_of;

Job finished_job() {
  Job job;
  job.id = 7;
  job.tag = "resize:a";
  job.type = "resizeImage";
  job.user_id = 42;
  job.data = {{"path", "a.png"}};
  job.due = at("2026-01-29T05:08:33.934Z");
  job.queue = "default";
  job.priority = -3;
  job.timeout = 1min;
  job.unique_key = "u";
  job.concurrency_key = "c";
  job.cron_schedule = "0 0 3 * * *";
  job.timezone = "Europe/Berlin";
  job.persistent = true;
  job.remove_delay = 1h;
  job.meta = {{"trace", "x"}};
  job.state = JobState::failed;
  job.attempt = 2;
  job.max_attempts = 5;
  job.started = at("2026-01-29T05:08:34Z");
  job.finished = at("2026-01-29T05:08:35Z");
  job.success = false;
  job.outcome = "failed";
  job.reason = "error";
  job.error = {{"error", "it broke"}};
  job.progress = Progress{0.5, "decoded"};
  job.worker = 3;
  job.rescheduled_from_job = 6;
  job.root_job = 5;
  job.crash_count = 1;
  job.cancel_requested = true;
  job.remove_at = at("2026-02-05T05:08:35Z");
  job.created_at = at("2026-01-29T05:00:00Z");
  job.updated_at = at("2026-01-29T05:08:35Z");
  return job;
}

TEST(JobJson, a_job_has_every_field_of_the_api) {
  const Json expected = Json::parse(R"({
    "id": 7, "tag": "resize:a", "type": "resizeImage", "userId": 42, "queue": "default",
    "priority": -3, "data": {"path": "a.png"}, "state": "failed", "attempt": 2, "maxAttempts": 5,
    "due": "2026-01-29T05:08:33.934Z", "started": "2026-01-29T05:08:34.000Z",
    "finished": "2026-01-29T05:08:35.000Z", "success": false, "outcome": "failed",
    "reason": "error", "result": null, "error": {"error": "it broke"},
    "cronSchedule": "0 0 3 * * *", "timezone": "Europe/Berlin", "persistent": true,
    "removeAt": "2026-02-05T05:08:35.000Z", "rescheduledFromJob": 6, "rootJob": 5,
    "progress": {"done": 0.5, "note": "decoded"}, "worker": 3,
    "createdAt": "2026-01-29T05:00:00.000Z", "updatedAt": "2026-01-29T05:08:35.000Z",
    "timeout": 60000, "removeDelay": 3600000, "uniqueKey": "u", "concurrencyKey": "c",
    "meta": {"trace": "x"}, "crashCount": 1, "cancelRequested": true})");
  EXPECT_EQ(to_json(finished_job()), expected);
}

TEST(JobJson, what_a_waiting_job_does_not_have_yet_is_null) {
  Job job;
  job.id = 1;
  const Json json = to_json(job);
  EXPECT_EQ(json.at("state"), "scheduled");
  EXPECT_EQ(json.at("data"), Json::object());
  for (const char* field : {"started",
                            "finished",
                            "success",
                            "outcome",
                            "reason",
                            "result",
                            "error",
                            "removeAt",
                            "progress",
                            "worker",
                            "timezone",
                            "rootJob",
                            "uniqueKey",
                            "concurrencyKey",
                            "timeout",
                            "removeDelay",
                            "meta",
                            "cronSchedule",
                            "rescheduledFromJob"})
    EXPECT_TRUE(json.at(field).is_null()) << field;
}

TEST(JobJson, a_notification) {
  EXPECT_EQ(to_json(Notification{9, 42, {{"type", "imageReady"}}, true, at("2026-01-01T00:00Z")}),
            Json::parse(R"({"id":9,"userId":42,"data":{"type":"imageReady"},"read":true,
                            "createdAt":"2026-01-01T00:00:00.000Z"})"));
}

TEST(JobJson, a_worker_with_what_it_runs) {
  WorkerInfo worker;
  worker.id = 3;
  worker.node = "n1";
  worker.hostname = "build-7";
  worker.slot = 2;
  worker.pid = 4711;
  worker.started = at("2026-01-01T00:00Z");
  worker.beat = at("2026-01-01T00:00:05Z");
  worker.rss_bytes = 1024;
  worker.running.push_back(finished_job());
  const Json json = to_json(worker);
  EXPECT_EQ(json.at("hostname"), "build-7");
  EXPECT_EQ(json.at("pid"), 4711);
  EXPECT_EQ(json.at("beat"), "2026-01-01T00:00:05.000Z");
  EXPECT_TRUE(json.at("ended").is_null());
  EXPECT_TRUE(json.at("endNote").is_null());
  EXPECT_EQ(json.at("rssBytes"), 1024);
  EXPECT_EQ(json.at("running").at(0).at("id"), 7);
}

TEST(JobJson, a_cron_with_and_without_a_live_link) {
  CronInfo cron;
  cron.tag = "nightly";
  cron.type = "nightly";
  cron.schedule = "@daily";
  EXPECT_TRUE(to_json(cron).at("nextJob").is_null());
  EXPECT_TRUE(to_json(cron).at("lastSuccess").is_null());
  cron.next_job = 12;
  cron.next_due = at("2026-01-01T00:00Z");
  cron.last_success = true;
  EXPECT_EQ(to_json(cron).at("nextJob"), 12);
  EXPECT_EQ(to_json(cron).at("nextDue"), "2026-01-01T00:00:00.000Z");
  EXPECT_EQ(to_json(cron).at("lastSuccess"), true);
}

TEST(JobStateText, each_state_has_one_name) {
  for (const JobState state : {JobState::scheduled,
                               JobState::started,
                               JobState::succeeded,
                               JobState::failed,
                               JobState::cancelled})
    EXPECT_EQ(job_state_from_text(to_text(state)), state);
  EXPECT_EQ(to_text(JobState::started), "started");
}

TEST(JobStateText, an_unknown_state_is_told_the_known_ones) {
  const auto refusal = refusal_of([] { static_cast<void>(job_state_from_text("dead")); });
  EXPECT_EQ(refusal.kind, ErrorKind::invalid);
  EXPECT_EQ(refusal.field, "state");
  EXPECT_EQ(
      refusal.message,
      "\"dead\" is not a state; the states are scheduled, started, succeeded, failed, cancelled");
}

TEST(JobStateText, a_state_without_a_name_is_a_bug) {
  EXPECT_EQ(refusal_of([] { static_cast<void>(to_text(static_cast<JobState>(99))); }).kind,
            ErrorKind::bug);
}

}  // namespace
}  // namespace errand
