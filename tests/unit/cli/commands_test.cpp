#include "cli/commands.hpp"

#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/cli/fake_manager.hpp"

namespace errand::cli {
namespace {

using namespace std::chrono_literals;
using testing::_;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::Return;
using testing::StrictMock;
using testing::Throw;

constexpr TimePoint instant{1'769'663'313'934'000us};  // 2026-01-29T05:08:33.934Z

Job a_job(JobId id, JobState state = JobState::scheduled) {
  Job job;
  job.id = id;
  job.tag = "t";
  job.type = "resizeImage";
  job.queue = "default";
  job.state = state;
  job.due = instant;
  job.created_at = instant;
  job.updated_at = instant;
  return job;
}

Job a_failed_job(JobId id) {
  Job job = a_job(id, JobState::failed);
  job.started = instant;
  job.finished = instant + 2s;
  job.success = false;
  job.outcome = "failed";
  job.reason = "error";
  job.error = {{"error", "no such file"}, {"backtrace", {"main()", "resize()\x1b"}}};
  return job;
}

class Commands : public testing::Test {
 protected:
  [[nodiscard]] Terminal terminal(bool json = false) { return {in_, out_, err_, 0, json}; }

  [[nodiscard]] Json printed() const { return Json::parse(out_.str()); }

  std::istringstream in_{};
  std::ostringstream out_{};
  std::ostringstream err_{};
  StrictMock<FakeManager> manager_{};
};

using SubmitCommand = Commands;

SubmitArguments submission(const std::string& data = "{}") {
  SubmitArguments arguments;
  arguments.job.type = "resizeImage";
  arguments.data = data;
  return arguments;
}

TEST_F(SubmitCommand, submits_the_payload_with_the_type_for_a_tag) {
  EXPECT_CALL(manager_,
              submit_job(testing::AllOf(Field(&NewJob::type, "resizeImage"),
                                        Field(&NewJob::tag, "resizeImage"),
                                        Field(&NewJob::data, Json{{"width", 80}}))))
      .WillOnce(Return(a_job(7)));
  EXPECT_EQ(submit(terminal(), manager_, submission(R"({"width":80})")), 0);
  EXPECT_EQ(out_.str(), "job 7 (resizeImage) is scheduled, due 2026-01-29 05:08:33\n");
}

TEST_F(SubmitCommand, keeps_a_tag_that_was_given) {
  SubmitArguments arguments = submission();
  arguments.job.tag = "mine";
  EXPECT_CALL(manager_, submit_job(Field(&NewJob::tag, "mine"))).WillOnce(Return(a_job(7)));
  EXPECT_EQ(submit(terminal(), manager_, arguments), 0);
}

TEST_F(SubmitCommand, reads_the_payload_from_standard_input) {
  in_.str("[1, 2]\n");
  EXPECT_CALL(manager_, submit_job(Field(&NewJob::data, Json::array({1, 2}))))
      .WillOnce(Return(a_job(7)));
  EXPECT_EQ(submit(terminal(), manager_, submission("-")), 0);
}

TEST_F(SubmitCommand, refuses_a_payload_before_anything_is_stored) {
  in_.str("\"" + std::string(2 << 20, 'x') + "\"");
  for (const char* data : {"", "{", "nonsense", "{\"a\":1,\"a\":2}", "-"}) {
    try {
      (void)submit(terminal(), manager_, submission(data));
      ADD_FAILURE() << data;
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::invalid);
      EXPECT_EQ(error.field(), "data");
    }
  }
}

TEST_F(SubmitCommand, prints_the_job_for_programs) {
  EXPECT_CALL(manager_, submit_job(testing::A<const NewJob&>())).WillOnce(Return(a_job(7)));
  EXPECT_EQ(submit(terminal(true), manager_, submission()), 0);
  EXPECT_EQ(printed().at("id"), 7);
  EXPECT_EQ(printed().at("state"), "scheduled");
}

class WaitingSubmit : public Commands {
 protected:
  WaitingSubmit() {
    arguments_.wait = 5s;
    EXPECT_CALL(manager_, submit_job(testing::A<const NewJob&>())).WillOnce(Return(a_job(7)));
  }

