#include "manager/wake_plan.hpp"

#include <algorithm>

namespace errand {

void WakePlan::ask(std::optional<int> by_slot) {
  asked_by_ = asked_ && asked_by_ != by_slot ? std::nullopt : by_slot;
  asked_ = true;
}

void WakePlan::heard(int slot) {
  if (const auto found = in_flight_.find(slot); found != in_flight_.end())
    found->second.heard = true;
}

// Returns how many of those that were told found work.
std::size_t WakePlan::settle(std::span<const Worker> workers, SteadyPoint now) {
  std::size_t found_work = 0;
  for (auto it = in_flight_.begin(); it != in_flight_.end();) {
    const auto worker = std::find_if(
        workers.begin(), workers.end(), [&](const Worker& w) { return w.slot == it->first; });
    const bool gone = worker == workers.end();
    const bool found = !gone && worker->running > it->second.running_before;
    found_work += found ? 1 : 0;
    const bool over =
        gone || found || it->second.heard || now - it->second.sent >= in_flight_longest;
    it = over ? in_flight_.erase(it) : std::next(it);
  }
  return found_work;
}

std::vector<WakePlan::Worker> WakePlan::candidates(std::span<const Worker> workers,
                                                   SteadyPoint now) const {
  std::vector<Worker> able;
  for (const Worker& worker : workers) {
    const auto sent = in_flight_.find(worker.slot);
    if (sent == in_flight_.end() || (asked_ && now - sent->second.sent >= tell_again))
      able.push_back(worker);
  }
  std::stable_sort(able.begin(), able.end(), [&](const Worker& a, const Worker& b) {
    return rank(a) < rank(b);
  });
  return able;
}

WakePlan::Rank WakePlan::rank(const Worker& worker) const {
  const auto found = last_told_.find(worker.slot);
  const auto told = found == last_told_.end() ? SteadyPoint::min() : found->second;
  return {in_flight_.contains(worker.slot), worker.running, told};
}

std::optional<int> WakePlan::one_to_look(std::span<const Worker> workers, SteadyPoint now) {
  const auto first = std::ranges::min_element(
      workers, [&](const Worker& a, const Worker& b) { return rank(a) < rank(b); });
  if (first == workers.end())
    return std::nullopt;
  last_told_[first->slot] = now;
  return first->slot;
}

WakePlan::Step WakePlan::step(std::span<const Worker> workers, SteadyPoint now) {
  std::size_t chained = 2 * settle(workers, now);
  const auto may_be_asked = [this](const Worker& worker) {
    return worker.slot != asked_by_;
  };
  if (std::none_of(workers.begin(), workers.end(), may_be_asked))
    asked_ = false;
  Step step;
  for (const Worker& worker : candidates(workers, now)) {
    const bool by_request = asked_ && may_be_asked(worker);
    if (!by_request && (chained == 0 || worker.running > 0))
      continue;
    if (by_request)
      asked_ = false;
    else
      --chained;
    in_flight_[worker.slot] = {now, worker.running};
    last_told_[worker.slot] = now;
    step.slots.push_back(worker.slot);
  }
  if (asked_)
    step.next_deadline = now + tell_again;
  else if (!in_flight_.empty())
    step.next_deadline = now + look_again;
  return step;
}

}  // namespace errand
