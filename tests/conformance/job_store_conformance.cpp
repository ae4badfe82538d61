#include "conformance/job_store_conformance.hpp"

#include "helpers/store_values.hpp"

namespace errand::testing {

JobStoreConformance::JobStoreConformance()
    : home_{GetParam().make_home()}, store_{home_->open(Durability::full)} {
  store_->migrate();
}

PreparedJob JobStoreConformance::job(const std::string& tag) {
  return work_job(tag);
}

PreparedJob JobStoreConformance::cron(const std::string& tag, TimePoint slot) {
  return minutely(tag, slot);
}

JobId JobStoreConformance::submit(const PreparedJob& job) {
  return jobs().submit({&job, 1}).front().id;
}

Job JobStoreConformance::find(JobId id) {
  auto job = reader().find(id);
  EXPECT_TRUE(job) << "no job " << id;
  return job.value_or(Job{});
}

ProcessId JobStoreConformance::begin_worker(const std::vector<std::string>& types,
                                            const std::vector<std::string>& queues) {
  NewProcess process;
  process.node = "node-1";
  process.hostname = "host";
  process.slot = 1;
  process.pid = 4242;
  process.version = "0.1.0";
  process.types = types;
  process.queues = queues;
  return jobs().begin_process(process);
}

ExchangeResult JobStoreConformance::claim_all(ProcessId worker, int limit) {
  const std::vector<std::string> types{"work"};
  return jobs().exchange({}, {.process = worker, .limit = limit, .types = types});
}

ClaimedJob JobStoreConformance::claim_one(ProcessId worker) {
  auto claimed = claim_all(worker).claimed;
  EXPECT_EQ(claimed.size(), 1U);
  return claimed.empty() ? ClaimedJob{} : std::move(claimed.front());
}

ExchangeResult JobStoreConformance::record(const std::vector<Completion>& completions) {
  return jobs().exchange(completions, {});
}

bool JobStoreConformance::record_one(const ClaimedJob& job, const Transition& transition) {
  return record({{job.id, job.claim_seq, transition, job.process}}).recorded.at(0);
}

Transition JobStoreConformance::success(const std::string& result) {
  Transition transition;
  transition.result = result;
  return transition;
}

Transition JobStoreConformance::failure() {
  Transition transition;
  transition.state = JobState::failed;
  transition.reason = "error";
  transition.result = R"({"error":"no luck"})";
  return transition;
}

Transition JobStoreConformance::put_back(milliseconds delay) {
  Transition transition;
  transition.to = Transition::To::scheduled;
  transition.state = JobState::scheduled;
  transition.delay = delay;
  return transition;
}

std::vector<JobId> JobStoreConformance::ids_of(const std::vector<ClaimedJob>& claimed) {
  std::vector<JobId> ids;
  for (const ClaimedJob& job : claimed)
    ids.push_back(job.id);
  return ids;
}

std::vector<std::string> JobStoreConformance::tags_of(const std::vector<ClaimedJob>& claimed) {
  std::vector<std::string> tags;
  for (const ClaimedJob& job : claimed)
    tags.push_back(job.tag);
  return tags;
}

void JobStoreConformance::execute(const std::string& sql) {
  store_->database().with_transaction([&](Transaction& tx) { tx.execute(sql); });
}

std::int64_t JobStoreConformance::count(const std::string& condition) {
  return store_->database().with_transaction([&](Transaction& tx) {
    return tx.query("SELECT count(*) FROM worker_jobs WHERE " + condition).get<std::int64_t>(0, 0);
  });
}

void JobStoreConformance::expect_invariants() {
  EXPECT_EQ(
      count("finished IS NOT NULL AND (started IS NULL OR success IS NULL OR outcome IS NULL)"), 0);
  EXPECT_EQ(count("finished IS NULL AND (success IS NOT NULL OR outcome IS NOT NULL)"), 0);
  EXPECT_EQ(
      count("started IS NOT NULL AND finished IS NULL AND (claimed_by IS NULL OR claim_seq < 1)"),
      0);
  EXPECT_EQ(count("started IS NULL AND claimed_by IS NOT NULL"), 0);
  EXPECT_EQ(
      count("rescheduled_from_job IS NOT NULL AND rescheduled_from_job NOT IN (SELECT id FROM "
            "worker_jobs WHERE finished IS NOT NULL)"),
      0);
}

std::vector<Backend> backends() {
  return {sqlite_backend(), postgresql_backend(), least_privilege_backend(), pgbouncer_backend()};
}

INSTANTIATE_TEST_SUITE_P(Store,
                         JobStoreConformance,
                         ::testing::ValuesIn(backends()),
                         [](const auto& tested) { return tested.param.name; });

}  // namespace errand::testing
