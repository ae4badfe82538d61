// Parts of a large submission without memory: the transaction that is tried again finds all of
// them.

#include "fail_nth/failing_new.hpp"
#include "store/prepared_ahead.hpp"

namespace errand::testing {
namespace {

TEST(PreparedAheadWithoutMemory, BeginsAgainTheNextTime) {
  JobRegistry registry;
  registry.add("work", [](JobContext&, const Json&) {});
  const std::vector<NewJob> jobs(PreparedAhead::part_size + 1, {.tag = "a", .type = "work"});
  PreparedAhead parts{jobs, registry, TimePoint{}};
  const auto count = [&] {
    std::size_t all = 0;
    for (auto part = parts.next(); !part.empty(); part = parts.next())
      all += part.size();
    return all;
  };
  const int allocations = for_every_allocation([&] { static_cast<void>(count()); },
                                               [&] { parts.rewind(); },
                                               [&](int nth) {
                                                 parts.rewind();
                                                 EXPECT_EQ(count(), jobs.size()) << nth;
                                               });
  EXPECT_GT(allocations, 0);
}

}  // namespace
}  // namespace errand::testing
