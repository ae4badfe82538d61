#pragma once

#include <string>

namespace errand::sql {

/// Creates an empty database file that only its owner can read, if there is none. The file appears
/// under its name when it is closed already: closing a descriptor of a database that is open in
/// this process would drop the locks that SQLite holds on it. Throws `Error{unavailable}`.
void create_private_file(const std::string& path);

}  // namespace errand::sql
