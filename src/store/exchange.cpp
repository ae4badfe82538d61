#include "store/exchange.hpp"

#include "store/claimed_rows.hpp"
#include "store/claiming.hpp"
#include "store/held_jobs.hpp"
#include "store/held_note.hpp"
#include "store/hold_slots.hpp"
#include "store/job_rows.hpp"
#include "store/node_look.hpp"
#include "store/recording.hpp"

namespace errand::sql {

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

NodeLook Exchange::look(const LookRequest& request, Now now) {
  NodeLook look;
  pool_.read(
      [&](Connection& connection) { look = look_for_node(connection, request, heads_, now); });
  return look;
}

void Exchange::write_running_on(Connection& connection,
                                const ClaimRequest& claim,
                                ExchangeResult& result) {
  if (claim.running_on.empty())
    return;
  result.process_alive = is_alive(connection, claim.process);
  if (result.process_alive)
    start_held(connection, claim.running_on, claim.process);
}

/// By an error here the caller knows as little of what is claimed as by a lost answer.
ExchangeResult Exchange::at_once(std::span<const Completion> completions,
                                 const ClaimRequest& claim,
                                 Now now) {
  ExchangeResult result = write_at_once(completions, claim, now);
  if (holds_ == Holds::by_notes && !result.claimed.empty())
    pool_.read([&](Connection& connection) { read_claimed_rows(connection, result.claimed); });
  return result;
}

ExchangeResult Exchange::write_at_once(std::span<const Completion> completions,
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
    holding_.set_noted(claim.process, holds_any(result.claimed));
    return result;
  } catch (const Error& failure) {
    if (completions.empty() || !is_refusal(failure) || pool_.in_transaction())
      throw;
  }
  const auto recorded = record_apart(pool_, completions, now, retention_);
  result = write_at_once({}, claim, now);
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
    const auto is_left = [&] {
      result.left_to_holders =
          claim.yields &&
          are_waited_for(noted_by_alike(connection, claim.process), claim, result.now);
      return result.left_to_holders;
    };
    if (claim.left_before && is_left())
      return;
    Claiming claiming{connection, claim, result.now, 0, heads_};
    nothing = !claiming.look() || is_left();
    result.next_due = claiming.next_due();
  });
  return nothing;
}

/// While they get on. Who waits for holders that stand still takes what is left after a while. Who
/// waits already goes on while they hold anything: whoever comes new to the end of a backlog reads
/// past all that has just ended.
bool Exchange::are_waited_for(std::span<const IdRun> alike,
                              const ClaimRequest& claim,
                              TimePoint now) {
  return keeps_busy(alike, claim.left_before ? 1 : busy_jobs_min) &&
         now < holding_.same_since(claim.process, alike, now) + patience_with_holders(holds_);
}

bool Exchange::is_left_to_holders(Connection& connection,
                                  const ClaimRequest& claim,
                                  std::span<const IdRun> alike,
                                  bool has_slot,
                                  TimePoint now) {
  return are_waited_for(alike, claim, now) ||
         (!has_slot && !takes_extra_slot(connection, claim, alike, now));
}

/// Whose jobs are short takes a slot also to write claims, where nobody has told it of them: all
/// who waited for the same instant come at once, and each would pass over what others have locked.
void Exchange::claim_into(Connection& connection,
                          const ClaimRequest& claim,
                          std::vector<JobId>& left_alone,
                          ExchangeResult& result) {
  if (claim.limit <= 0) {
    if (claim.process != 0)
      result.process_alive = is_alive(connection, claim.process);
    return;
  }
  std::vector<IdRun> alike;
  const bool takes_turns = claim.yields && claim.hold_target > 0 && !claim.told;
  bool has_slot = !takes_turns;  // or needs none
  const HoldSlot slot{claim};
  const Batch asks = slot.asks(has_slot);
  const Question asks_slot{Query::take_hold_slot, asks};
  Claiming claiming{connection,
                    claim,
                    result.now,
                    rotation_.fetch_add(1),
                    heads_,
                    {.process_alive = &result.process_alive,
                     .noted_by_alike = claim.yields ? &alike : nullptr,
                     .slot = takes_turns ? &asks_slot : nullptr}};
  result.left_to_holders =
      is_left_to_holders(connection, claim, merged(std::move(alike)), has_slot, result.now);
  if (!result.process_alive || result.left_to_holders)
    return;
  claiming.exclude(left_alone);
  result.claimed = claiming.take();
  leave_to_holders(claiming.noted_by_others(), result.claimed, left_alone);
  if (result.claimed.size() < static_cast<std::size_t>(claim.limit))
    result.next_due = claiming.next_due();
}

/// What others hold although their locks were lost is left alone in the next try.
void Exchange::leave_to_holders(std::vector<IdRun> noted,
                                std::span<const ClaimedJob> claimed,
                                std::vector<JobId>& left_alone) {
  const std::vector<JobId> held = ids_among(std::move(noted), claimed);
  if (held.empty())
    return;
  left_alone.insert(left_alone.end(), held.begin(), held.end());
  throw TransientError{"jobs that are due are held by workers that have lost their locks"};
}

}  // namespace errand::sql
