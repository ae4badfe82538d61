#pragma once

namespace demo {

/// `errand_demo --once`: a server with two workers on a new database, real jobs of all four types
/// over HTTP, their events over WebSocket to two users, an account of it on standard output.
/// Returns the exit code: 0, or 1 after a sentence on standard error. Without DEMO_FOLDER the files
/// are removed at the end.
[[nodiscard]] int run_once();

}  // namespace demo
