#include "conformance/job_store_conformance.hpp"
#include "helpers/temporary_database.hpp"

namespace errand::testing {
namespace {

class SqliteHome final : public StoreHome {
 public:
  [[nodiscard]] std::unique_ptr<Store> open(Durability durability) override {
    return open_store({.database_url = url(), .durability = durability, .clock = clock_});
  }

  [[nodiscard]] std::string url() const override { return file_.url(); }

  void refuse_to_finish(JobId id) override {
    const auto store = open(Durability::relaxed);
    store->database().with_transaction([id](Transaction& tx) {
      tx.execute("CREATE TRIGGER refuse_" + std::to_string(id) +
                 " BEFORE UPDATE OF finished ON worker_jobs WHEN old.id = " + std::to_string(id) +
                 " AND new.finished IS NOT NULL BEGIN SELECT RAISE(ABORT, 'refused'); END");
    });
  }

 private:
  TemporaryDatabase file_{};
};

}  // namespace

std::vector<Backend> backends() {
  return {{"sqlite", [] {
             return std::make_unique<SqliteHome>();
           }}};
}

INSTANTIATE_TEST_SUITE_P(Store,
                         JobStoreConformance,
                         ::testing::ValuesIn(backends()),
                         [](const auto& tested) { return tested.param.name; });

}  // namespace errand::testing
