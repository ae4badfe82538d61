#include "cli/arguments.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "app/config_table.hpp"

namespace errand::cli {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

using Words = std::vector<std::string>;

Invocation understood(const Words& words) {
  const CommandLine line = parse_command_line("errand", words);
  EXPECT_FALSE(line.answer.has_value()) << line.answer.value_or(Answer{}).text;
  return line.invocation;
}

Answer answered(const Words& words) {
  const CommandLine line = parse_command_line("errand", words);
  EXPECT_TRUE(line.answer.has_value());
  return line.answer.value_or(Answer{-1, {}});
}

TEST(CommandLines, serve_by_default) {
  EXPECT_EQ(understood({}).verb, Verb::serve);
  EXPECT_EQ(understood({"--port", "8080"}).verb, Verb::serve);
}

TEST(CommandLines, know_every_verb) {
  const std::vector<std::pair<Words, Verb>> verbs{{{"serve"}, Verb::serve},
                                                  {{"work"}, Verb::work},
                                                  {{"submit", "t"}, Verb::submit},
                                                  {{"jobs"}, Verb::jobs},
                                                  {{"job", "1"}, Verb::job},
                                                  {{"retry", "1"}, Verb::retry},
                                                  {{"cancel", "1"}, Verb::cancel},
                                                  {{"delete", "1"}, Verb::remove},
                                                  {{"workers"}, Verb::workers},
                                                  {{"crons"}, Verb::crons},
                                                  {{"cron", "next", "* * * * *"}, Verb::cron_next},
                                                  {{"migrate"}, Verb::migrate},
                                                  {{"check"}, Verb::check},
                                                  {{"token", "--user", "1"}, Verb::token}};
  for (const auto& [words, verb] : verbs)
    EXPECT_EQ(understood(words).verb, verb) << words.front();
}

TEST(CommandLines, list_every_verb_in_their_help) {
  const Answer help = answered({"help"});
  EXPECT_EQ(help.exit_code, 0);
  for (const char* verb : {"serve",
                           "work",
                           "submit",
                           "jobs",
                           "job",
                           "retry",
                           "cancel",
                           "delete",
                           "workers",
                           "crons",
                           "cron",
                           "migrate",
                           "check",
                           "token",
                           "version",
                           "help"})
    EXPECT_THAT(help.text, HasSubstr(std::string{"\n  "} + verb + " "));
  EXPECT_EQ(answered({"--help"}).text, help.text);
}

TEST(CommandLines, explain_one_verb) {
  const Answer help = answered({"submit", "--help"});
  EXPECT_EQ(help.exit_code, 0);
  EXPECT_THAT(help.text, HasSubstr("--due"));
  EXPECT_THAT(help.text, Not(HasSubstr("--ttl")));
}

TEST(CommandLines, tell_the_version) {
  EXPECT_EQ(answered({"version"}).text, "errand " ERRAND_VERSION "\n");
  EXPECT_EQ(answered({"--version"}).text, "errand " ERRAND_VERSION "\n");
}

TEST(CommandLines, take_variables_as_flags_before_and_after_the_verb) {
  const Invocation line = understood(
      {"--database-url", "sqlite:x.db", "jobs", "--port=8080", "--worker-count", "cpus", "--json"});
  EXPECT_EQ(line.verb, Verb::jobs);
  EXPECT_TRUE(line.json);
  EXPECT_EQ(line.variables,
            (std::map<std::string, std::string>{
                {"DATABASE_URL", "sqlite:x.db"}, {"PORT", "8080"}, {"WORKER_COUNT", "cpus"}}));
}

TEST(CommandLines, have_no_flags_for_secrets_and_for_what_the_manager_sets) {
  for (const char* flag :
       {"--admin-token", "--session-encryption-key", "--worker-id", "--errand-ipc-fd"})
    EXPECT_EQ(answered({flag, std::string(32, '1')}).exit_code, 2) << flag;
}

TEST(CommandLines, have_a_flag_for_every_other_variable) {
  const std::string help = answered({"help"}).text;
  int flags = 0;
  for (const ConfigVariable& variable : config_variables()) {
    const std::size_t at = help.find("  " + flag_name(variable));
    const std::size_t end = at + 2 + flag_name(variable).size();
    flags += at != std::string::npos && (help.at(end) == ' ' || help.at(end) == '\n') ? 1 : 0;
  }
  EXPECT_EQ(flags, static_cast<int>(config_variables().size()) - 4);
}

TEST(Submissions, take_every_option) {
  const Invocation line = understood({"submit",
                                      "resizeImage",
                                      "--data",
                                      R"({"a":[1,2]})",
                                      "--tag",
                                      "t",
                                      "--user",
                                      "42",
                                      "--due",
                                      "10m",
                                      "--queue",
                                      "q",
                                      "--priority",
                                      "-5",
                                      "--wait=5s"});
  EXPECT_EQ(line.submit.job.type, "resizeImage");
  EXPECT_EQ(line.submit.data, R"({"a":[1,2]})");
  EXPECT_EQ(line.submit.job.tag, "t");
  EXPECT_EQ(line.submit.job.user_id, 42);
  EXPECT_EQ(line.submit.job.due.delay(), 10min);
  EXPECT_EQ(line.submit.job.queue, "q");
  EXPECT_EQ(line.submit.job.priority, -5);
  EXPECT_EQ(line.submit.wait, 5s);
}

TEST(Submissions, have_defaults) {
  const SubmitArguments submit = understood({"submit", "x"}).submit;
  EXPECT_EQ(submit.data, "{}");
  EXPECT_EQ(submit.job.due.delay(), 0s);
  EXPECT_EQ(submit.job.due.instant(), std::nullopt);
  EXPECT_EQ(submit.job.queue, std::nullopt);
  EXPECT_EQ(submit.job.priority, std::nullopt);
  EXPECT_EQ(submit.wait, std::nullopt);
}

TEST(Submissions, wait_30_seconds_unless_told_and_never_take_the_type_for_it) {
  EXPECT_EQ(understood({"submit", "x", "--wait"}).submit.wait, 30s);
  const Invocation line = understood({"submit", "--wait", "x"});
  EXPECT_EQ(line.submit.wait, 30s);
  EXPECT_EQ(line.submit.job.type, "x");
}

TEST(Submissions, keep_payloads_as_they_are) {
  for (const std::string data : {"[1,2]", "-", "\"a b\"", "null", "-1", "{\"k\": \"v\"}", "[]"})
    EXPECT_EQ(understood({"submit", "x", "--data", data}).submit.data, data);
}

TEST(Submissions, are_due_at_an_instant_too) {
  EXPECT_EQ(understood({"submit", "x", "--due", "1970-01-01T00:00:01Z"}).submit.job.due.instant(),
            TimePoint{1s});
}

TEST(Lists, take_filters) {
  const Invocation line = understood({"jobs",
                                      "--state",
                                      "failed",
                                      "--type",
                                      "T",
                                      "--tag",
                                      "G",
                                      "--queue",
                                      "Q",
                                      "--user",
                                      "7",
                                      "--limit",
                                      "10",
                                      "--before",
                                      "99"});
  EXPECT_EQ(line.filter.state, JobState::failed);
  EXPECT_EQ(line.filter.type, "T");
  EXPECT_EQ(line.filter.tag, "G");
  EXPECT_EQ(line.filter.queue, "Q");
  EXPECT_EQ(line.filter.user_id, 7);
  EXPECT_EQ(line.filter.limit, 10);
  EXPECT_EQ(line.filter.before, 99);
}

TEST(Changes, take_ids_or_a_filter_with_all) {
  EXPECT_THAT(understood({"retry", "1", "2", "3"}).ids, ElementsAre(1, 2, 3));
  const Invocation line = understood({"delete", "--state", "failed", "--type", "T", "--all"});
  EXPECT_TRUE(line.all);
  EXPECT_EQ(line.filter.state, JobState::failed);
  EXPECT_EQ(answered({"retry"}).exit_code, 2);
  EXPECT_EQ(answered({"retry", "--state", "failed"}).exit_code, 2);
  EXPECT_EQ(answered({"retry", "1", "--all"}).exit_code, 2);
}

TEST(CronLines, take_zone_and_count) {
  const Invocation line =
      understood({"cron", "next", "0 3 * * *", "--timezone", "Europe/Berlin", "-n", "3"});
  EXPECT_EQ(line.cron_next.expression, "0 3 * * *");
  EXPECT_EQ(line.cron_next.timezone, "Europe/Berlin");
  EXPECT_EQ(line.cron_next.count, 3);
  EXPECT_EQ(understood({"cron", "next", "@daily"}).cron_next.count, 10);
}

TEST(Tokens, need_a_user_and_live_a_day) {
  EXPECT_EQ(understood({"token", "--user", "42"}).token.lifetime, 24h);
  const Invocation line = understood({"token", "--user", "42", "--ttl", "1h"});
  EXPECT_EQ(line.token.user_id, 42);
  EXPECT_EQ(line.token.lifetime, 1h);
}

TEST(Migrations, may_be_only_checked) {
  EXPECT_FALSE(understood({"migrate"}).only_check);
  EXPECT_TRUE(understood({"migrate", "--check"}).only_check);
}

TEST(CommandLines, that_are_wrong_exit_with_2_and_one_sentence) {
  for (const Words& words : std::vector<Words>{{"frobnicate"},
                                               {"submit"},
                                               {"submit", "x", "y"},
                                               {"submit", "x", "--due", "soon"},
                                               {"submit", "x", "--wait=soon"},
                                               {"submit", "x", "--user", "me"},
                                               {"submit", "x", "--user", "99999999999999999999"},
                                               {"submit", "x", "--priority", "1.5"},
                                               {"submit", "x", "--data"},
                                               {"jobs", "--state", "lost"},
                                               {"jobs", "--limit", "0"},
                                               {"jobs", "--limit", "1001"},
                                               {"job"},
                                               {"job", "1", "2"},
                                               {"job", "x"},
                                               {"job", "0"},
                                               {"job", "99999999999999999999"},
                                               {"cancel", "-1"},
                                               {"cron"},
                                               {"cron", "next"},
                                               {"token"},
                                               {"token", "--user", "1", "--ttl", "-1s"},
                                               {"jobs", "workers"},
                                               {"--port", "x"},
                                               {"--worker-count", "-1"},
                                               {"--nonsense"}}) {
    const Answer answer = answered(words);
    EXPECT_EQ(answer.exit_code, 2) << testing::PrintToString(words);
    EXPECT_THAT(answer.text, HasSubstr("see 'errand help'"));
    EXPECT_EQ(answer.text.find('\n'), std::string::npos) << answer.text;
  }
}

TEST(CommandLines, name_a_command_that_does_not_exist) {
  EXPECT_EQ(answered({"frob"}).text, "there is no command \"frob\"; see 'errand help'");
  EXPECT_EQ(answered({"frob", "--tag", "x"}).text,
            "there is no command \"frob\"; see 'errand help'");
  EXPECT_THAT(answered({"jobs", "frob"}).text, HasSubstr("not expected: frob"));
}

TEST(CommandLines, never_repeat_control_characters) {
  EXPECT_EQ(answered({"\x1b[2J\n"}).text.find('\x1b'), std::string::npos);
}

}  // namespace
}  // namespace errand::cli