  SubmitArguments arguments_ = submission();
};

TEST_F(WaitingSubmit, exits_with_0_and_the_result_when_the_job_succeeded) {
  Job done = a_job(7, JobState::succeeded);
  done.result = {{"width", 80}};
  EXPECT_CALL(manager_, wait_for(7, milliseconds{5s})).WillOnce(Return(done));
  EXPECT_EQ(submit(terminal(), manager_, arguments_), 0);
  EXPECT_EQ(out_.str(), "job 7 succeeded: {\"width\":80}\n");
}

TEST_F(WaitingSubmit, exits_with_1_and_the_error_when_the_job_failed) {
  EXPECT_CALL(manager_, wait_for(7, _)).WillOnce(Return(a_failed_job(9)));
  EXPECT_EQ(submit(terminal(), manager_, arguments_), 1);
  EXPECT_EQ(out_.str(), "");
  EXPECT_EQ(err_.str(), "errand: job 9 failed: no such file\n");
}

TEST_F(WaitingSubmit, says_that_time_is_over) {
  EXPECT_CALL(manager_, wait_for(7, _)).WillOnce(Return(std::nullopt));
  try {
    (void)submit(terminal(), manager_, arguments_);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::timed_out);
    EXPECT_STREQ(error.what(), "job 7 has not finished within 5s; ask again with 'errand job 7'");
  }
}

TEST_F(WaitingSubmit, prints_the_finished_job_for_programs) {
  EXPECT_CALL(manager_, wait_for(7, _)).WillOnce(Return(a_failed_job(7)));
  EXPECT_EQ(submit(terminal(true), manager_, arguments_), 1);
  EXPECT_EQ(printed().at("state"), "failed");
}

using JobsCommand = Commands;

TEST_F(JobsCommand, prints_a_table) {
  JobFilter filter;
  filter.tag = "t";
  EXPECT_CALL(manager_, list_jobs(Field(&JobFilter::tag, "t")))
      .WillOnce(Return(JobPage{{a_failed_job(12), a_job(3)}, std::nullopt}));
  EXPECT_EQ(list_jobs(terminal(), manager_, filter), 0);
  EXPECT_EQ(out_.str(),
            "ID  STATE      TYPE         TAG  QUEUE    ATTEMPT  DUE (UTC)            FINISHED "
            "(UTC)       ERROR\n"
            "12  failed     resizeImage  t    default  1 of 1   2026-01-29 05:08:33  2026-01-29 "
            "05:08:35  no such file\n"
            "3   scheduled  resizeImage  t    default  1 of 1   2026-01-29 05:08:33  -\n");
  EXPECT_EQ(err_.str(), "");
}

TEST_F(JobsCommand, says_that_there_are_none) {
  EXPECT_CALL(manager_, list_jobs(_)).WillOnce(Return(JobPage{}));
  EXPECT_EQ(list_jobs(terminal(), manager_, {}), 0);
  EXPECT_EQ(out_.str(), "no jobs\n");
}

TEST_F(JobsCommand, tells_where_the_next_page_begins) {
  EXPECT_CALL(manager_, list_jobs(_)).WillOnce(Return(JobPage{{a_job(3)}, 3}));
  EXPECT_EQ(list_jobs(terminal(), manager_, {}), 0);
  EXPECT_EQ(err_.str(), "there are more: --before 3\n");
}

TEST_F(JobsCommand, prints_a_page_for_programs) {
  EXPECT_CALL(manager_, list_jobs(_))
      .WillOnce(Return(JobPage{{a_job(4), a_job(3)}, 3}))
      .WillOnce(Return(JobPage{}));
  EXPECT_EQ(list_jobs(terminal(true), manager_, {}), 0);
  EXPECT_EQ(printed().at("jobs").size(), 2U);
  EXPECT_EQ(printed().at("jobs").at(0).at("id"), 4);
  EXPECT_EQ(printed().at("next"), 3);
  out_.str("");
  EXPECT_EQ(list_jobs(terminal(true), manager_, {}), 0);
  EXPECT_EQ(printed(), (Json{{"jobs", Json::array()}, {"next", nullptr}}));
}

using JobCommand = Commands;

TEST_F(JobCommand, prints_fields_error_and_backtrace_escaped) {
  EXPECT_CALL(manager_, find_job(12)).WillOnce(Return(a_failed_job(12)));
  EXPECT_CALL(manager_, attempts_of(12)).WillOnce(Return(std::vector{a_failed_job(12)}));
  EXPECT_EQ(show_job(terminal(), manager_, 12), 0);
  EXPECT_EQ(out_.str(),
            "job       12\n"
            "type      resizeImage\n"
            "tag       t\n"
            "state     failed\n"
            "reason    error\n"
            "attempt   1 of 1\n"
            "queue     default, priority 0\n"
            "due       2026-01-29 05:08:33 UTC\n"
            "started   2026-01-29 05:08:33 UTC\n"
            "finished  2026-01-29 05:08:35 UTC\n"
            "data      {}\n"
            "backtrace:\n"
            "  main()\n"
            "  resize()\\u001b\n"
            "error     no such file\n");
}

TEST_F(JobCommand, lists_the_attempts_of_a_job_that_was_retried) {
  Job second = a_job(13, JobState::succeeded);
  second.attempt = 2;
  second.max_attempts = 0;
  second.progress = Progress{0.5, "decoded"};
  EXPECT_CALL(manager_, find_job(13)).WillOnce(Return(second));
  EXPECT_CALL(manager_, attempts_of(13)).WillOnce(Return(std::vector{a_failed_job(12), second}));
  EXPECT_EQ(show_job(terminal(), manager_, 13), 0);
  EXPECT_THAT(out_.str(), HasSubstr("progress  50 % decoded\n"));
  EXPECT_THAT(out_.str(), HasSubstr("\n\nATTEMPT  JOB  STATE      STARTED"));
  EXPECT_THAT(out_.str(), HasSubstr("\n1        12   failed     2026-01-29 05:08:33"));
  EXPECT_THAT(out_.str(), HasSubstr("\n2        13   succeeded  -"));
}

TEST_F(JobCommand, prints_job_and_attempts_for_programs) {
  EXPECT_CALL(manager_, find_job(12)).WillOnce(Return(a_failed_job(12)));
  EXPECT_CALL(manager_, attempts_of(12)).WillOnce(Return(std::vector{a_failed_job(12)}));
  EXPECT_EQ(show_job(terminal(true), manager_, 12), 0);
  EXPECT_EQ(printed().at("id"), 12);
  EXPECT_EQ(printed().at("attempts").at(0).at("error").at("error"), "no such file");
}

TEST_F(JobCommand, knows_nothing_of_a_job_that_is_not_there) {
  EXPECT_CALL(manager_, find_job(5)).WillOnce(Return(std::nullopt));
  try {
    (void)show_job(terminal(), manager_, 5);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::not_found);
  }
}

