#pragma once

#include <string>

namespace errand::sql {

/// Creates an empty database file that only its owner can read, if there is none. To be called
/// under the writer lock and never for a file that exists: closing a descriptor of an open database
/// would drop the locks that SQLite holds on it. Throws `Error{unavailable}`.
void create_private_file(const std::string& path);

}  // namespace errand::sql
