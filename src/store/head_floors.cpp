#include "store/head_floors.hpp"

#include <algorithm>

namespace errand::sql {

std::string to_json(std::span<const WaitingHead> floors) {
  Json list = Json::array();
  for (const WaitingHead& floor : floors)
    list.push_back({{"floor_queue", floor.queue},
                    {"floor_priority", floor.priority},
                    {"floor_due", floor.due.time_since_epoch().count()}});
  return list.dump();
}

HeadReading HeadFloors::reading(SteadyPoint asked) const {
  const std::lock_guard lock{mutex_};
  if (asked >= known_.until)
    return {.asked = asked};
  HeadReading reading = known_;
  reading.asked = asked;
  return reading;
}

/// What somebody has read from floors that are no longer known says nothing of the ones that are.
void HeadFloors::note(const HeadReading& reading,
                      std::span<const WaitingHead> heads,
                      SteadyPoint answered,
                      TimePoint now) {
  const std::lock_guard lock{mutex_};
  if (!reading.floors.empty() && reading.until != known_.until)
    return;
  if (heads.size() > few_heads) {
    known_ = {};
    return;
  }
  if (reading.floors.empty())
    begin(reading, answered);
  for (const WaitingHead& head : heads)
    raise(head, now);
}

/// A queue in which nothing was found keeps its floor: it may be paused.
void HeadFloors::begin(const HeadReading& reading, SteadyPoint answered) {
  const auto took = answered - reading.asked;
  known_.idle_until = answered + (took >= slow_reading ? times_as_long_idle * took : took * 0);
  known_.until = answered + (took >= slow_reading ? times_as_long * took : took * 0);
  if (known_.floors.size() == few_heads)
    known_.floors.clear();
}

void HeadFloors::raise(const WaitingHead& head, TimePoint now) {
  const TimePoint floor = std::min(head.due, now - commits_within);
  const auto known = std::ranges::find_if(known_.floors, [&](const WaitingHead& candidate) {
    return candidate.priority == head.priority && candidate.queue == head.queue;
  });
  if (known != known_.floors.end())
    known->due = floor;
  else if (known_.floors.size() < few_heads)
    known_.floors.push_back({.queue = head.queue, .priority = head.priority, .due = floor});
}

}  // namespace errand::sql
