#include "store/claiming.hpp"

#include <algorithm>
#include <array>

#include "store/held_jobs.hpp"
#include "store/held_note.hpp"
#include "store/job_rows.hpp"

namespace errand::sql {
namespace {

constexpr std::size_t many_heads_max = 100;

}  // namespace

std::string json_list(std::span<const std::string> texts) {
  Json list = Json::array();
  for (const std::string& text : texts)
    list.push_back(text);
  return list.dump();
}

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
      heads_{memory.take(HeadMemory::Clock::now())},
      remembered_{!heads_.empty()} {
  if (!remembered_)
    read_heads(beside);
  else
    ask(nullptr, beside);
  rotate_equals(rotation_);
}

void Claiming::exclude(std::span<const JobId> ids) {
  excluded_ = Json(std::vector<JobId>(ids.begin(), ids.end())).dump();
}

void Claiming::exclude(std::span<const IdRun> runs) {
  excluded_ = to_json(runs).dump();
}

void Claiming::read_heads(const AskedBeside& beside) {
  const auto asked = HeadMemory::Clock::now();
  heads_.clear();
  next_due_.reset();
  const Batch heads{.on_row = [this](std::size_t, const Row& row) {
    heads_.push_back(
        {std::string{row.text(0)}, static_cast<int>(row.integer(1)), row.time(2), row.integer(3)});
  }};
  ask(&heads, beside);
  const auto answered = HeadMemory::Clock::now();
  memory_.note_read(heads_.size(), answered - asked, answered);
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

bool Claiming::is_served(std::string_view queue) const {
  return request_.queues.empty() ||
         std::any_of(request_.queues.begin(), request_.queues.end(), [&](const auto& served) {
           return served.queue == queue;
         });
}

void Claiming::note_due(TimePoint due) noexcept {
  if (!next_due_ || due < *next_due_)
    next_due_ = due;
}

Claiming::~Claiming() {
  memory_.keep(std::move(heads_));
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
    if (connection_.select_integer(Query::due_job_exists, head.queue, head.priority, now_, types_))
      return true;
    if (const auto due =
            connection_.select_integer(Query::next_due_after, head.queue, head.priority, now_))
      note_due(TimePoint{std::chrono::microseconds{*due}});
  }
  return false;
}

std::span<const QueueLimit>::iterator Claiming::limit_of(std::string_view queue) const {
  return std::find_if(request_.queues.begin(), request_.queues.end(), [&](const auto& candidate) {
    return candidate.queue == queue && candidate.limit > 0;
  });
}

int Claiming::room_in(const std::string& queue) const {
  const int room = request_.limit - static_cast<int>(claimed_.size());
  const auto served = limit_of(queue);
  if (served == request_.queues.end())
    return room;
  const auto taken = std::count_if(
      claimed_.begin(), claimed_.end(), [&](const auto& job) { return job.queue == queue; });
  return std::min(room, served->limit - static_cast<int>(taken));
}

void Claiming::note_claimed(const Row& row) {
  ClaimedJob job = claimed_from(row);
  job.process = request_.process;
  if (holds_) {
    ++job.claim_seq;
    job.started = now_;
  }
  job.held = holds_;
  claimed_.push_back(std::move(job));
}

void Claiming::note_found(const WaitingHead& head, const Row& row) {
  ClaimedJob& job = claimed_.emplace_back();
  job.id = row.integer(0);
  job.claim_seq = static_cast<int>(row.integer(1));
  job.process = request_.process;
  job.queue = head.queue;
  job.started = now_;
  job.held = holds_;
}

void Claiming::take_from(WaitingHead& head, int limit) {
  const std::size_t before = claimed_.size();
  std::optional<TimePoint> later;
  const Batch due = asks_next_due(head, later);
  if (connection_.habits().claim_starts)
    claim_rows(head, limit, due);
  else
    find_rows(head, limit, due);
  head.spent = claimed_.size() - before < static_cast<std::size_t>(limit);
  if (later && head.spent)
    note_due(*later);
}

/// What others have noted is asked last, when the rows are locked.
void Claiming::claim_rows(const WaitingHead& head, int limit, const Batch& due) {
  noted_.clear();
  const Batch noted = asks_noted(request_.process, noted_);
  const Batch claim{
      .bind = [&](std::size_t, Parameters& parameters) { bind_take(head, limit, parameters); },
      .on_row =
          [this](std::size_t, const Row& row) {
            note_claimed(row);
          }};
  const std::array<Question, 3> all{{{Query::next_due_after, due},
                                     {holds_ ? Query::hold_jobs : Query::claim_jobs, claim},
                                     {Query::held_by_others, noted}}};
  connection_.run_together(std::span{all}.first(holds_ ? 2 : 3));
}

void Claiming::find_rows(const WaitingHead& head, int limit, const Batch& due) {
  const std::size_t before = claimed_.size();
  const Batch find{
      .bind = [&](std::size_t, Parameters& parameters) { bind_take(head, limit, parameters); },
      .on_row =
          [&](std::size_t, const Row& row) {
            note_found(head, row);
          }};
  const std::array<Question, 2> both{{{Query::next_due_after, due}, {Query::due_jobs, find}}};
  connection_.run_together(both);
  if (!holds_)
    start(std::span{claimed_}.subspan(before));
}

Batch Claiming::asks_next_due(const WaitingHead& head, std::optional<TimePoint>& due) const {
  return {.bind =
              [this, &head](std::size_t, Parameters& parameters) {
                parameters.set_all(head.queue, head.priority, now_);
              },
          .on_row =
              [&due](std::size_t, const Row& row) {
                if (const auto us = row.optional_integer(0))
                  due = TimePoint{std::chrono::microseconds{*us}};
              }};
}

void Claiming::bind_take(const WaitingHead& head, int limit, Parameters& parameters) const {
  parameters.set_all(head.queue, head.priority, now_, types_, limit, excluded_);
  if (connection_.habits().claim_starts)
    parameters.set_from(7, head.due, head.id);
  if (connection_.habits().claim_starts && !holds_)
    parameters.set(9, request_.process);
}

void Claiming::start(std::span<const ClaimedJob> claimed) {
  const std::vector<IdRun> runs = runs_of(claimed);
  connection_.run(Query::start_claimed,
                  {.times = runs.size(), .bind = [&](std::size_t item, Parameters& parameters) {
                     parameters.set_all(runs[item].first, runs[item].last, now_, request_.process);
                   }});
}

std::vector<ClaimedJob> Claiming::hold() {
  holds_ = true;
  return take();
}

std::vector<ClaimedJob> Claiming::take() {
  claimed_.reserve(static_cast<std::size_t>(std::min(request_.limit, 10000)));
  take_due();
  const bool may_be_read_anew = claimed_.empty() || !holds_;  // what is held still waits
  if (std::exchange(remembered_, false) && !is_full() && may_be_read_anew) {
    read_heads({});
    rotate_equals(rotation_);
    take_due();
  }
  return std::move(claimed_);
}

bool Claiming::is_full() const noexcept {
  return static_cast<int>(claimed_.size()) >= request_.limit;
}

/// In their order: many heads in a few round trips, but for queues that have a limit.
void Claiming::take_due() {
  std::vector<WaitingHead*> together;
  const auto take_together = [&] {
    if (!together.empty())
      take_from_many(std::exchange(together, {}));
  };
  const bool many = claims_many();
  for (WaitingHead& head : heads_) {
    if (is_full())
      break;
    if (!is_served(head.queue))
      continue;
    if (head.due > now_) {
      note_due(head.due);
    } else if (many && limit_of(head.queue) == request_.queues.end()) {
      together.push_back(&head);
      if (together.size() == many_heads_max)
        take_together();
    } else {
      take_together();
      if (const int room = room_in(head.queue); room > 0)
        take_from(head, room);
    }
  }
  take_together();
}

bool Claiming::claims_many() const {
  constexpr int many_heads_min = 8;
  return connection_.habits().claim_starts &&
         std::ranges::count_if(heads_, [&](const WaitingHead& head) {
           return head.due <= now_ && is_served(head.queue);
         }) >= many_heads_min;
}

}  // namespace errand::sql
