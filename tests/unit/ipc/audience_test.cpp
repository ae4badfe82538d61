#include "ipc/audience.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <errand/error.hpp>

#include <gtest/gtest.h>

namespace errand::ipc {
namespace {

using namespace std::chrono_literals;

constexpr std::int64_t user = 42;

SteadyPoint at(std::chrono::nanoseconds since_boot) {
  return SteadyPoint{since_boot};
}

/// Both ends, as the manager and a worker would have them.
struct Pair {
  std::unique_ptr<Audience> manager = Audience::create();
  std::unique_ptr<Audience> worker = Audience::attach(::dup(manager->fd()));

  [[nodiscard]] bool looks(std::int64_t who, SteadyPoint now = at(1s)) const {
    return worker->looks(who, now);
  }
};

TEST(Audience, IsEmptyAtFirst) {
  const Pair pair;
  for (std::int64_t who = -100; who < 10'000; ++who)
    ASSERT_FALSE(pair.looks(who)) << who;
}

TEST(Audience, HasAUserAsLongAsOneOfItsPagesIsThere) {
  const Pair pair;
  pair.manager->came(user);
  pair.manager->came(user);
  EXPECT_TRUE(pair.looks(user));
  pair.manager->left(user);
  EXPECT_TRUE(pair.looks(user)) << "its other page is still there";
  pair.manager->left(user);
  EXPECT_FALSE(pair.looks(user));
}

TEST(Audience, TakesFewUsersForOneThatLooks) {
  const Pair pair;
  constexpr int looking = 100;
  constexpr int others = 10'000;
  for (std::int64_t who = 1; who <= looking; ++who)
    pair.manager->came(who);
  int mistaken = 0;
  for (std::int64_t who = looking + 1; who <= looking + others; ++who)
    mistaken += pair.looks(who) ? 1 : 0;
  EXPECT_LE(mistaken, 2 * others * looking / 16'384);
}

TEST(Audience, HasAUserOfAnotherNodeUntilThatNodeIsSilent) {
  const Pair pair;
  pair.manager->is_elsewhere(user, at(30s));
  EXPECT_TRUE(pair.looks(user, at(29s)));
  EXPECT_FALSE(pair.looks(user, at(31s)));
  pair.manager->is_elsewhere(user, at(60s));
  pair.manager->is_elsewhere(user, at(40s));
  EXPECT_TRUE(pair.looks(user, at(59s))) << "what is known longer is not forgotten";
}

TEST(Audience, KnowsWhoWaitsFromUsersWhoLook) {
  const Pair pair;
  pair.manager->came(Audience::who_waits);
  EXPECT_TRUE(pair.looks(Audience::who_waits));
  EXPECT_FALSE(pair.looks(user));
}

TEST(Audience, IsEverybodyForAWorkerThatWasNotTold) {
  const auto everybody = Audience::attach(-1);
  EXPECT_TRUE(everybody->looks(user, at(1s)));
  EXPECT_TRUE(everybody->looks(Audience::who_waits, at(1s)));
  EXPECT_EQ(everybody->fd(), -1);
}

TEST(Audience, CannotBeChangedOrCutByAWorker) {
  const Pair pair;
  EXPECT_EQ(::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, pair.manager->fd(), 0),
            MAP_FAILED);
  EXPECT_NE(::ftruncate(pair.manager->fd(), 0), 0);
}

TEST(Audience, RefusesADescriptorThatIsNotOne) {
  EXPECT_THROW(static_cast<void>(Audience::attach(::open("/dev/null", O_RDONLY | O_CLOEXEC))),
               Error);
  EXPECT_THROW(static_cast<void>(Audience::attach(9999)), Error);
}

}  // namespace
}  // namespace errand::ipc
