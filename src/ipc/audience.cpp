#include "ipc/audience.hpp"

#include <array>
#include <atomic>
#include <new>

#include "ipc/shared_memory.hpp"

namespace errand::ipc {
namespace {

const char* const purpose = "the list of users who look";
constexpr std::size_t place_count = 1 << 14;
constexpr unsigned place_bits = 14;

/// All of it zero: nobody.
struct Place {
  std::atomic<std::uint32_t> here{0};
  std::atomic<std::uint32_t> elsewhere_until_s{0};  ///< CLOCK_BOOTTIME, the same in all processes
};

using Places = std::array<Place, place_count>;
static_assert(std::atomic<std::uint32_t>::is_always_lock_free,
              "the places are shared between processes");

/// Multiplied by 2^64 / golden ratio, whose upper bits spread consecutive numbers (Knuth, TAOCP 3,
/// 6.4).
std::size_t index_of(std::int64_t user) {
  constexpr std::uint64_t factor = 0x9e37'79b9'7f4a'7c15;
  constexpr unsigned word_bits = 64;
  return (static_cast<std::uint64_t>(user) * factor) >> (word_bits - place_bits);
}

std::uint32_t seconds(SteadyPoint point) {
  return static_cast<std::uint32_t>(
      std::chrono::ceil<std::chrono::seconds>(point.time_since_epoch()).count());
}

class MappedAudience final : public Audience {
 public:
  explicit MappedAudience(SharedMemory memory) : memory_{std::move(memory)} {}

  [[nodiscard]] int fd() const override { return memory_.fd(); }

  void came(std::int64_t user) override { place(user).here.fetch_add(1); }

  void left(std::int64_t user) override { place(user).here.fetch_sub(1); }

  void is_elsewhere(std::int64_t user, SteadyPoint until) override {
    std::atomic<std::uint32_t>& known = place(user).elsewhere_until_s;
    const std::uint32_t wanted = seconds(until);
    std::uint32_t before = known.load();
    while (before < wanted && !known.compare_exchange_weak(before, wanted))
      continue;
  }

  [[nodiscard]] bool looks(std::int64_t user, SteadyPoint now) const override {
    const Place& found = place(user);
    return found.here.load() > 0 || found.elsewhere_until_s.load() > seconds(now);
  }

 private:
  [[nodiscard]] Place& place(std::int64_t user) const {
    return (*static_cast<Places*>(memory_.data()))[index_of(user)];
  }

  SharedMemory memory_;
};

class Everybody final : public Audience {
 public:
  [[nodiscard]] int fd() const override { return -1; }

  void came(std::int64_t /*user*/) override {}

  void left(std::int64_t /*user*/) override {}

  void is_elsewhere(std::int64_t /*user*/, SteadyPoint /*until*/) override {}

  [[nodiscard]] bool looks(std::int64_t /*user*/, SteadyPoint /*now*/) const override {
    return true;
  }
};

}  // namespace

std::unique_ptr<Audience> Audience::create() {
  return std::make_unique<MappedAudience>(
      SharedMemory::create(sizeof(Places), SharedMemory::Access::read_only, purpose));
}

std::unique_ptr<Audience> Audience::attach(int fd) {
  if (fd < 0)
    return std::make_unique<Everybody>();
  return std::make_unique<MappedAudience>(
      SharedMemory::attach(fd, sizeof(Places), SharedMemory::Access::read_only, purpose));
}

}  // namespace errand::ipc
