#include <algorithm>
#include <future>

#include "conformance/job_store_conformance.hpp"
#include "helpers/listed_parts.hpp"

namespace errand::testing {
namespace {

class Parts : public JobStoreConformance {
 protected:
  static std::vector<PreparedJob> some(const std::string& tag, int count) {
    return std::vector<PreparedJob>(static_cast<std::size_t>(count), job(tag));
  }

  std::vector<std::string> tags() {
    std::vector<std::string> all;
    for (const Job& job : reader().list({.limit = 1000}).jobs)
      all.push_back(job.tag);
    std::sort(all.begin(), all.end());
    return all;
  }

  ErrorKind refusal_of(ListedParts& parts) {
    try {
      static_cast<void>(jobs().submit_parts(parts));
    } catch (const Error& error) {
      return error.kind();
    }
    ADD_FAILURE() << "it was not refused";
    return ErrorKind::bug;
  }
};

TEST_P(Parts, AreStoredInTheirOrderAndWakeOnce) {
  ListedParts parts{{some("a", 40), some("b", 1), some("c", 3)}};
  int wakes = 0;
  const auto stored = jobs().submit_parts(parts, [&] { ++wakes; });
  ASSERT_EQ(stored.size(), 44U);
  EXPECT_EQ(wakes, 1);
  EXPECT_EQ(find(stored[0].id).tag, "a");
  EXPECT_EQ(find(stored[40].id).tag, "b");
  EXPECT_EQ(find(stored[43].id).tag, "c");
  for (std::size_t each = 1; each < stored.size(); ++each)
    EXPECT_LT(stored[each - 1].id, stored[each].id);
}

TEST_P(Parts, StoreNothingWhenALaterOneIsRefused) {
  ListedParts parts{{some("a", 40), some("b", 1)}};
  parts.refuse_at(1);
  EXPECT_EQ(refusal_of(parts), ErrorKind::not_found);
  EXPECT_TRUE(tags().empty());
}

TEST_P(Parts, StoreNothingWhenALaterOneConflicts) {
  PreparedJob taken = job("taken");
  taken.unique_key = "u";
  static_cast<void>(submit(taken));
  ListedParts parts{{some("a", 40), {taken}}};
  EXPECT_EQ(refusal_of(parts), ErrorKind::conflict);
  EXPECT_EQ(tags(), std::vector<std::string>{"taken"});
}

/// They come while one commit is on its way, and would share the next.
TEST_P(Parts, ThatAreRefusedRefuseNothingElse) {
  constexpr int neighbours = 6;
  constexpr int rounds = 10;
  std::vector<std::future<void>> submitters;
  for (int neighbour = 0; neighbour < neighbours; ++neighbour)
    submitters.push_back(std::async(std::launch::async, [&] {
      for (int round = 0; round < rounds; ++round)
        static_cast<void>(submit(job("neighbour")));
    }));
  for (int round = 0; round < rounds; ++round) {
    ListedParts parts{{some("a", 2)}};
    parts.refuse_at(1);
    EXPECT_EQ(refusal_of(parts), ErrorKind::not_found);
  }
  for (auto& submitter : submitters)
    EXPECT_NO_THROW(submitter.get());
  EXPECT_EQ(tags(), std::vector<std::string>(neighbours * rounds, "neighbour"));
}

/// The program catches the refusal, and commits what else it did.
TEST_P(Parts, InAProgramsTransactionLeaveNothingOfARefusal) {
  store().database().with_transaction([&](Transaction&) {
    static_cast<void>(submit(job("mine")));
    ListedParts refused{{some("a", 40), some("b", 1)}};
    refused.refuse_at(1);
    EXPECT_EQ(refusal_of(refused), ErrorKind::not_found);
    ListedParts good{{some("c", 2), some("d", 1)}};
    EXPECT_EQ(jobs().submit_parts(good).size(), 3U);
  });
  EXPECT_EQ(tags(), (std::vector<std::string>{"c", "c", "d", "mine"}));
}

INSTANTIATE_TEST_SUITE_P(Store, Parts, ::testing::ValuesIn(backends()), [](const auto& tested) {
  return tested.param.name;
});

}  // namespace
}  // namespace errand::testing
