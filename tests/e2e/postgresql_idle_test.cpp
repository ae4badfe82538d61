#include <gtest/gtest.h>

#include "e2e/host_process.hpp"
#include "helpers/postgres_cluster.hpp"

namespace errand::e2e {
namespace {

using namespace std::chrono_literals;
using testing::PostgresSession;

/// What the server counts for one database, asked in another.
class Transactions {
 public:
  explicit Transactions(const std::string& url)
      : name_{url.substr(url.rfind('/') + 1)},
        session_{url.substr(0, url.rfind('/')) + "/postgres"} {}

  [[nodiscard]] std::int64_t so_far() {
    return std::stoll(
        session_.run("SELECT xact_commit + xact_rollback FROM pg_stat_database WHERE datname = '" +
                     name_ + "'"));
  }

 private:
  std::string name_;
  PostgresSession session_;
};

/// One look for both workers each tenth of a second, and beats; each worker alone would ask more.
TEST(IdleNode, AsksOneQuestionForAllItsWorkers) {
  const Home home{Home::Kind::postgresql};
  Served node{{{"WORKER_COUNT", "2"}, {"POLL_INTERVAL", "100ms"}}, home.url()};
  node.start();
  Transactions transactions{home.url()};
  const std::int64_t before = transactions.so_far();
  ASSERT_TRUE(eventually([&] { return transactions.so_far() > before + 10; }));  // it has settled
  const auto begin = std::chrono::steady_clock::now();
  const std::int64_t first = transactions.so_far();
  ASSERT_TRUE(eventually([&] { return transactions.so_far() >= first + 60; }));
  EXPECT_GT(std::chrono::steady_clock::now() - begin, 3s) << "ten looks a second, and beats";
}

}  // namespace
}  // namespace errand::e2e
