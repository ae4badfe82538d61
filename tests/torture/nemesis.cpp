#include "nemesis.hpp"

#include <signal.h>

#include <algorithm>
#include <cstdlib>
#include <stdexcept>

namespace errand::torture {

Nemesis::Nemesis(Fleet& fleet, const HistoryFile& history, NemesisPlan plan, std::uint64_t seed)
    : fleet_{fleet}, history_{history}, plan_{std::move(plan)}, begin_{now_us()}, random_{seed} {
  plan_next(Kind::worker_kill, plan_.worker_kill_us, begin_);
  plan_next(Kind::worker_take, plan_.worker_take_us, begin_);
  plan_next(Kind::node_kill, plan_.node_kill_us, begin_);
  plan_next(Kind::node_freeze, plan_.node_freeze_us, begin_);
  plan_next(Kind::database_restart, plan_.database_restart_us, begin_);
}

/// Between half and one and a half of the mean: no two kinds keep step.
void Nemesis::plan_next(Kind kind, std::int64_t mean_us, std::int64_t now) {
  if (mean_us <= 0)
    return;
  std::uniform_int_distribution<std::int64_t> delay{mean_us / 2, mean_us * 3 / 2};
  const std::int64_t at = now + delay(random_);
  const bool of_node = kind == Kind::node_kill || kind == Kind::node_freeze;
  const std::int64_t safe_after = plan_.nodes_safe_after_us;
  if (of_node && safe_after > 0 && at > begin_ + safe_after)
    return;
  planned_.push_back({at, kind, 0});
}

/// One that is not frozen: what is done to a frozen one shows only when it goes on.
std::optional<std::size_t> Nemesis::any_node() {
  const std::size_t choice =
      std::uniform_int_distribution<std::size_t>{0, fleet_.size() - 1}(random_);
  if (choice != frozen_)
    return choice;
  if (fleet_.size() == 1)
    return std::nullopt;
  return (choice + 1) % fleet_.size();
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
      kill_worker();
      plan_next(planned.kind, plan_.worker_kill_us, now);
      break;
    case Kind::worker_take:
      take_worker();
      plan_next(planned.kind, plan_.worker_take_us, now);
      break;
    case Kind::node_kill:
      kill_node();
      plan_next(planned.kind, plan_.node_kill_us, now);
      break;
    case Kind::node_freeze:
      freeze_node();
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
}

void Nemesis::kill_worker() {
  const auto node = any_node();
  const auto worker = node ? fleet_.any_worker(*node, random_()) : std::nullopt;
  if (!worker)
    return;
  const std::int64_t begin = now_us();
  ::kill(*worker, SIGKILL);
  history_.write(
      line_of({FaultKind::kill_worker, fleet_.main_process(*node), *worker, begin, now_us()}));
}

void Nemesis::take_worker() {
  const auto node = any_node();
  const auto worker = node ? fleet_.any_worker(*node, random_()) : std::nullopt;
  if (!worker)
    return;
  const std::int64_t begin = now_us();
  if (plan_.take_for_dead(*worker))
    history_.write(
        line_of({FaultKind::take_worker, fleet_.main_process(*node), *worker, begin, now_us()}));
}

void Nemesis::kill_node() {
  if (const auto node = any_node())
    fleet_.replace_by_kill(*node);
}

void Nemesis::freeze_node() {
  frozen_ = any_node();
  if (!frozen_)
    return;
  fleet_.freeze(*frozen_);
  planned_.push_back({now_us() + plan_.freeze_for_us, Kind::node_thaw, *frozen_});
}

void Nemesis::restart_database() {
  const std::int64_t begin = now_us();
  // NOLINTNEXTLINE(cert-env33-c,concurrency-mt-unsafe): the command is the operator's own argument
  if (std::system(plan_.database_restart.c_str()) != 0)
    throw std::runtime_error{"the command that restarts the database failed"};
  history_.write(line_of({FaultKind::restart_database, 0, 0, begin, now_us()}));
}

void Nemesis::heal() {
  if (frozen_)
    fleet_.thaw(*frozen_);
  frozen_.reset();
}

}  // namespace errand::torture
