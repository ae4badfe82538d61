#pragma once

namespace demo {

/// The example as a server: errand, and beside it the mail sink and the page. Returns the exit code
/// when it was told to stop.
[[nodiscard]] int run_demo_server();

}  // namespace demo
