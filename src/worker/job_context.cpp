#include "worker/job_context.hpp"

#include <algorithm>
#include <cmath>

#include "jobs/payload.hpp"
#include "store/claimed_job.hpp"

namespace errand {
namespace {

constexpr std::size_t note_bytes_max = 1024;

const char* stop_sentence(StopReason reason) {
  switch (reason) {
    case StopReason::timed_out:
      return "the job was stopped: it ran longer than its timeout";
    case StopReason::shutdown:
      return "the job was stopped: its worker is shutting down";
    case StopReason::none:
    case StopReason::cancelled:
      break;
  }
  return "the job was stopped: it was cancelled";
}

}  // namespace

const Job& RunContext::job() const {
  const std::lock_guard lock{mutex_};
  if (!job_)
    job_ = to_job(run_.job());
  return *job_;
}

const Log& RunContext::log() const {
  const std::lock_guard lock{mutex_};
  if (!log_) {
    const ClaimedJob& job = run_.job();
    log_ = tools_.log.child("job", {{"id", job.id}, {"type", job.type}, {"attempt", job.attempt}});
  }
  return *log_;
}

void RunContext::progress(double done, std::string_view note) {
  const double clamped = std::isnan(done) ? 0.0 : std::clamp(done, 0.0, 1.0);
  Progress progress{clamped, sanitise_text(note, note_bytes_max)};
  run_.set_progress(progress);
  if (tools_.on_progress)
    tools_.on_progress(run_, progress);
}

void RunContext::throw_if_cancelled() {
  if (run_.stop_token().stop_requested())
    throw Error{ErrorKind::cancelled, stop_sentence(run_.stop_reason())};
}

void RunContext::with_transaction(const std::function<void(Transaction&)>& work) {
  tools_.database.with_transaction(work);
}

void RunContext::complete_in(Transaction& tx, const Json& result) {
  const ClaimedJob& job = run_.job();
  const RunResult success{
      RunEnd::succeeded, result.is_null() ? std::string{} : result_text(result), nullptr, {}};
  const Completion completion{
      job.id,
      job.claim_seq,
      decide_run(job, success, tools_.registry, tools_.clock.steady_now(), 0.0),
      job.process,
      job.held ? std::optional{job.started} : std::nullopt,
      {}};
  if (tools_.on_complete_in)
    tools_.on_complete_in();
  if (tools_.store.complete_in(tx, completion))
    return;
  throw Error{
      ErrorKind::conflict,
      "job " + std::to_string(job.id) +
          " cannot be completed: another worker has taken it over; let the transaction roll back"};
}

}  // namespace errand
