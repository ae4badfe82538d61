#pragma once

#include <cstdint>
#include <exception>

namespace errand::testing {

/// The program's `operator new`, which fails on this thread as it is told. A program that links
/// failing_new.cpp has it.
class FailingNew {
 public:
  /// The Nth allocation of this thread from now throws std::bad_alloc, and with `lasts` so does
  /// every later one.
  static void arm(int nth, bool lasts) noexcept;
  /// Returns whether any failed.
  static bool disarm() noexcept;

  /// Allocations of this thread less its deallocations.
  [[nodiscard]] static std::int64_t outstanding() noexcept;
};

/// Calls `act` with the 1st, 2nd, … allocation failing, alone and with all later ones, until it is
/// not touched any more; after each, `check(nth)` looks at what it left. Returns how many
/// allocations `act` makes.
template <typename Prepare, typename Act, typename Check>
int for_every_allocation(Prepare prepare, Act act, Check check) {
  int nth = 1;
  for (const bool lasts : {false, true})
    for (nth = 1;; ++nth) {
      prepare();
      bool failed = true;
      try {
        FailingNew::arm(nth, lasts);
        act();
        failed = FailingNew::disarm();
      } catch (const std::exception&) {
        FailingNew::disarm();
      }
      check(nth);
      if (!failed)
        break;
    }
  return nth - 1;
}

}  // namespace errand::testing
