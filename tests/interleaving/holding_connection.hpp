#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>

#include "store/database.hpp"

namespace errand::testing {

/// Stops a transaction just before its commit until it is let go.
class Gate {
 public:
  void close() {
    const std::lock_guard lock{mutex_};
    closed_ = true;
    someone_waits_ = false;
  }

  void open() {
    const std::lock_guard lock{mutex_};
    closed_ = false;
    changed_.notify_all();
  }

  /// For a transaction: returns once the gate is open.
  void pass() {
    std::unique_lock lock{mutex_};
    someone_waits_ = closed_;
    changed_.wait(lock, [this] { return !closed_; });
  }

  [[nodiscard]] bool someone_waits() {
    const std::lock_guard lock{mutex_};
    return someone_waits_;
  }

 private:
  std::mutex mutex_{};
  std::condition_variable changed_{};
  bool closed_{false};
  bool someone_waits_{false};
};

/// A connection whose commits pass the gate first.
class HoldingConnection final : public sql::Connection {
 public:
  HoldingConnection(std::unique_ptr<sql::Connection> real, Gate& gate)
      : real_{std::move(real)}, gate_{gate} {}

  void run(sql::Query query, const sql::Batch& batch) override { real_->run(query, batch); }

  SqlRows run_text(std::string_view sql,
                   const std::vector<SqlValue>& values,
                   std::int64_t& changed) override {
    return real_->run_text(sql, values, changed);
  }

  void run_script(std::string_view sql) override { real_->run_script(sql); }

  void begin() override { real_->begin(); }

  void relax_commit() override { real_->relax_commit(); }

  void commit() override {
    gate_.pass();
    real_->commit();
  }

  void rollback() noexcept override { real_->rollback(); }

  [[nodiscard]] const sql::Habits& habits() const noexcept override { return real_->habits(); }

  [[nodiscard]] TimePoint now() override { return real_->now(); }

  [[nodiscard]] bool usable() const noexcept override { return real_->usable(); }

  [[nodiscard]] bool still_open() noexcept override { return real_->still_open(); }

  [[nodiscard]] NativeHandle native_handle() override { return real_->native_handle(); }

 private:
  std::unique_ptr<sql::Connection> real_;
  Gate& gate_;
};

}  // namespace errand::testing
