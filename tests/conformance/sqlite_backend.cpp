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

  [[nodiscard]] std::string instant(TimePoint instant) const override {
    return std::to_string(instant.time_since_epoch().count());
  }

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

Backend sqlite_backend() {
  return {"sqlite", [] {
            return std::make_unique<SqliteHome>();
          }};
}

}  // namespace errand::testing
