#pragma once

#include <functional>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "helpers/settable_clock.hpp"
#include "store/open_store.hpp"

namespace errand::testing {

/// A private, migrated database of one kind. Stores opened on it share the clock.
class StoreHome {
 public:
  StoreHome() = default;
  StoreHome(const StoreHome&) = delete;
  StoreHome& operator=(const StoreHome&) = delete;
  virtual ~StoreHome() = default;

  /// What another process would open.
  [[nodiscard]] virtual std::unique_ptr<Store> open(Durability durability) = 0;
  /// As it is given on a command line.
  [[nodiscard]] virtual std::string url() const = 0;
  /// As it is written in SQL.
  [[nodiscard]] virtual std::string instant(TimePoint instant) const = 0;
  /// Makes the database refuse to finish this job, whatever the program says.
  virtual void refuse_to_finish(JobId id) = 0;

  SettableClock& clock() { return *clock_; }

 protected:
  std::shared_ptr<SettableClock> clock_{std::make_shared<SettableClock>()};
};

struct Backend {
  std::string name{};
  std::function<std::unique_ptr<StoreHome>()> make_home{};
};

[[nodiscard]] Backend sqlite_backend();
[[nodiscard]] Backend postgresql_backend();
/// PostgreSQL with a role that may do what docs/postgresql.md grants it, and no more.
[[nodiscard]] Backend least_privilege_backend();
/// PostgreSQL behind a pooler that gives each transaction another session.
[[nodiscard]] Backend pgbouncer_backend();

inline std::ostream& operator<<(std::ostream& out, const Backend& backend) {
  return out << backend.name;
}

/// Every database that this build can reach.
[[nodiscard]] std::vector<Backend> backends();

/// The fixture of every test that holds for all databases.
class JobStoreConformance : public ::testing::TestWithParam<Backend> {
 protected:
  JobStoreConformance();

  [[nodiscard]] JobStore& jobs() { return store_->jobs(); }

  [[nodiscard]] JobReader& reader() { return store_->reader(); }

  [[nodiscard]] Store& store() { return *store_; }

  [[nodiscard]] TimePoint now() { return home_->clock().wall_now(); }

  void advance(std::chrono::microseconds duration) { home_->clock().advance(duration); }

  /// A valid submission: type "work", queue "default", due at once.
  [[nodiscard]] static PreparedJob job(const std::string& tag);
  [[nodiscard]] static PreparedJob cron(const std::string& tag, TimePoint slot);

  JobId submit(const PreparedJob& job);
  Job find(JobId id);

  /// A worker that is alive and knows the type "work".
  ProcessId begin_worker(const std::vector<std::string>& types = {"work"},
                         const std::vector<std::string>& queues = {});

  ExchangeResult claim_all(ProcessId worker, int limit = 100);
  /// Expects exactly one job to be due, and takes it.
  ClaimedJob claim_one(ProcessId worker);
  ExchangeResult record(const std::vector<Completion>& completions);
  /// Whether the database took it.
  bool record_one(const ClaimedJob& job, const Transition& transition);

  [[nodiscard]] static Transition success(const std::string& result = {});
  [[nodiscard]] static Transition failure();
  [[nodiscard]] static Transition put_back(milliseconds delay = milliseconds{0});

  [[nodiscard]] static std::vector<JobId> ids_of(const std::vector<ClaimedJob>& claimed);
  [[nodiscard]] static std::vector<std::string> tags_of(const std::vector<ClaimedJob>& claimed);

  void execute(const std::string& sql);
  [[nodiscard]] std::int64_t count(const std::string& condition);

  /// What must hold whatever happened: states are legal, chains have one live link.
  void expect_invariants();

  std::unique_ptr<StoreHome> home_;
  std::unique_ptr<Store> store_;
};

/// The kind of the `Error` that `call` throws; fails when it throws none.
template <typename Call>
Error expect_error(ErrorKind kind, Call call) {
  try {
    call();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), kind) << error.what();
    return error;
  }
  ADD_FAILURE() << "no Error was thrown";
  return {kind, ""};
}

}  // namespace errand::testing
