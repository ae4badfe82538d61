#include "producers.hpp"

#include "pause.hpp"
#include "torture_jobs.hpp"

namespace errand::torture {

Producers::Producers(ServerApp& app, const HistoryFile& history, ProducerPlan plan)
    : app_{app}, history_{history}, plan_{plan}, begin_us_{now_us()}, running_{plan.threads} {
  for (int each = 0; each < plan.threads; ++each)
    threads_.emplace_back([this] {
      produce();
      --running_;
    });
}

Producers::~Producers() {
  stop();
}

void Producers::stop() {
  stopping_ = true;
  for (std::thread& thread : threads_)
    if (thread.joinable())
      thread.join();
}

/// By the clock, not by pauses between: what an outage held up is not made up for by fewer jobs.
void Producers::produce() {
  while (!stopping_) {
    const std::uint64_t number = next_++;
    if (plan_.jobs_total != 0 && number >= plan_.jobs_total)
      return;
    if (plan_.jobs_per_second > 0) {
      const auto due = static_cast<std::int64_t>(number) * 1'000'000 / plan_.jobs_per_second;
      pause_until(begin_us_ + due, stopping_);
    }
    submit_one(number);
  }
}

void Producers::submit_one(std::uint64_t number) {
  try {
    const Job job = app_.worker_manager().submit_job(job_number(number, plan_.crash_every));
    history_.write("acknowledged " + std::to_string(job.id));
    ++answered_;
  } catch (const Error&) {
    ++unanswered_;
  }
}

}  // namespace errand::torture
