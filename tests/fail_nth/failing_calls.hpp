#pragma once

namespace errand::testing {

/// Calls of the kernel that a program which links failing_calls.cpp can have fail. Sending and
/// receiving fail on UNIX sockets only: on the lines between managers and workers.
enum class KernelCall { send, receive, spawn, socketpair };

class FailingCalls {
 public:
  static constexpr int cut_short = 0;  ///< instead of an error: only the first byte goes through

  /// The Nth such call from now, of any thread, fails with `error`; with `lasts`, all later ones
  /// too.
  static void arm(KernelCall call, int nth, int error, bool lasts) noexcept;
  /// Returns how many have failed.
  static int disarm() noexcept;
  [[nodiscard]] static int failures() noexcept;
};

}  // namespace errand::testing
