// Many heads in one round trip, where a claim starts what it returns.
#include <algorithm>
#include <array>

#include "base/earlier.hpp"
#include "store/claiming.hpp"
#include "store/held_note.hpp"

namespace errand::sql {
namespace {

std::string to_json(std::span<WaitingHead* const> heads) {
  Json list = Json::array();
  for (const WaitingHead* head : heads)
    list.push_back({{"head_queue", head->queue},
                    {"head_priority", head->priority},
                    {"head_due", head->due.time_since_epoch().count()},
                    {"head_id", head->id}});
  return list.dump();
}

}  // namespace

void Claiming::take_from_many(std::span<WaitingHead* const> heads) {
  const int room = request_.limit - static_cast<int>(claimed_.size());
  const std::string heads_json = to_json(heads);
  noted_.clear();
  const Batch noted = asks_noted(request_.process, noted_);
  const Batch claim{.bind =
                        [&](std::size_t, Parameters& parameters) {
                          parameters.set_all(heads_json, now_, types_, room, excluded_);
                          if (!holds_)
                            parameters.set(6, request_.process);
                        },
                    .on_row =
                        [this](std::size_t, const Row& row) {
                          note_claimed(row);
                        }};
  const std::array<Question, 2> both{
      {{holds_ ? Query::hold_jobs_of_many : Query::claim_jobs_of_many, claim},
       {Query::held_by_others, noted}}};
  connection_.run_together(std::span{both}.first(holds_ ? 1 : 2));
  if (!is_full()) {
    mark_spent(heads);
    ask_next_due(heads);
    return;
  }
  const auto last =
      std::find_if(heads.rbegin(), heads.rend(), [&](WaitingHead* head) { return move_on(*head); });
  if (last != heads.rend())
    mark_spent(heads.first(static_cast<std::size_t>(heads.rend() - last) - 1));
}

void Claiming::mark_spent(std::span<WaitingHead* const> heads) {
  for (WaitingHead* head : heads)
    head->spent = true;
}

/// Of what was read just now: what is remembered is read anew before anybody waits.
void Claiming::ask_next_due(std::span<WaitingHead* const> heads) {
  if (remembered_)
    return;
  std::optional<TimePoint> earliest;
  connection_.run(Query::next_due_after, asks_next_due(heads, earliest));
  if (earliest)
    keep_earlier(next_due_, *earliest);
}

}  // namespace errand::sql
