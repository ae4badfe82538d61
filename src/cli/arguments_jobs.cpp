#include <CLI/CLI.hpp>
#include <limits>

#include "base/time_text.hpp"
#include "cli/arguments.hpp"

namespace errand::cli {
namespace {

/// One less than the largest number: that is what CLI11 makes of all that are too large.
constexpr std::int64_t id_max = std::numeric_limits<std::int64_t>::max() - 1;

const std::map<std::string, JobState> states{{"scheduled", JobState::scheduled},
                                             {"started", JobState::started},
                                             {"succeeded", JobState::succeeded},
                                             {"failed", JobState::failed},
                                             {"cancelled", JobState::cancelled}};

CLI::App* add_verb(CLI::App& app,
                   Invocation& invocation,
                   Verb verb,
                   const std::string& name,
                   const std::string& help) {
  return app.add_subcommand(name, help)->fallthrough()->callback([&invocation, verb] {
    invocation.verb = verb;
  });
}

void set_state(Invocation& invocation, const std::string& text) {
  const auto found = states.find(text);
  if (found == states.end())
    throw CLI::ValidationError("--state",
                               "allowed is scheduled, started, succeeded, failed or cancelled");
  invocation.filter.state = found->second;
}

void add_filter(CLI::App& verb, Invocation& invocation) {
  JobFilter& filter = invocation.filter;
  verb.add_option_function<std::string>(
          "--state",
          [&invocation](const std::string& text) { set_state(invocation, text); },
          "scheduled, started, succeeded, failed or cancelled")
      ->type_name("S");
  verb.add_option("--type", filter.type, "Only jobs of this type")->type_name("T");
  verb.add_option("--tag", filter.tag, "Only jobs with this tag")->type_name("T");
  verb.add_option("--queue", filter.queue, "Only jobs of this queue")->type_name("Q");
  verb.add_option("--user", filter.user_id, "Only jobs of this user")
      ->check(CLI::Range(std::int64_t{0}, id_max))
      ->type_name("N");
}

Due due_from(const std::string& text) {
  if (const auto delay = parse_duration(text))
    return Due{*delay};
  if (const auto instant = parse_iso8601(text))
    return Due{*instant};
  throw CLI::ValidationError(
      "--due", "allowed is a delay (10m) or an instant (2026-01-29T05:08:33Z), not " + text);
}

milliseconds duration_from(const std::string& option, const std::string& text) {
  if (const auto duration = parse_duration(text))
    return *duration;
  throw CLI::ValidationError(option, "allowed is a duration (250ms, 10s, 5m, 1h, 7d), not " + text);
}

void declare_submit(CLI::App& app, Invocation& invocation) {
  SubmitArguments& submit = invocation.submit;
  NewJob& job = submit.job;
  CLI::App* verb = add_verb(app, invocation, Verb::submit, "submit", "Submit a job");
  verb->add_option("type", job.type, "The job's type")->required()->type_name("TYPE");
  verb->add_option("--data", submit.data, "Payload; - reads it from standard input")
      ->type_name("JSON|-");
  verb->add_option("--tag", job.tag, "Name for finding it again; the type's name unless given")
      ->type_name("T");
  verb->add_option("--user", job.user_id, "Whose job it is")
      ->check(CLI::Range(std::int64_t{0}, id_max))
      ->type_name("N");
  verb->add_option_function<std::string>(
          "--due",
          [&job](const std::string& text) { job.due = due_from(text); },
          "When it may start: a delay or an instant")
      ->type_name("10m|ISO-8601");
  verb->add_option("--queue", job.queue, "Instead of the type's queue")->type_name("Q");
  verb->add_option("--priority", job.priority, "Lower runs first")->type_name("P");
  verb->add_option_function<std::string>(
          "--wait",
          [&submit](const std::string& text) { submit.wait = duration_from("--wait", text); },
          "Wait until it has finished, 30s unless given; exit 1 when it failed")
      ->type_name("[=30s]");
}

void declare_lists(CLI::App& app, Invocation& invocation) {
  CLI::App* jobs = add_verb(app, invocation, Verb::jobs, "jobs", "List jobs, newest first");
  add_filter(*jobs, invocation);
  jobs->add_option("--limit", invocation.filter.limit, "At most so many (50)")
      ->check(CLI::Range(1, 1000))
      ->type_name("N");
  jobs->add_option(
          "--before", invocation.filter.before, "Only ids smaller than this: the next page")
      ->check(CLI::Range(JobId{1}, id_max))
      ->type_name("ID");
  CLI::App* job = add_verb(
      app, invocation, Verb::job, "job", "Show a job with its attempts, error and log lines");
  job->add_option("id", invocation.ids, "The job")
      ->required()
      ->expected(1)
      ->check(CLI::Range(JobId{1}, id_max))
      ->type_name("ID");
}

struct ChangeVerb {
  Verb verb{Verb::retry};
  const char* name{nullptr};
  const char* help{nullptr};
};

void declare_changes(CLI::App& app, Invocation& invocation) {
  for (const ChangeVerb& change : {
           ChangeVerb{Verb::retry, "retry", "Run finished jobs again (--all: the failed ones)"},
           ChangeVerb{Verb::cancel, "cancel", "Cancel waiting jobs, ask running ones to stop"},
           ChangeVerb{Verb::remove, "delete", "Delete jobs that do not run"},
       }) {
    CLI::App* verb = add_verb(app, invocation, change.verb, change.name, change.help);
    verb->add_option("id", invocation.ids, "The jobs")
        ->check(CLI::Range(JobId{1}, id_max))
        ->type_name("ID");
    add_filter(*verb, invocation);
    verb->add_flag("--all", invocation.all, "Every job that the filter finds");
  }
}

}  // namespace

void declare_job_verbs(CLI::App& app, Invocation& invocation) {
  add_verb(app, invocation, Verb::serve, "serve", "Server, dashboard and workers (default)");
  add_verb(app, invocation, Verb::work, "work", "Workers only: another node");
  declare_submit(app, invocation);
  declare_lists(app, invocation);
  declare_changes(app, invocation);
}

void declare_other_verbs(CLI::App& app, Invocation& invocation) {
  add_verb(
      app, invocation, Verb::workers, "workers", "Who runs what, since when, with how much memory");
  add_verb(app, invocation, Verb::crons, "crons", "List crons with their next and last runs");
  CLI::App* cron = app.add_subcommand("cron", "Work with cron expressions")
                       ->require_subcommand(1)
                       ->fallthrough();
  CLI::App* next =
      add_verb(*cron, invocation, Verb::cron_next, "next", "When an expression runs next");
  next->add_option("expression", invocation.cron_next.expression, "Five or six fields, quoted")
      ->required()
      ->type_name("EXPR");
  next->add_option("--timezone", invocation.cron_next.timezone, "IANA name; UTC unless given")
      ->type_name("Z");
  next->add_option("-n", invocation.cron_next.count, "So many (10)")
      ->check(CLI::Range(1, 1000))
      ->type_name("N");
  add_verb(app, invocation, Verb::migrate, "migrate", "Bring the database's tables up to date")
      ->add_flag(
          "--check", invocation.only_check, "Change nothing; exit 1 when something is missing");
  add_verb(app, invocation, Verb::check, "check", "Check configuration, database and registry");
  CLI::App* token =
      add_verb(app, invocation, Verb::token, "token", "Print a WebSocket token, for development");
  token->add_option("--user", invocation.token.user_id, "The user it is for")
      ->required()
      ->check(CLI::Range(std::int64_t{0}, id_max))
      ->type_name("N");
  token
      ->add_option_function<std::string>(
          "--ttl",
          [&invocation](const std::string& text) {
            invocation.token.lifetime = duration_from("--ttl", text);
          },
          "How long it is valid (24h)")
      ->type_name("24h");
}

}  // namespace errand::cli
