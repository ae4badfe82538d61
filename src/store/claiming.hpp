#pragma once

#include <optional>
#include <vector>

#include "store/database.hpp"
#include "store/head_memory.hpp"
#include "store/id_runs.hpp"
#include "store/job_store.hpp"

namespace errand::sql {

/// What else is asked in the round trip that looks; null = not.
struct AskedBeside {
  bool* process_alive{nullptr};
  std::vector<IdRun>* noted_by_alike{nullptr};  ///< in no order
  const Question* slot{nullptr};
};

/// T2 in two steps: look, which writes nothing, and take. One object serves one request.
class Claiming {
 public:
  /// `rotation` grows with every request: among equal priorities, another queue is first each time.
  /// The memory outlives the claim.
  Claiming(Connection& connection,
           const ClaimRequest& request,
           TimePoint now,
           std::size_t rotation,
           HeadMemory& memory,
           const AskedBeside& beside = {});
  Claiming(const Claiming&) = delete;
  Claiming& operator=(const Claiming&) = delete;
  /// What it has not spent is remembered.
  ~Claiming();

  /// These are left alone.
  void exclude(std::span<const JobId> ids);
  void exclude(std::span<const IdRun> runs);

  /// Something may be taken now. Sets `next_due` when not.
  [[nodiscard]] bool look();

  /// Takes up to the request's limit, lower priorities first. In a transaction that has seen the
  /// own process alive. Where a claim does not start by itself, what the rows say is not read yet:
  /// see claimed_rows.hpp.
  [[nodiscard]] std::vector<ClaimedJob> take();
  /// The same, by the locks of the rows or for a note: as they will be once their claims are
  /// written.
  [[nodiscard]] std::vector<ClaimedJob> hold();

  /// What other processes had noted when all that was taken was locked; nobody is asked where rows
  /// are not locked, or are held.
  [[nodiscard]] const std::vector<IdRun>& noted_by_others() const noexcept { return noted_; }

  /// When the next job is due after this request took fewer than its limit.
  [[nodiscard]] std::optional<TimePoint> next_due() const noexcept { return next_due_; }

 private:
  void read_heads(const AskedBeside& beside);
  void read_heads(HeadReading reading, const AskedBeside& beside);
  [[nodiscard]] bool may_read_anew() const noexcept;
  [[nodiscard]] bool read_anew();
  void ask(const Question* heads, const AskedBeside& beside);
  void rotate_equals(std::size_t rotation);
  [[nodiscard]] bool is_full() const noexcept;
  [[nodiscard]] std::span<const QueueLimit>::iterator limit_of(std::string_view queue) const;
  [[nodiscard]] int room_in(const std::string& queue) const;
  void note_claimed(const Row& row);
  void note_found(const WaitingHead& head, const Row& row);
  [[nodiscard]] bool see_due();
  void take_due();
  /// False: it gave nothing.
  bool move_on(WaitingHead& head) const;
  [[nodiscard]] bool claims_many() const;
  void take_from(WaitingHead& head, int limit);
  void take_from_many(std::span<WaitingHead* const> heads);
  static void mark_spent(std::span<WaitingHead* const> heads);
  void ask_next_due(std::span<WaitingHead* const> heads);
  void claim_rows(const WaitingHead& head, int limit, const Batch& due);
  void find_rows(const WaitingHead& head, int limit, const Batch& due);
  [[nodiscard]] Batch asks_next_due(std::span<WaitingHead* const> heads,
                                    std::optional<TimePoint>& earliest) const;
  void bind_take(const WaitingHead& head, int limit, Parameters& parameters) const;
  void start(std::span<const ClaimedJob> claimed);

  Connection& connection_;
  const ClaimRequest& request_;
  TimePoint now_;
  std::string types_;  ///< JSON, as the statements read it
  std::string excluded_{"[]"};
  std::size_t rotation_;
  HeadMemory& memory_;
  std::vector<WaitingHead> heads_{};
  bool remembered_{false};
  HeadReading reading_{};  ///< the last
  std::vector<ClaimedJob> claimed_{};
  std::vector<IdRun> noted_{};
  std::optional<TimePoint> next_due_{};
  bool holds_{false};
};

/// No queue named = every one.
[[nodiscard]] bool serves(std::span<const QueueLimit> queues, std::string_view queue);

[[nodiscard]] std::string json_list(std::span<const std::string> texts);

}  // namespace errand::sql
