// Every call of the store without memory: what is stored is whole, and the next call is served.

#include "fail_nth/failing_new.hpp"
#include "fail_nth/store_trial.hpp"

namespace errand::testing {
namespace {

/// The first ones each, and from there on ever fewer of them: what comes late is much of the same.
int after(int nth) {
  constexpr int each = 40;
  return nth < each ? nth + 1 : nth + nth / 12;
}

class StoreWithoutMemory : public ::testing::TestWithParam<std::tuple<std::string, Scenario>> {
 protected:
  /// Whether the Nth allocation was reached.
  bool run(int nth, bool lasts) {
    bool hit = false;
    trial_.prepare();
    trial_.bench().failing().reader().ping();  // opening a connection is a scenario of its own
    trial_.run([&] { FailingNew::arm(nth, lasts); }, [&] { hit = FailingNew::disarm() || hit; });
    return hit;
  }

  StoreTrial trial_{std::get<0>(GetParam()), std::get<1>(GetParam())};
};

TEST_P(StoreWithoutMemory, LosesNothingAndServesTheNextCall) {
  for (const bool lasts : {false, true}) {
    int nth = 1;
    while (run(nth, lasts)) {
      ASSERT_FALSE(HasFailure()) << "allocation " << nth << (lasts ? " and all later ones" : "");
      nth = after(nth);
    }
    EXPECT_GT(nth, 10);
  }
}

std::vector<Scenario> chosen(const std::set<std::string>& names) {
  std::vector<Scenario> all = submissions();
  for (auto more : {exchanges(), operations()})
    all.insert(all.end(), more.begin(), more.end());
  std::erase_if(all, [&](const Scenario& scenario) { return !names.contains(scenario.name); });
  return all;
}

std::string name_of(const ::testing::TestParamInfo<StoreWithoutMemory::ParamType>& info) {
  return std::get<0>(info.param) + "_" + std::get<1>(info.param).name;
}

INSTANTIATE_TEST_SUITE_P(
    Sqlite,
    StoreWithoutMemory,
    ::testing::Combine(::testing::Values("sqlite"),
                       ::testing::ValuesIn(chosen({"Idempotent",
                                                   "MixedWays",
                                                   "Claim",
                                                   "FailureWithARetryAndAClaim",
                                                   "ALinkOfACron",
                                                   "OneIsRefused",
                                                   "CancelOfAWaitingJob",
                                                   "Rescue",
                                                   "EnsureANewCron"}))),
    name_of);

INSTANTIATE_TEST_SUITE_P(
    Postgresql,
    StoreWithoutMemory,
    ::testing::Combine(
        ::testing::Values("postgresql"),
        ::testing::ValuesIn(chosen({"Copied", "Idempotent", "FailureWithARetryAndAClaim"}))),
    name_of);

/// From nothing to the first row: opening is part of it.
TEST(StoreWithoutMemory, OpensAConnectionTheNextTime) {
  const DatabaseHome home{"sqlite"};
  std::unique_ptr<Store> store;
  const std::vector<PreparedJob> jobs{work_job("a")};
  int stored = 0;
  for_every_allocation([&] { store = open_store(home.options()); },
                       [&] {
                         store->jobs().submit(jobs);
                         ++stored;
                       },
                       [&](int nth) {
                         const int rows =
                             static_cast<int>(store->reader().list({.limit = 1000}).jobs.size());
                         EXPECT_LE(stored, rows) << nth;
                         stored = rows;
                         delete_all_rows(*store);
                         stored = 0;
                       });
}

}  // namespace
}  // namespace errand::testing