class ChangeCommand : public Commands {
 protected:
  static Invocation invocation(Verb verb, std::vector<JobId> ids) {
    Invocation wanted;
    wanted.verb = verb;
    wanted.all = ids.empty();
    wanted.ids = std::move(ids);
    return wanted;
  }
};

TEST_F(ChangeCommand, retries_each_job) {
  EXPECT_CALL(manager_, retry_job(1)).WillOnce(Return(a_job(11)));
  EXPECT_CALL(manager_, retry_job(2)).WillOnce(Return(a_job(12)));
  EXPECT_EQ(change_jobs(terminal(), manager_, invocation(Verb::retry, {1, 2})), 0);
  EXPECT_EQ(out_.str(), "job 1 runs again as job 11\njob 2 runs again as job 12\n");
}

TEST_F(ChangeCommand, tells_a_cancelled_job_from_one_that_was_asked_to_stop) {
  EXPECT_CALL(manager_, cancel_job(1)).WillOnce(Return(a_job(1, JobState::cancelled)));
  EXPECT_CALL(manager_, cancel_job(2)).WillOnce(Return(a_job(2, JobState::started)));
  EXPECT_EQ(change_jobs(terminal(), manager_, invocation(Verb::cancel, {1, 2})), 0);
  EXPECT_EQ(out_.str(), "job 1 is cancelled\njob 2 was asked to stop\n");
}

