#include "fail_nth/scenarios.hpp"
#include "helpers/listed_parts.hpp"

namespace errand::testing {
namespace {

std::string told(Bench& bench, const std::vector<Submitted>& submitted) {
  std::string text;
  for (const Submitted& each : submitted)
    text += bench.tag_of(each.id) + (each.created ? " created\n" : " known\n");
  return text;
}

Scenario submission(std::string name,
                    std::function<void(Bench&)> prepare,
                    std::vector<PreparedJob> jobs,
                    bool is_idempotent) {
  return {std::move(name),
          std::move(prepare),
          [jobs = std::move(jobs)](Bench& bench, Store& store) {
            return told(bench, store.jobs().submit(jobs));
          },
          is_idempotent};
}

void nothing(Bench& /*bench*/) {}

void one_waits(Bench& bench) {
  bench.submit({work_job("a"), work_job("b")});
}

PreparedJob with(const std::string& tag, std::string PreparedJob::*key, const std::string& value) {
  PreparedJob job = work_job(tag);
  job.*key = value;
  return job;
}

PreparedJob with(const std::string& tag, OnPendingTag policy) {
  PreparedJob job = work_job(tag);
  job.on_pending_tag = policy;
  return job;
}

/// More than one statement takes, and a rest.
std::vector<PreparedJob> many() {
  std::vector<PreparedJob> jobs;
  for (int each = 0; each < 70; ++each)
    jobs.push_back(work_job("t" + std::to_string(each)));
  return jobs;
}

std::vector<PreparedJob> of_every_kind() {
  return {work_job("plain"),
          with("keyed", &PreparedJob::idempotency_key, "k"),
          work_job("plain too"),
          with("a", OnPendingTag::replace),
          with("unique", &PreparedJob::unique_key, "u"),
          with("b", OnPendingTag::keep)};
}

/// More than one statement takes, and a rest, twice.
Scenario in_parts() {
  return {"InParts",
          nothing,
          [](Bench& bench, Store& store) {
            ListedParts parts{{many(), many()}};
            return told(bench, store.jobs().submit_parts(parts));
          },
          false};
}

/// So many that PostgreSQL copies them, if they are plain.
Scenario copied() {
  return {"Copied",
          nothing,
          [](Bench& bench, Store& store) {
            std::vector<PreparedJob> jobs(2100, work_job("between"));
            jobs.front().tag = "first";
            jobs.back().tag = "last";
            const auto stored = store.jobs().submit(jobs);
            return std::to_string(stored.size()) + "\n" +
                   told(bench, {stored[0], stored[1], stored[2098], stored[2099]});
          },
          false};
}

}  // namespace

std::vector<Scenario> submissions() {
  return {
      copied(),
      in_parts(),
      submission("Plain", nothing, {work_job("a")}, false),
      submission("Bulk", nothing, many(), false),
      submission("Unique", nothing, {with("a", &PreparedJob::unique_key, "u")}, true),
      submission("Idempotent",
                 nothing,
                 {with("a", &PreparedJob::idempotency_key, "k"),
                  with("b", &PreparedJob::idempotency_key, "l")},
                 true),
      submission("KeptByItsTag", one_waits, {with("a", OnPendingTag::keep)}, true),
      submission("AddedByItsTag", nothing, {with("c", OnPendingTag::keep)}, true),
      submission("ReplacingByItsTag", one_waits, {with("a", OnPendingTag::replace)}, false),
      submission("MixedWays", one_waits, of_every_kind(), true),
  };
}

}  // namespace errand::testing
