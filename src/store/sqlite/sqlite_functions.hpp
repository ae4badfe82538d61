#pragma once

struct sqlite3;

namespace errand::sql {

/// Adds `is_in_runs(runs, id)` to a connection: 1 where one of the runs, which are in order and
/// apart as `to_json` writes them, has the id. Runs that are the same for the whole statement are
/// parsed once, and searched in the logarithm of their number. NULL runs have no answer but NULL.
/// Returns SQLite's code.
[[nodiscard]] int add_is_in_runs(sqlite3& connection);

}  // namespace errand::sql