TEST_F(ChangeCommand, goes_on_after_a_job_that_refuses_and_exits_with_1) {
  EXPECT_CALL(manager_, delete_job(1)).WillOnce(Throw(Error{ErrorKind::conflict, "job 1 runs"}));
  EXPECT_CALL(manager_, delete_job(2)).WillOnce(Throw(Error{ErrorKind::not_found, "no job 2"}));
  EXPECT_CALL(manager_, delete_job(3));
  EXPECT_EQ(change_jobs(terminal(), manager_, invocation(Verb::remove, {1, 2, 3})), 1);
  EXPECT_EQ(out_.str(), "job 3 is deleted\n");
  EXPECT_EQ(err_.str(), "errand: job 1 runs\nerrand: no job 2\n");
}

TEST_F(ChangeCommand, stops_when_the_database_is_away) {
  EXPECT_CALL(manager_, delete_job(1)).WillOnce(Throw(Error{ErrorKind::unavailable, "away"}));
  EXPECT_THROW((void)change_jobs(terminal(), manager_, invocation(Verb::remove, {1, 2})), Error);
}

TEST_F(ChangeCommand, prints_what_changed_for_programs) {
  EXPECT_CALL(manager_, retry_job(1)).WillOnce(Return(a_job(11)));
  EXPECT_CALL(manager_, retry_job(2)).WillOnce(Throw(Error{ErrorKind::conflict, "runs"}));
  EXPECT_EQ(change_jobs(terminal(true), manager_, invocation(Verb::retry, {1, 2})), 1);
  ASSERT_EQ(printed().at("jobs").size(), 1U);
  EXPECT_EQ(printed().at("jobs").at(0).at("id"), 11);
}

TEST_F(ChangeCommand, retries_all_failed_jobs_page_after_page) {
  const auto page_from = [](std::optional<JobId> before) {
    return testing::AllOf(Field(&JobFilter::state, std::optional{JobState::failed}),
                          Field(&JobFilter::before, before));
  };
  EXPECT_CALL(manager_, list_jobs(page_from(std::nullopt)))
      .WillOnce(Return(JobPage{{a_failed_job(9), a_failed_job(8)}, 8}));
  EXPECT_CALL(manager_, list_jobs(page_from(8)))
      .WillOnce(Return(JobPage{{a_failed_job(4)}, std::nullopt}));
  EXPECT_CALL(manager_, retry_job(9)).WillOnce(Return(a_job(10)));
  EXPECT_CALL(manager_, retry_job(8)).WillOnce(Throw(Error{ErrorKind::not_found, "gone"}));
  EXPECT_CALL(manager_, retry_job(4)).WillOnce(Return(a_job(11)));
  EXPECT_EQ(change_jobs(terminal(), manager_, invocation(Verb::retry, {})), 0);
  EXPECT_EQ(out_.str(), "2 jobs retried, 1 could not be\n");
}

TEST_F(ChangeCommand, uses_the_filter_as_it_is_given) {
  Invocation wanted = invocation(Verb::remove, {});
  wanted.filter.state = JobState::cancelled;
  wanted.filter.type = "T";
  EXPECT_CALL(manager_,
              list_jobs(testing::AllOf(Field(&JobFilter::state, std::optional{JobState::cancelled}),
                                       Field(&JobFilter::type, "T"))))
      .WillOnce(Return(JobPage{}));
  EXPECT_EQ(change_jobs(terminal(true), manager_, wanted), 0);
  EXPECT_EQ(printed(), (Json{{"changed", 0}, {"refused", 0}}));
}

using WorkersCommand = Commands;

