#include "store/exchange.hpp"

#include "store/claiming.hpp"
#include "store/held_jobs.hpp"
#include "store/held_note.hpp"
#include "store/job_rows.hpp"
#include "store/recording.hpp"

namespace errand::sql {
namespace {

constexpr int hold_tries_max = 3;

bool is_held(std::span<const ClaimedJob> claimed) {
  return !claimed.empty() && claimed.front().held;
}

bool is_alive(Connection& connection, ProcessId process) {
  return connection.select_integer(Query::process_is_alive, process).has_value();
}

void write_running_on(Connection& connection, const ClaimRequest& claim, ExchangeResult& result) {
  if (claim.running_on.empty())
    return;
  result.process_alive = is_alive(connection, claim.process);
  if (result.process_alive)
    start_held(connection, claim.running_on, claim.process);
}

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

ExchangeResult Exchange::run(std::span<const Completion> completions,
                             const ClaimRequest& claim,
                             Now now) {
  auto kept = holding_.take(claim.process);
  const bool holds = kept || holding_.is_noted(claim.process) || !claim.running_on.empty();
  if (holds_ == Holds::by_notes || (!holds && !claim.hold))
    return at_once(completions, claim, now);
  ExchangeResult result;
  if (holds || !completions.empty())
    result = end_hold(std::move(kept), completions, claim, now);
  if (!result.process_alive || claim.limit <= 0)
    return result;
  if (claim.hold && hold_into(claim, now, result))
    return result;
  if (holding_.is_noted(claim.process))
    static_cast<void>(end_hold(nullptr, {}, {.process = claim.process}, now));
  auto claimed = at_once({}, claim, now);
  claimed.recorded = std::move(result.recorded);
  return claimed;
}

ExchangeResult Exchange::at_once(std::span<const Completion> completions,
                                 const ClaimRequest& claim,
                                 Now now) {
  ExchangeResult result;
  const bool holds = holding_.is_noted(claim.process) || !claim.running_on.empty();
  if (completions.empty() && !holds && !claim.told && has_nothing_to_do(claim, now, result))
    return result;
  std::vector<JobId> left_alone;
  if (claim.hold && holds_ == Holds::by_notes)
    holding_.set_noted(claim.process, true);  // also when the answer is lost, the row may say so
  try {
    pool_.write([&](Connection& connection) {
      result = {};
      if (completions.empty())
        connection.relax_commit();
      result.now = time_of(connection, now);
      record(connection, completions, result.now, retention_, result.recorded);
      write_running_on(connection, claim, result);
      if (holds_ == Holds::by_notes)
        claim_beside_notes(connection, claim, result);
      else
        claim_into(connection, claim, left_alone, result);
    });
    holding_.set_noted(claim.process, is_held(result.claimed));
    return result;
  } catch (const Error& failure) {
    if (completions.empty() || !is_refusal(failure) || pool_.in_transaction())
      throw;
  }
  const auto recorded = record_apart(pool_, completions, now, retention_);
  result = at_once({}, claim, now);
  result.recorded = recorded;
  return result;
}

bool Exchange::has_nothing_to_do(const ClaimRequest& claim, Now now, ExchangeResult& result) {
  bool nothing = true;
  pool_.read([&](Connection& connection) {
    result.now = time_of(connection, now);
    if (claim.process != 0)
      result.process_alive = is_alive(connection, claim.process);
    if (!result.process_alive || claim.limit <= 0)
      return;
    Claiming claiming{connection, claim, result.now, 0};
    nothing = !claiming.look();
    result.next_due = claiming.next_due();
  });
  return nothing;
}

void Exchange::claim_into(Connection& connection,
                          const ClaimRequest& claim,
                          std::vector<JobId>& left_alone,
                          ExchangeResult& result) {
  if (claim.process != 0)
    result.process_alive = is_alive(connection, claim.process);
  if (!result.process_alive || claim.limit <= 0)
    return;
  Claiming claiming{connection, claim, result.now, rotation_.fetch_add(1)};
  claiming.exclude(left_alone);
  result.claimed = claiming.take();
  leave_to_holders(connection, claim.process, result.claimed, left_alone);
  if (result.claimed.size() < static_cast<std::size_t>(claim.limit))
    result.next_due = claiming.next_due();
}

/// Nobody else writes meanwhile. A note that says more than is held any longer goes.
void Exchange::claim_beside_notes(Connection& connection,
                                  const ClaimRequest& claim,
                                  ExchangeResult& result) {
  if (claim.process != 0)
    result.process_alive = is_alive(connection, claim.process);
  if (result.process_alive && holding_.is_noted(claim.process))
    put_back_let_go(connection, claim.process, claim.running_on, result.now);
  if (result.process_alive && claim.limit > 0) {
    const std::vector<IdRun> others = noted_by_others(connection, claim.process);
    Claiming claiming{connection, claim, result.now, rotation_.fetch_add(1)};
    claiming.exclude(others);
    const bool holds = claim.hold && is_short(others);
    result.claimed = holds ? claiming.hold() : claiming.take();
    if (result.claimed.size() < static_cast<std::size_t>(claim.limit))
      result.next_due = claiming.next_due();
  }
  if (is_held(result.claimed))
    hold_by_note(connection, claim.process, result.claimed);
  else if (holding_.is_noted(claim.process))
    note_nothing_held(connection, claim.process);
}

/// What others hold although their locks were lost is left alone in the next try.
void Exchange::leave_to_holders(Connection& connection,
                                ProcessId process,
                                std::span<const ClaimedJob> claimed,
                                std::vector<JobId>& left_alone) const {
  const std::vector<JobId> held = held_by_others(connection, process, claimed);
  if (held.empty())
    return;
  left_alone.insert(left_alone.end(), held.begin(), held.end());
  throw TransientError{"jobs that are due are held by workers that have lost their locks"};
}

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

/// Locks first, then the note for the time when they are lost, then the look at the notes of
/// others, by the same connection: if it is still there, whoever locks these jobs later sees the
/// note. False when there is nothing to hold.
bool Exchange::hold_into(const ClaimRequest& claim, Now now, ExchangeResult& result) {
  std::vector<JobId> left_alone;
  for (int tries = 0; tries < hold_tries_max; ++tries) {
    auto kept = lock_into(claim, now, left_alone, result);
    if (result.claimed.empty() || !note(claim.process, result.claimed))
      return false;
    std::vector<JobId> others;
    kept->run([&](Connection& connection) {
      others = held_by_others(connection, claim.process, result.claimed);
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
    Claiming claiming{connection, claim, result.now, rotation_.fetch_add(1)};
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
