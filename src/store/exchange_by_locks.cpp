#include "store/claiming.hpp"
#include "store/exchange.hpp"
#include "store/held_note.hpp"
#include "store/hold_slots.hpp"
#include "store/job_rows.hpp"
#include "store/recording.hpp"

namespace errand::sql {
namespace {

constexpr int hold_tries_max = 3;

bool record_kept(Holding::Kept kept, const std::function<void(Connection&)>& work) {
  if (!kept)
    return false;
  try {
    kept->run(work);
    kept->commit();
    return true;
  } catch (const Error&) {  // its connection or one of the completions: see who tries again
    return false;
  }
}

}  // namespace

/// Where the locks were lost, the same writes are fenced without them.
ExchangeResult Exchange::end_hold(Holding::Kept kept,
                                  std::span<const Completion> completions,
                                  const ClaimRequest& claim,
                                  Now now) {
  ExchangeResult result;
  std::span<const Completion> together = completions;
  const auto work = [&](Connection& connection) {
    result = {};
    result.now = time_of(connection, now);
    record(connection, together, result.now, retention_, result.recorded);
    write_running_on(connection, claim, result);
    note_nothing_held(connection, claim.process);
  };
  if (!record_kept(std::move(kept), work)) {
    try {
      pool_.write(work);
    } catch (const Error& failure) {
      if (!is_refusal(failure) || pool_.in_transaction())
        throw;
      const auto recorded = record_apart(pool_, completions, now, retention_);
      together = {};
      pool_.write(work);
      result.recorded = recorded;
    }
  }
  holding_.set_noted(claim.process, false);
  return result;
}

/// Who waits already is not to get in between two holds of one of those who have the slots: each
/// worker that comes new to it has a connection to open and statements to prepare.
bool Exchange::may_hold(Connection& connection, const ClaimRequest& claim, TimePoint now) {
  const bool waits = claim.yields && claim.left_before;
  if (waits && are_waited_for(noted_by_alike(connection, claim.process), claim, now))
    return false;
  const HoldSlot slot{claim};
  return slot.take(connection) ||
         takes_extra_slot(connection, claim, noted_by_alike(connection, claim.process), now);
}

/// Those who have the slots are waited for while they get on; beside some that stand still, as many
/// again may hold.
bool Exchange::takes_extra_slot(Connection& connection,
                                const ClaimRequest& claim,
                                std::span<const IdRun> alike,
                                TimePoint now) {
  const TimePoint patient_until =
      holding_.same_since(claim.process, alike, now) + patience_with_holders(holds_);
  return now >= patient_until && HoldSlot{claim}.take_of_twice_as_many(connection);
}

/// Locks first, then the note for the time when they are lost, then the look at the notes of
/// others, by the same connection: if it is still there, whoever locks these jobs later sees the
/// note. False when there is nothing to hold; who is to leave it to others gets nothing.
bool Exchange::hold_into(const ClaimRequest& claim, Now now, ExchangeResult& result) {
  std::vector<JobId> left_alone;
  for (int tries = 0; tries < hold_tries_max; ++tries) {
    auto kept = lock_into(claim, now, left_alone, result);
    if (result.left_to_holders)
      return claim.yields;
    if (result.claimed.empty() || !note(claim.process, result.claimed))
      return false;
    std::vector<JobId> others;
    kept->run([&](Connection& connection) {
      others = ids_among(noted_by_others(connection, claim.process), result.claimed);
    });
    if (others.empty()) {
      holding_.put(claim.process, std::move(kept));
      return true;
    }
    left_alone.insert(left_alone.end(), others.begin(), others.end());
    result.claimed.clear();
  }
  return false;
}

Holding::Kept Exchange::lock_into(const ClaimRequest& claim,
                                  Now now,
                                  std::span<const JobId> left_alone,
                                  ExchangeResult& result) {
  return pool_.keep([&](Connection& connection) {
    result.claimed.clear();
    result.next_due.reset();
    result.now = time_of(connection, now);
    result.left_to_holders = !may_hold(connection, claim, result.now);
    if (result.left_to_holders)
      return;
    Claiming claiming{connection, claim, result.now, rotation_.fetch_add(1), heads_};
    claiming.exclude(left_alone);
    result.claimed = claiming.hold();
    if (result.claimed.size() < static_cast<std::size_t>(claim.limit))
      result.next_due = claiming.next_due();
  });
}

/// Also when the answer is lost, the row may say so.
bool Exchange::note(ProcessId process, std::span<const ClaimedJob> held) {
  holding_.set_noted(process, true);
  bool alive = false;
  pool_.write([&](Connection& connection) {
    connection.relax_commit();
    alive = note_held(connection, process, runs_of(held));
  });
  return alive;
}

}  // namespace errand::sql
