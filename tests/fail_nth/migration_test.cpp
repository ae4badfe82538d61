#include <gtest/gtest.h>

#include "helpers/database_home.hpp"
#include "helpers/failing_connection.hpp"

namespace errand::testing {
namespace {

class FailingMigration : public ::testing::TestWithParam<std::string> {
 protected:
  /// Whether the Nth call was reached.
  bool run(int nth, bool takes_effect, bool lasts) {
    empty();
    FailurePlan plan;
    const auto store = home_->open_wrapped(
        [&](auto connect) { return errand::testing::failing(std::move(connect), plan); });
    plan.arm(nth, takes_effect, lasts);
    try {
      store->migrate();
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::unavailable) << error.what();
    }
    plan.heal();
    store->migrate();
    EXPECT_TRUE(store->pending_migrations().empty());
    EXPECT_NO_THROW(static_cast<void>(store->reader().list({})));
    return plan.hit;
  }

 private:
  /// A schema is sooner made than a database.
  void empty() {
    if (!home_ || !home_->is_postgresql())
      home_.emplace(GetParam(), DatabaseHome::Content::empty);
    else
      PostgresSession{home_->url()}.run("DROP SCHEMA public CASCADE; CREATE SCHEMA public");
  }

  std::optional<DatabaseHome> home_{};
};

TEST_P(FailingMigration, IsWholeOrNotThere) {
  for (const bool takes_effect : {false, true})
    for (const bool lasts : {false, true}) {
      if (GetParam() == "postgresql" && takes_effect == lasts)
        continue;  // each call is a round trip: those that show the most
      int nth = 1;
      while (run(nth, takes_effect, lasts))
        ASSERT_LT(++nth, 1000) << "no run passes untouched";
      EXPECT_GT(nth, 3);
    }
}

INSTANTIATE_TEST_SUITE_P(FailNth,
                         FailingMigration,
                         ::testing::Values("sqlite", "postgresql"),
                         [](const auto& tested) { return tested.param; });

}  // namespace
}  // namespace errand::testing
