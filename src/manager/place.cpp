#include "manager/place.hpp"

#include <algorithm>

namespace errand {
namespace {

using Running = ipc::FlightRecorder::Running;

bool contains(const std::vector<Running>& jobs, const Running& job) {
  return std::any_of(jobs.begin(), jobs.end(), [&](const Running& other) {
    return other.id == job.id && other.claim_seq == job.claim_seq;
  });
}

double spread_of(int slot) {
  constexpr double golden_ratio = 0.6180339887498949;
  const double turns = slot * golden_ratio;
  return 0.1 * (turns - static_cast<int>(turns));
}

}  // namespace

bool Place::serves() const {
  return child && !child->exit_status() &&
         (slot.state() == Slot::State::ready || slot.state() == Slot::State::draining);
}

std::string Place::who() const {
  return worker_name(number, child ? child->pid() : 0);
}

ChildDeath Place::read_death() const {
  const ExitStatus status = child->exit_status().value_or(ExitStatus{});
  ChildDeath death;
  death.slot = number;
  death.pid = child->pid();
  death.process = process;
  death.expected = slot.expects_exit();
  death.signal = status.signal;
  death.exit_code = status.exit_code;
  death.peak_rss_bytes = status.peak_rss_bytes;
  death.cpu_time = status.cpu_time;
  death.timed_out = timed_out;
  death.last_log_lines = child->recorder().last_log_lines();
  const std::vector<Running> running = child->recorder().running();
  for (const Running& job : running)
    if (!contains(timed_out, job))
      death.running.push_back(job);
  death.sentence = death_sentence({death.slot, death.pid, death.expected, running.size()}, status);
  return death;
}

void Place::forget_worker() {
  child.reset();
  process = 0;
  beats_seen = 0;
  timed_out.clear();
  last_words_by.reset();
}

SlotTimes slot_times(const SupervisorOptions& options, int slot) {
  SlotTimes times;
  times.boot_deadline = options.boot_deadline;
  times.silence_deadline = options.silence_deadline;
  times.back_off_spread = spread_of(slot);
  return times;
}

}  // namespace errand
