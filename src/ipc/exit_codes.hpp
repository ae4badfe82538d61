#pragma once

namespace errand::ipc {

/// By which a worker tells its manager why it leaves.
inline constexpr int exit_superseded = 75;  ///< its row was declared dead
inline constexpr int exit_config = 78;      ///< it cannot start as it is configured

}  // namespace errand::ipc
