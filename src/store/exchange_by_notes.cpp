#include "store/claiming.hpp"
#include "store/exchange.hpp"
#include "store/held_jobs.hpp"
#include "store/held_note.hpp"

namespace errand::sql {
namespace {

constexpr milliseconds patience_with_holders{50};

}  // namespace

/// While they get on. Who waits for a holder that stands still takes what is left after a while.
bool Exchange::is_left_to_holders(std::span<const IdRun> others,
                                  Connection& connection,
                                  const ClaimRequest& claim,
                                  ExchangeResult& result) {
  if (!claim.hold || !keeps_busy(others))
    return false;
  const std::vector<IdRun> alike = noted_by_alike(connection, claim.process);
  if (!keeps_busy(alike))
    return false;
  const TimePoint patient_until =
      holding_.same_since(claim.process, alike, result.now) + patience_with_holders;
  result.left_to_holders = result.now < patient_until;
  if (result.left_to_holders)
    result.next_due = patient_until;
  return result.left_to_holders;
}

void Exchange::claim_but(const std::vector<IdRun>& others,
                         Connection& connection,
                         const ClaimRequest& claim,
                         ExchangeResult& result) {
  Claiming claiming{connection, claim, result.now, rotation_.fetch_add(1)};
  claiming.exclude(others);
  const bool holds = claim.hold && is_short(others);
  result.claimed = holds ? claiming.hold() : claiming.take();
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
    if (!is_left_to_holders(others, connection, claim, result))
      claim_but(others, connection, claim, result);
  }
  if (holds_any(result.claimed))
    hold_by_note(connection, claim.process, result.claimed);
  else if (holding_.is_noted(claim.process))
    note_nothing_held(connection, claim.process);
}

}  // namespace errand::sql
