#include "store/node_look.hpp"

#include <algorithm>

#include "base/earlier.hpp"
#include "store/claiming.hpp"
#include "store/job_rows.hpp"

namespace errand::sql {
namespace {

/// What one statement answers: a row of each head, or one without any.
class Seen {
 public:
  Seen(Connection& connection, HeadReading reading)
      : connection_{connection}, reading_{std::move(reading)} {}

  void ask(bool of_dead);

  [[nodiscard]] const HeadReading& reading() const noexcept { return reading_; }

  /// In queues that are not paused.
  [[nodiscard]] const std::vector<WaitingHead>& heads() const noexcept { return heads_; }

  [[nodiscard]] std::optional<TimePoint> earliest() const noexcept { return earliest_; }

  [[nodiscard]] NodeLook look() const noexcept { return look_; }

 private:
  void take(const Row& row);

  Connection& connection_;
  HeadReading reading_;
  std::vector<WaitingHead> heads_{};
  std::optional<TimePoint> earliest_{};  ///< `due`, in any queue
  std::optional<TimePoint> told_{};
  NodeLook look_{};
};

void Seen::ask(bool of_dead) {
  const auto asked = std::chrono::steady_clock::now();
  const auto on_row = [this](const Row& row) {
    take(row);
  };
  if (reading_.floors.empty())
    connection_.select(Query::node_look, on_row, of_dead ? 1 : 0);
  else
    connection_.select(Query::node_look_from, on_row, of_dead ? 1 : 0, to_json(reading_.floors));
  if (told_)
    connection_.note_time(*told_, asked);
}

void Seen::take(const Row& row) {
  look_.oldest_beat = row.optional_time(5);
  look_.dead_hold_claims = row.integer(6) != 0;
  told_ = row.optional_time(7);
  if (row.is_null(3))
    return;
  keep_earlier(earliest_, row.time(2));
  const bool paused = row.integer(4) != 0;
  if (!paused)
    heads_.push_back(
        {std::string{row.text(0)}, static_cast<int>(row.integer(1)), row.time(2), row.integer(3)});
}

/// Who looks for those who have found nothing reads everything as soon as they would.
HeadReading idle_reading(const HeadMemory& memory, const Connection& connection) {
  const HeadReading everything{.asked = memory.now()};
  if (!connection.habits().keeps_dead)
    return everything;
  HeadReading known = memory.reading();
  return known.idle_until <= known.asked ? everything : known;
}

/// As a worker of the node would see it.
void ask_what_is_due(Connection& connection,
                     const LookRequest& request,
                     HeadMemory& memory,
                     NodeLook& look) {
  const ClaimRequest claim{.limit = 1, .types = request.types, .queues = request.queues};
  Claiming claiming{connection, claim, look.now, 0, memory};
  look.next_due = claiming.look() ? look.now : claiming.next_due();
}

/// Nothing is: when something will be, or may be found that came before the floors.
void note_next_due(const LookRequest& request,
                   const Seen& seen,
                   const HeadMemory& memory,
                   NodeLook& look) {
  for (const WaitingHead& head : seen.heads())
    if (serves(request.queues, head.queue))
      keep_earlier(look.next_due, head.due);
  if (!seen.reading().floors.empty())
    keep_earlier(look.next_due,
                 look.now + std::chrono::duration_cast<std::chrono::microseconds>(
                                seen.reading().idle_until - memory.now()));
}

}  // namespace

NodeLook look_for_node(Connection& connection,
                       const LookRequest& request,
                       HeadMemory& memory,
                       JobStore::Now now) {
  Seen seen{connection, idle_reading(memory, connection)};
  seen.ask(request.asks_of_dead);
  NodeLook look = seen.look();
  look.now = time_of(connection, now);
  memory.note_read(seen.heads(), seen.reading(), look.now);
  memory.keep(seen.heads());
  if (seen.earliest() && *seen.earliest() <= look.now)
    look.due_since = seen.earliest();
  const auto is_due = [&](const WaitingHead& head) {
    return head.due <= look.now && serves(request.queues, head.queue);
  };
  if (std::ranges::any_of(seen.heads(), is_due))
    ask_what_is_due(connection, request, memory, look);
  else
    note_next_due(request, seen, memory, look);
  return look;
}

}  // namespace errand::sql
