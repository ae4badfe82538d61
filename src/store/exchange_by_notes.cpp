#include "store/claiming.hpp"
#include "store/exchange.hpp"
#include "store/held_jobs.hpp"
#include "store/held_note.hpp"

namespace errand::sql {

void Exchange::claim_but(const std::vector<IdRun>& others,
                         Connection& connection,
                         const ClaimRequest& claim,
                         ExchangeResult& result) {
  Claiming claiming{connection, claim, result.now, rotation_.fetch_add(1), heads_};
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
    result.left_to_holders =
        claim.yields && keeps_busy(others, busy_jobs_min) &&
        are_waited_for(noted_by_alike(connection, claim.process), claim, result.now);
    if (!result.left_to_holders)
      claim_but(others, connection, claim, result);
  }
  if (holds_any(result.claimed))
    hold_by_note(connection, claim.process, result.claimed);
  else if (holding_.is_noted(claim.process))
    note_nothing_held(connection, claim.process);
}

}  // namespace errand::sql
