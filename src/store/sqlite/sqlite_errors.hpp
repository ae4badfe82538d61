#pragma once

#include <string>
#include <string_view>

struct sqlite3;

namespace errand::sql {

/// Throws the `Error` that an SQLite result code stands for: which statement failed on which file,
/// why, and what to do. `what` is a statement's name, or "the program's statement".
[[noreturn]] void throw_sqlite_error(sqlite3* handle,
                                     int code,
                                     std::string_view what,
                                     const std::string& path);

/// After such an error the connection is closed rather than used again.
[[nodiscard]] bool breaks_connection(int code) noexcept;

}  // namespace errand::sql
