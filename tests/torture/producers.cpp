#include "producers.hpp"

#include <fmt/ranges.h>

#include "pause.hpp"

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
    if (plan_.jobs_total != 0 && answered_ >= plan_.jobs_total)
      return;
    const std::uint64_t first = next_.fetch_add(plan_.bulk);
    if (plan_.jobs_per_second > 0) {
      const auto due = static_cast<std::int64_t>(first) * 1'000'000 / plan_.jobs_per_second;
      pause_until(begin_us_ + due, stopping_);
    }
    submit(first);
  }
}

void Producers::submit(std::uint64_t first) {
  std::vector<NewJob> jobs;
  for (std::uint64_t number = first; number < first + plan_.bulk; ++number)
    jobs.push_back(job_number(number, plan_.mix));
  try {
    const std::vector<JobId> ids = app_.worker_manager().submit_jobs(jobs);
    history_.write(fmt::format("acknowledged {}", fmt::join(ids, " ")));
    answered_ += ids.size();
  } catch (const Error&) {
    unanswered_ += jobs.size();
  }
}

}  // namespace errand::torture
