#include "store/claiming.hpp"

#include <algorithm>
#include <utility>

#include "base/earlier.hpp"
#include "store/job_rows.hpp"

namespace errand::sql {
namespace {

constexpr std::ptrdiff_t many_heads_min = 8;
constexpr std::size_t many_heads_max = 100;

}  // namespace

std::string json_list(std::span<const std::string> texts) {
  Json list = Json::array();
  for (const std::string& text : texts)
    list.push_back(text);
  return list.dump();
}

bool serves(std::span<const QueueLimit> queues, std::string_view queue) {
  return queues.empty() ||
         std::ranges::any_of(queues, [&](const auto& served) { return served.queue == queue; });
}

void Claiming::exclude(std::span<const JobId> ids) {
  excluded_ = Json(std::vector<JobId>(ids.begin(), ids.end())).dump();
}

void Claiming::exclude(std::span<const IdRun> runs) {
  excluded_ = to_json(runs).dump();
}

std::vector<ClaimedJob> Claiming::hold() {
  holds_ = true;
  return take();
}

std::vector<ClaimedJob> Claiming::take() {
  claimed_.reserve(static_cast<std::size_t>(std::min(request_.limit, 10000)));
  take_due();
  while (!is_full() && may_read_anew() && read_anew())
    take_due();
  return std::move(claimed_);
}

/// What is held still waits.
bool Claiming::may_read_anew() const noexcept {
  return claimed_.empty() || !holds_;
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
    if (!serves(request_.queues, head.queue))
      continue;
    if (head.due > now_) {
      keep_earlier(next_due_, head.due);
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
  return connection_.habits().claim_starts &&
         std::ranges::count_if(heads_, [&](const WaitingHead& head) {
           return head.due <= now_ && serves(request_.queues, head.queue);
         }) >= many_heads_min;
}

/// Past what a head gave last. What was passed over there is dead, or held: that is found when the
/// heads are read anew.
bool Claiming::move_on(WaitingHead& head) const {
  const auto last = std::find_if(claimed_.rbegin(), claimed_.rend(), [&](const ClaimedJob& job) {
    return job.priority == head.priority && job.queue == head.queue;
  });
  if (last == claimed_.rend())
    return false;
  head.due = last->due;
  head.id = last->id;
  return true;
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

}  // namespace errand::sql
