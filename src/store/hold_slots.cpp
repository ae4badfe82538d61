#include "store/hold_slots.hpp"

#include <algorithm>

#include "store/claiming.hpp"

namespace errand::sql {
namespace {

constexpr int jobs_held_max = 3000;
constexpr int slots_min = 2;

/// Workers of which one would take what the other does not.
std::string kind_of(const ClaimRequest& claim) {
  std::string kind = json_list(claim.types);
  for (const QueueLimit& queue : claim.queues)
    kind += " " + queue.queue;
  return kind;
}

int slots_for(int jobs) {
  return std::max(slots_min, jobs_held_max / std::max(jobs, 1));
}

}  // namespace

HoldSlot::HoldSlot(const ClaimRequest& claim)
    : kind_{kind_of(claim)},
      slots_{slots_for(claim.hold_target > 0 ? claim.hold_target : claim.limit)} {}

bool HoldSlot::take(Connection& connection) const {
  return connection.select_integer(Query::take_hold_slot, slots_, kind_).has_value();
}

bool HoldSlot::take_of_twice_as_many(Connection& connection) const {
  return connection.select_integer(Query::take_hold_slot, 2 * slots_, kind_).has_value();
}

Batch HoldSlot::asks(bool& taken) const {
  return {
      .bind = [this](std::size_t, Parameters& parameters) { parameters.set_all(slots_, kind_); },
      .on_row =
          [&taken](std::size_t, const Row&) {
            taken = true;
          }};
}

}  // namespace errand::sql
