// Every database call of every call of the store fails, before and after it took effect, once and
// from then on; the caller then does what callers do, calls again, and nothing is lost, doubled or
// half done.

#include "fail_nth/store_trial.hpp"

namespace errand::testing {
namespace {

struct Variant {
  bool takes_effect{false};
  bool lasts{false};
  bool was_idle{false};  ///< on a connection that has served before
};

std::ostream& operator<<(std::ostream& out, const Variant& variant) {
  return out << (variant.takes_effect ? "answer lost" : "not done")
             << (variant.lasts ? ", and all later ones" : "")
             << (variant.was_idle ? ", on an idle connection" : "");
}

class FailNth : public ::testing::TestWithParam<std::tuple<std::string, Scenario>> {
 protected:
  /// Whether the Nth call was reached.
  bool run(int nth, const Variant& variant) {
    Bench& bench = trial_.bench();
    trial_.prepare();
    if (variant.was_idle)
      bench.failing().reader().ping();
    const int open_before = bench.plan.open;
    const bool failed =
        trial_.run([&] { bench.plan.arm(nth, variant.takes_effect, variant.lasts); },
                   [&] { bench.plan.heal(); });
    if (bench.plan.hit && variant.lasts) {
      EXPECT_TRUE(failed) << "the store takes no for an answer";
    }
    EXPECT_LE(bench.plan.open, std::max(std::get<1>(GetParam()).connections, open_before))
        << "a connection was not given back";
    return bench.plan.hit;
  }

  StoreTrial trial_{std::get<0>(GetParam()), std::get<1>(GetParam())};
};

/// Where each call is a round trip, those that show the most.
std::vector<Variant> variants_on(const std::string& kind) {
  std::vector<Variant> variants{{true, false, false}, {false, true, false}, {false, false, true}};
  if (kind == "sqlite")
    variants.insert(variants.end(), {{false, false, false}, {true, true, false}});
  return variants;
}

TEST_P(FailNth, LosesNothingAndDoublesNothing) {
  for (const Variant& variant : variants_on(std::get<0>(GetParam()))) {
    int nth = 1;
    for (bool hit = true; hit; ++nth) {
      SCOPED_TRACE(::testing::Message() << "call " << nth << ": " << variant);
      ASSERT_LT(nth, 200);
      hit = run(nth, variant);
      if (HasFailure())
        return;
    }
    EXPECT_GT(nth, 2);
  }
}

std::string name_of(const ::testing::TestParamInfo<FailNth::ParamType>& info) {
  return std::get<0>(info.param) + "_" + std::get<1>(info.param).name;
}

const auto kinds = ::testing::Values("sqlite", "postgresql");

INSTANTIATE_TEST_SUITE_P(Submissions,
                         FailNth,
                         ::testing::Combine(kinds, ::testing::ValuesIn(submissions())),
                         name_of);
INSTANTIATE_TEST_SUITE_P(Exchanges,
                         FailNth,
                         ::testing::Combine(kinds, ::testing::ValuesIn(exchanges())),
                         name_of);
INSTANTIATE_TEST_SUITE_P(Operations,
                         FailNth,
                         ::testing::Combine(kinds, ::testing::ValuesIn(operations())),
                         name_of);

}  // namespace
}  // namespace errand::testing
