// What waits: read, or remembered.
#include <algorithm>
#include <array>
#include <utility>

#include "base/earlier.hpp"
#include "store/claiming.hpp"
#include "store/held_jobs.hpp"
#include "store/held_note.hpp"

namespace errand::sql {

Claiming::Claiming(Connection& connection,
                   const ClaimRequest& request,
                   TimePoint now,
                   std::size_t rotation,
                   HeadMemory& memory,
                   const AskedBeside& beside)
    : connection_{connection},
      request_{request},
      now_{now},
      types_{json_list(request.types)},
      rotation_{rotation},
      memory_{memory},
      heads_{memory.take()},
      remembered_{!heads_.empty()} {
  if (!remembered_) {
    read_heads(beside);
    return;
  }
  ask(nullptr, beside);
  rotate_equals(rotation_);
}

Claiming::~Claiming() {
  memory_.keep(std::move(heads_));
}

void Claiming::read_heads(const AskedBeside& beside) {
  read_heads(
      connection_.habits().keeps_dead ? memory_.reading() : HeadReading{.asked = memory_.now()},
      beside);
}

void Claiming::read_heads(HeadReading reading, const AskedBeside& beside) {
  reading_ = std::move(reading);
  heads_.clear();
  next_due_.reset();
  const std::string floors = to_json(reading_.floors);
  const Batch heads{.bind =
                        [&](std::size_t, Parameters& parameters) {
                          if (!reading_.floors.empty())
                            parameters.set(1, floors);
                        },
                    .on_row =
                        [this](std::size_t, const Row& row) {
                          heads_.push_back({std::string{row.text(0)},
                                            static_cast<int>(row.integer(1)),
                                            row.time(2),
                                            row.integer(3)});
                        }};
  const Question question{
      reading_.floors.empty() ? Query::waiting_heads : Query::waiting_heads_from, heads};
  ask(&question, beside);
  memory_.note_read(heads_, reading_, now_);
  rotate_equals(rotation_);
}

/// What is remembered is read before anybody waits, and what may have come before the floors when
/// that has rested long enough.
bool Claiming::read_anew() {
  if (std::exchange(remembered_, false)) {
    read_heads({});
    return true;
  }
  const SteadyPoint now = memory_.now();
  if (reading_.floors.empty() || !claimed_.empty())
    return false;
  const auto rest =
      std::chrono::duration_cast<std::chrono::microseconds>(reading_.idle_until - now);
  if (rest.count() > 0) {
    keep_earlier(next_due_, now_ + rest);
    return false;
  }
  read_heads({.asked = now}, {});
  return true;
}

void Claiming::ask(const Question* heads, const AskedBeside& beside) {
  std::array<Batch, 2> others{};
  std::vector<Question> questions;
  if (beside.process_alive != nullptr) {
    others[0] = asks_if_alive(request_.process, *beside.process_alive);
    questions.push_back({Query::process_is_alive, others[0]});
  }
  if (heads != nullptr)
    questions.push_back(*heads);
  if (beside.slot != nullptr)
    questions.push_back(*beside.slot);
  if (beside.noted_by_alike != nullptr) {
    others[1] = asks_noted(request_.process, *beside.noted_by_alike);
    questions.push_back({Query::held_by_alike, others[1]});
  }
  if (!questions.empty())
    connection_.run_together(questions);
}

void Claiming::rotate_equals(std::size_t rotation) {
  for (auto first = heads_.begin(); first != heads_.end();) {
    const auto end = std::find_if(
        first, heads_.end(), [&](const auto& head) { return head.priority != first->priority; });
    const auto size = static_cast<std::size_t>(end - first);
    std::rotate(first, first + static_cast<std::ptrdiff_t>(rotation % size), end);
    first = end;
  }
}

bool Claiming::look() {
  bool found = see_due();
  while (!found && read_anew())
    found = see_due();
  return found;
}

bool Claiming::see_due() {
  for (const WaitingHead& head : heads_) {
    if (!serves(request_.queues, head.queue))
      continue;
    if (head.due > now_) {
      keep_earlier(next_due_, head.due);
      continue;
    }
    if (connection_.select_integer(
            Query::due_job_exists, head.queue, head.priority, now_, types_, head.due, head.id))
      return true;
    if (const auto due =
            connection_.select_integer(Query::next_due_after, head.queue, head.priority, now_))
      keep_earlier(next_due_, TimePoint{std::chrono::microseconds{*due}});
  }
  return false;
}

}  // namespace errand::sql