TEST_F(WorkersCommand, prints_who_runs_what) {
  WorkerInfo busy{.id = 5, .node = "n1", .slot = 1, .pid = 4711, .started = instant};
  busy.node = "3b86175f3ac67d9dd2de1fa41a7afa4d";
  busy.hostname = "build-7";
  busy.rss_bytes = 64 << 20;
  busy.running = {a_failed_job(12)};
  WorkerInfo idle{.id = 6, .node = "n1", .slot = 2, .pid = 4712, .started = instant};
  WorkerInfo dead{.id = 4, .node = "n1", .slot = 2, .pid = 4000, .started = instant};
  dead.ended = instant + 1s;
  dead.end_note = "killed by signal 11";
  EXPECT_CALL(manager_, list_workers()).WillOnce(Return(std::vector{busy, idle, dead}));
  EXPECT_EQ(list_workers(terminal(), manager_), 0);
  const std::string text = out_.str();
  EXPECT_THAT(text, HasSubstr("5   build-7 (3b8617)  1     4711"));
  EXPECT_THAT(text, HasSubstr("6   n1                2     4712"));
  EXPECT_THAT(text, HasSubstr("64 MiB  12 resizeImage since 2026-01-29 05:08:33\n"));
  EXPECT_THAT(text, HasSubstr("-       idle\n"));
  EXPECT_THAT(text, HasSubstr("2026-01-29 05:08:34  -       killed by signal 11\n"));
}

TEST_F(WorkersCommand, prints_a_list_for_programs_even_if_it_is_empty) {
  EXPECT_CALL(manager_, list_workers()).WillRepeatedly(Return(std::vector<WorkerInfo>{}));
  EXPECT_EQ(list_workers(terminal(true), manager_), 0);
  EXPECT_EQ(printed(), Json::array());
  out_.str("");
  EXPECT_EQ(list_workers(terminal(), manager_), 0);
  EXPECT_EQ(out_.str(), "no workers\n");
}

using CronsCommand = Commands;

TEST_F(CronsCommand, prints_schedules_with_next_and_last_runs) {
  CronInfo nightly{.tag = "nightly", .type = "report", .schedule = "0 0 3 * * *"};
  nightly.timezone = "Europe/Berlin";
  nightly.next_due = instant;
  nightly.last_finished = instant;
  nightly.last_success = false;
  CronInfo fresh{.tag = "fresh", .type = "x", .schedule = "* * * * *"};
  EXPECT_CALL(manager_, list_crons()).WillOnce(Return(std::vector{nightly, fresh}));
  EXPECT_EQ(list_crons(terminal(), manager_), 0);
  EXPECT_EQ(out_.str(),
            "TAG      TYPE    SCHEDULE     ZONE           NEXT (UTC)           LAST (UTC)\n"
            "nightly  report  0 0 3 * * *  Europe/Berlin  2026-01-29 05:08:33  2026-01-29 05:08:33 "
            "failed\n"
            "fresh    x       * * * * *    UTC            -                    -\n");
}

TEST_F(CronsCommand, prints_a_list_for_programs) {
  EXPECT_CALL(manager_, list_crons())
      .WillOnce(Return(std::vector{CronInfo{.tag = "nightly", .type = "report"}}));
  EXPECT_EQ(list_crons(terminal(true), manager_), 0);
  EXPECT_EQ(printed().at(0).at("tag"), "nightly");
}

TEST_F(CronsCommand, tells_when_an_expression_runs_next) {
  EXPECT_EQ(next_runs(terminal(), {"0 3 * * *", "Europe/Berlin", 2}, instant), 0);
  EXPECT_EQ(out_.str(), "2026-01-30T02:00:00.000Z\n2026-01-31T02:00:00.000Z\n");
}

TEST_F(CronsCommand, tells_it_to_programs) {
  EXPECT_EQ(next_runs(terminal(true), {"@daily", "", 1}, instant), 0);
  EXPECT_EQ(printed(), Json::array({"2026-01-30T00:00:00.000Z"}));
}

TEST_F(CronsCommand, takes_a_bad_expression_for_bad_usage) {
  try {
    (void)next_runs(terminal(), {"61 * * * *", "", 1}, instant);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::invalid);
    EXPECT_NE(error.field(), "");
  }
}

TEST_F(CronsCommand, fails_for_an_expression_that_never_comes_true) {
  try {
    (void)next_runs(terminal(), {"0 0 30 2 *", "", 1}, instant);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::not_found);
  }
}

}  // namespace
}  // namespace errand::cli
