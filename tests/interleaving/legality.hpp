#pragma once

#include <string>
#include <vector>

#include "interleaving/history.hpp"

namespace errand::testing {

/// What docs/state_machine.md forbids and the history or the rows show all the same, a sentence
/// each. Pure: from the answers that were given to what the rows may be.
[[nodiscard]] std::vector<std::string> breaches_of(const History& history,
                                                   const std::vector<RowFacts>& rows);

}  // namespace errand::testing
