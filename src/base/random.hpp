#pragma once

#include <cstdint>
#include <random>

namespace errand {

/// Random numbers that are passed to whoever needs them: the same seed gives the same numbers on
/// every machine. For one thread; not for secrets.
class Random {
 public:
  explicit Random(std::uint64_t seed) : engine_{seed} {}

  /// Seeded by the operating system: differs between processes started at the same instant.
  [[nodiscard]] static Random from_entropy() {
    std::random_device device;
    const std::uint64_t high = device();
    return Random{high << 32U | device()};
  }

  [[nodiscard]] std::uint64_t u64() { return engine_(); }

  /// Uniform in [0, 1), with 53 random bits.
  [[nodiscard]] double uniform() { return static_cast<double>(u64() >> 11U) * 0x1.0p-53; }

 private:
  std::mt19937_64 engine_;
};

}  // namespace errand
