#include "nemesis.hpp"

#include <algorithm>
#include <cstdlib>
#include <fmt/format.h>
#include <stdexcept>

namespace errand::torture {

Nemesis::Nemesis(Fleet& fleet, const HistoryFile& history, NemesisPlan plan, std::uint64_t seed)
    : fleet_{fleet}, history_{history}, plan_{std::move(plan)}, random_{seed} {
  const std::int64_t now = now_us();
  plan_next(Kind::worker_kill, plan_.worker_kill_us, now);
  plan_next(Kind::node_kill, plan_.node_kill_us, now);
  plan_next(Kind::node_freeze, plan_.node_freeze_us, now);
  plan_next(Kind::database_restart, plan_.database_restart_us, now);
}

/// Between half and one and a half of the mean: no two kinds keep step.
void Nemesis::plan_next(Kind kind, std::int64_t mean_us, std::int64_t now) {
  if (mean_us <= 0)
    return;
  std::uniform_int_distribution<std::int64_t> delay{mean_us / 2, mean_us * 3 / 2};
  planned_.push_back({now + delay(random_), kind, 0});
}

std::size_t Nemesis::any_node() {
  return std::uniform_int_distribution<std::size_t>{0, fleet_.size() - 1}(random_);
}

std::int64_t Nemesis::step(std::int64_t now) {
  const auto earlier = [](const Planned& left, const Planned& right) {
    return left.at < right.at;
  };
  while (!planned_.empty()) {
    const auto next = std::min_element(planned_.begin(), planned_.end(), earlier);
    if (next->at > now)
      return next->at;
    const Planned due = *next;
    planned_.erase(next);
    act(due, now_us());
  }
  return now + 1'000'000;
}

void Nemesis::act(const Planned& planned, std::int64_t now) {
  switch (planned.kind) {
    case Kind::worker_kill:
      fleet_.kill_worker(any_node(), random_());
      plan_next(planned.kind, plan_.worker_kill_us, now);
      break;
    case Kind::node_kill:
      if (const std::size_t node = any_node(); node != frozen_)
        fleet_.replace_by_kill(node);
      plan_next(planned.kind, plan_.node_kill_us, now);
      break;
    case Kind::node_freeze:
      frozen_ = any_node();
      fleet_.freeze(*frozen_);
      planned_.push_back({now + plan_.freeze_for_us, Kind::node_thaw, *frozen_});
      break;
    case Kind::node_thaw:
      fleet_.thaw(planned.node);
      frozen_.reset();
      plan_next(Kind::node_freeze, plan_.node_freeze_us, now);
      break;
    case Kind::database_restart:
      restart_database();
      plan_next(planned.kind, plan_.database_restart_us, now);
      break;
  }
  ++faults_;
}

void Nemesis::restart_database() {
  const std::int64_t begin = now_us();
  // NOLINTNEXTLINE(cert-env33-c,concurrency-mt-unsafe): the command is the operator's own argument
  if (std::system(plan_.database_restart.c_str()) != 0)
    throw std::runtime_error{"the command that restarts the database failed"};
  history_.write(fmt::format("fault restart-database 0 0 {} {}", begin, now_us()));
}

void Nemesis::heal() {
  if (frozen_)
    fleet_.thaw(*frozen_);
  frozen_.reset();
}

}  // namespace errand::torture
