#include "manager/rescue.hpp"

#include <algorithm>

#include "base/time_text.hpp"
#include "ipc/exit_codes.hpp"
#include "jobs/payload.hpp"
#include "jobs/policy_of.hpp"
#include "store/claimed_job.hpp"

namespace errand {
namespace {

using Running = ipc::FlightRecorder::Running;

bool contains(const std::vector<Running>& jobs, const ClaimedJob& job) {
  return std::any_of(jobs.begin(), jobs.end(), [&](const Running& running) {
    return running.id == job.id && running.claim_seq == job.claim_seq;
  });
}

RunEnd end_of(const ClaimedJob& job, const ChildDeath& death) {
  if (contains(death.timed_out, job))
    return RunEnd::timed_out;
  const bool blamed = death.timed_out.empty() && contains(death.running, job);
  return blamed ? RunEnd::crashed : RunEnd::released;
}

std::string sentence_about(const ClaimedJob& job, RunEnd end, const ChildDeath& death) {
  if (end != RunEnd::timed_out)
    return death.sentence;
  const std::string limit = job.timeout ? " of " + duration_text(*job.timeout) : "";
  return "the job did not end within its timeout" + limit + ", nor when it was asked to stop; " +
         death.sentence;
}

Json error_of(const ClaimedJob& job, RunEnd end, const ChildDeath& death) {
  Json lines = Json::array();
  for (const std::string& line : death.last_log_lines)
    lines.push_back(sanitise_text(line));
  return {{"error", sentence_about(job, end, death)},
          {"signal", death.signal},
          {"exitCode", death.exit_code},
          {"peakRssBytes", death.peak_rss_bytes},
          {"cpuMs", death.cpu_time.count()},
          {"lastLogLines", std::move(lines)}};
}

RunResult result_of(const ClaimedJob& job, const ChildDeath& death) {
  RunResult result;
  result.end = end_of(job, death);
  if (result.end != RunEnd::released)
    result.error = error_of(job, result.end, death);
  return result;
}

}  // namespace

std::vector<RescuedJob> Rescue::take_claims(const ChildDeath& death, double random) {
  std::vector<RescuedJob> rescued;
  std::vector<Completion> completions;
  const TimePoint now = store_.now();
  for (const ClaimedJob& job : store_.claims_of(death.process)) {
    const RunResult result = result_of(job, death);
    const RetryPolicy policy =
        policy_of(job.retry_policy, job.auto_reschedule_delay, registry_, job.type);
    completions.push_back(
        {job.id, job.claim_seq, decide(job.facts(), result, policy, now, random), death.process});
    rescued.push_back({to_job(job, completions.back().transition, now), result.end, false});
  }
  if (completions.empty())
    return rescued;
  const ExchangeResult outcome = store_.exchange(completions, {});
  for (std::size_t i = 0; i < rescued.size(); ++i)
    rescued[i].recorded = outcome.recorded.at(i);
  return rescued;
}

/// A worker holds short jobs without writing their claims.
void Rescue::write_claims_of_held(const ChildDeath& death) {
  if (death.expected)
    return;
  const bool blame = death.timed_out.empty();
  std::vector<HeldJob> ran;
  const TimePoint now = store_.now();
  for (const Running& running : blame ? death.running : death.timed_out)
    ran.push_back({running.id, running.claim_seq, now});
  store_.write_claims(death.process, ran, blame);
}

std::vector<RescuedJob> Rescue::after(const ChildDeath& death, Random& random) {
  if (death.process == 0)
    return {};
  const bool was_alive = store_.end_process(death.process, death.sentence);
  if (!was_alive && death.exit_code == ipc::exit_superseded)
    return release_claims(death.process);
  write_claims_of_held(death);
  return take_claims(death, random.uniform());
}

std::vector<RescuedJob> Rescue::release_claims(ProcessId process) {
  ChildDeath unseen;
  unseen.process = process;
  return take_claims(unseen, 0);
}

}  // namespace errand
