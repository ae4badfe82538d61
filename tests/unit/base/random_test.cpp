#include "base/random.hpp"

#include <gtest/gtest.h>

namespace errand {
namespace {

TEST(Random, gives_the_same_numbers_for_the_same_seed) {
  Random one{42};
  Random other{42};
  for (int i = 0; i < 100; ++i)
    EXPECT_EQ(one.u64(), other.u64());
}

TEST(Random, gives_the_numbers_that_the_standard_prescribes) {
  Random random{5489};
  std::uint64_t last = 0;
  for (int i = 0; i < 10'000; ++i)
    last = random.u64();
  EXPECT_EQ(last, 9'981'545'732'273'789'042U);
}

TEST(Random, differs_between_seeds_and_between_processes) {
  EXPECT_NE(Random{1}.u64(), Random{2}.u64());
  EXPECT_NE(Random::from_entropy().u64(), Random::from_entropy().u64());
}

TEST(Random, is_uniform_from_0_to_below_1) {
  Random random{7};
  double sum = 0;
  int low = 0;
  for (int i = 0; i < 100'000; ++i) {
    const double value = random.uniform();
    ASSERT_GE(value, 0.0);
    ASSERT_LT(value, 1.0);
    sum += value;
    low += value < 0.1 ? 1 : 0;
  }
  EXPECT_NEAR(sum / 100'000, 0.5, 0.01);
  EXPECT_NEAR(low, 10'000, 400);
}

}  // namespace
}  // namespace errand
