// Three or four actors meet over one job, in every order of their steps.

#include "interleaving/orders.hpp"

#include <gtest/gtest.h>

#include "interleaving/casts.hpp"

namespace errand::testing {
namespace {

class AllOrders : public ::testing::TestWithParam<std::tuple<std::string, Cast>> {
 protected:
  /// Who did what, and the breaches; nothing when the outcome is legal.
  std::string play(const Order& order) {
    const Cast& cast = std::get<1>(GetParam());
    scene_.begin(cast.job);
    std::vector<std::size_t> next(cast.actors.size(), 0);
    std::string played;
    for (const std::size_t actor : order) {
      const Step& step = cast.actors[actor][next[actor]++];
      step.take(scene_, scene_.jobs());
      played += step.name + ", ";
    }
    const std::string verdict = scene_.verdict();
    return verdict.empty() ? verdict : played + "\n" + verdict;
  }

  DatabaseHome home_{std::get<0>(GetParam())};
  Scene scene_{home_};
};

TEST_P(AllOrders, LeadToALegalOutcome) {
  std::vector<std::size_t> steps;
  for (const auto& actor : std::get<1>(GetParam()).actors)
    steps.push_back(actor.size());
  for (const Order& order : orders_of(steps)) {
    const std::string illegal = play(order);
    ASSERT_EQ(illegal, "");
  }
}

std::vector<std::tuple<std::string, Cast>> where_it_is_kept(const std::vector<Cast>& casts) {
  std::vector<std::tuple<std::string, Cast>> all;
  for (const Cast& cast : casts) {
    all.emplace_back("sqlite", cast);
    if (!cast.decides_about_held)
      all.emplace_back("postgresql", cast);
  }
  return all;
}

INSTANTIATE_TEST_SUITE_P(Holding,
                         AllOrders,
                         ::testing::ValuesIn(where_it_is_kept(holding_casts())),
                         [](const auto& tested) {
                           return std::get<0>(tested.param) + "_" + std::get<1>(tested.param).name;
                         });

INSTANTIATE_TEST_SUITE_P(Interleaving,
                         AllOrders,
                         ::testing::Combine(::testing::Values("sqlite", "postgresql"),
                                            ::testing::ValuesIn(casts())),
                         [](const auto& tested) {
                           return std::get<0>(tested.param) + "_" + std::get<1>(tested.param).name;
                         });

}  // namespace
}  // namespace errand::testing
