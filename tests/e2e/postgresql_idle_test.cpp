#include <gtest/gtest.h>

#include "e2e/host_process.hpp"
#include "helpers/postgres_cluster.hpp"

namespace errand::e2e {
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;
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

/// Each server process tells what it counted once a second; a few such seconds are long enough.
milliseconds time_of_a_hundred(Transactions& transactions) {
  const auto begin = std::chrono::steady_clock::now();
  const std::int64_t first = transactions.so_far();
  EXPECT_TRUE(eventually([&] { return transactions.so_far() >= first + 100; }));
  return std::chrono::duration_cast<milliseconds>(std::chrono::steady_clock::now() - begin);
}

/// One look for both workers each tenth of a second, and beats; each worker alone would ask more.
TEST(IdleNode, AsksOneQuestionForAllItsWorkers) {
  const Home home{Home::Kind::postgresql};
  Served node{{{"WORKER_COUNT", "2"}, {"POLL_INTERVAL", "100ms"}}, home.url()};
  node.start();
  Transactions transactions{home.url()};
  EXPECT_TRUE(eventually([&] { return time_of_a_hundred(transactions) > 5s; }, 30s))
      << "ten looks a second, and beats; before that, what a start takes";
}

}  // namespace
}  // namespace errand::e2e
