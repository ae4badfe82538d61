// What waits: read, or remembered.
#include <algorithm>
#include <array>
#include <utility>

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
  if (!remembered_)
    read_heads(beside);
  else
    ask(nullptr, beside);
  rotate_equals(rotation_);
}

Claiming::~Claiming() {
  memory_.keep(std::move(heads_));
}

void Claiming::read_heads(const AskedBeside& beside) {
  const auto asked = memory_.now();
  heads_.clear();
  next_due_.reset();
  const Batch heads{.on_row = [this](std::size_t, const Row& row) {
    heads_.push_back(
        {std::string{row.text(0)}, static_cast<int>(row.integer(1)), row.time(2), row.integer(3)});
  }};
  ask(&heads, beside);
  memory_.note_read(heads_.size(), asked);
}

void Claiming::ask(const Batch* heads, const AskedBeside& beside) {
  std::array<Batch, 2> others{};
  std::vector<Question> questions;
  if (beside.process_alive != nullptr) {
    others[0] = asks_if_alive(request_.process, *beside.process_alive);
    questions.push_back({Query::process_is_alive, others[0]});
  }
  if (heads != nullptr)
    questions.push_back({Query::waiting_heads, *heads});
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
  if (!found && std::exchange(remembered_, false)) {
    read_heads({});
    found = see_due();
  }
  return found;
}

bool Claiming::see_due() {
  for (const WaitingHead& head : heads_) {
    if (!is_served(head.queue))
      continue;
    if (head.due > now_) {
      note_due(head.due);
      continue;
    }
    if (connection_.select_integer(
            Query::due_job_exists, head.queue, head.priority, now_, types_, head.due, head.id))
      return true;
    if (const auto due =
            connection_.select_integer(Query::next_due_after, head.queue, head.priority, now_))
      note_due(TimePoint{std::chrono::microseconds{*due}});
  }
  return false;
}

}  // namespace errand::sql
