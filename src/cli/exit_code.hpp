#pragma once

#include <errand/error.hpp>

namespace errand::cli {

inline constexpr int exit_done = 0;
inline constexpr int exit_failed = 1;  ///< the thing asked about failed
inline constexpr int exit_usage = 2;
inline constexpr int exit_unavailable = 69;    ///< EX_UNAVAILABLE: the database is unreachable
inline constexpr int exit_configuration = 78;  ///< EX_CONFIG

/// What the program was doing when the error came.
enum class Stage { configuration, command };

[[nodiscard]] int exit_code_for(const Error& error, Stage stage);

}  // namespace errand::cli
