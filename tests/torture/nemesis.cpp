#include "nemesis.hpp"

#include <algorithm>
#include <limits>

namespace errand::torture {
namespace {

constexpr std::int64_t never = std::numeric_limits<std::int64_t>::max();

}  // namespace

Nemesis::Nemesis(const Ground& ground, const NemesisPlan& plan, std::uint64_t seed)
    : nodes_safe_after_us_{plan.nodes_safe_after_us}, begin_{now_us()}, random_{seed} {
  for (const auto& [kind, every_us] : plan.every_us) {
    if (every_us <= 0)
      continue;
    planned_.push_back({kind, every_us, make_harm(kind, ground), never, false});
    plan_next(planned_.back(), begin_);
  }
}

/// Between half and one and a half of the mean: no two kinds keep step.
void Nemesis::plan_next(Planned& planned, std::int64_t now) {
  std::uniform_int_distribution<std::int64_t> delay{planned.every_us / 2, planned.every_us * 3 / 2};
  planned.at = now + delay(random_);
  const bool of_node =
      planned.kind == FaultKind::kill_node || planned.kind == FaultKind::freeze_node;
  if (of_node && nodes_safe_after_us_ > 0 && planned.at > begin_ + nodes_safe_after_us_)
    planned.at = never;
}

std::int64_t Nemesis::step(std::int64_t now) {
  const auto earlier = [](const Planned& left, const Planned& right) {
    return left.at < right.at;
  };
  while (!planned_.empty()) {
    const auto next = std::min_element(planned_.begin(), planned_.end(), earlier);
    if (next->at > now)
      return next->at;
    act(*next);
  }
  return never;
}

/// To take a worker for dead, the driver writes to the database.
bool Nemesis::is_locked_out(FaultKind kind) const {
  return kind == FaultKind::take_worker &&
         std::any_of(planned_.begin(), planned_.end(), [](const Planned& planned) {
           return planned.lasts && locks_out_driver(planned.kind);
         });
}

void Nemesis::act(Planned& planned) {
  if (is_locked_out(planned.kind))
    return plan_next(planned, now_us());
  const std::int64_t begin = now_us();
  if (!planned.lasts) {
    const std::int64_t duration_us = planned.harm->strike(random_);
    planned.lasts = duration_us > 0;
    planned.at = now_us() + duration_us;
  } else {
    planned.harm->relieve();
    planned.lasts = false;
  }
  if (!planned.lasts)
    plan_next(planned, begin);
}

void Nemesis::heal() {
  for (Planned& planned : planned_)
    if (std::exchange(planned.lasts, false))
      planned.harm->relieve();
}

}  // namespace errand::torture
