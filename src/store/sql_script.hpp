#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "store/database.hpp"

namespace errand::sql {

/// A migration whose first line says so cannot run inside a transaction: an index of a table with
/// rows is built beside its traffic. Such a migration can be run again from its start.
[[nodiscard]] bool runs_outside_transaction(std::string_view script) noexcept;

/// Its statements: ended by semicolons, which quotes and line comments hide.
[[nodiscard]] std::vector<std::string> statements_of(std::string_view script);

/// Runs them one by one, and after each the statements that its rows hold, however long they take.
void run_one_by_one(Connection& connection, std::string_view script);

}  // namespace errand::sql
