#pragma once

#include <string>

#include "store/database.hpp"
#include "store/job_store.hpp"

namespace errand::sql {

/// One of the slots by which workers that would take the same jobs take turns where rows are locked
/// (docs/state_machine.md). A slot is the transaction's, and is asked for before anything is
/// locked.
class HoldSlot {
 public:
  explicit HoldSlot(const ClaimRequest& claim);

  /// Asks for one of as many as the jobs of a hold leave room for, or of twice as many.
  [[nodiscard]] bool take(Connection& connection) const;
  [[nodiscard]] bool take_of_twice_as_many(Connection& connection) const;

  /// The same as `take` among other statements, which this outlives: `taken` becomes true with a
  /// slot.
  [[nodiscard]] Batch asks(bool& taken) const;

 private:
  std::string kind_;
  int slots_;
};

}  // namespace errand::sql
