#pragma once

#include <atomic>
#include <functional>
#include <memory>

#include "store/database.hpp"

namespace errand::testing {

/// Which call of all connections fails, and whether the database has done it by then. Opening a
/// connection is a call. May be changed while connections are in use.
struct FailurePlan {
  std::atomic<int> countdown{0};  ///< the call that fails, from 1; 0 = none
  bool after{false};              ///< the call takes effect, only its answer is lost
  bool lasting{false};            ///< so do all later calls, which then have no effect
  /// Done to the connection before the call, which then fails by itself if it does.
  std::function<void(sql::Connection&)> harm{};
  std::atomic<bool> hit{false};
  std::atomic<bool> away{false};  ///< a lasting failure has begun
  std::atomic<int> open{0};       ///< connections that exist

  void arm(int nth, bool takes_effect, bool lasts) {
    heal();
    hit = false;
    after = takes_effect;
    lasting = lasts;
    countdown = nth;
  }

  void heal() {
    countdown = 0;
    away = false;
  }

  [[nodiscard]] bool is_turn() {
    if (countdown <= 0 || --countdown != 0)
      return false;
    hit = true;
    away = lasting;
    return true;
  }
};

[[noreturn]] inline void throw_database_is_away() {
  throw Error{ErrorKind::unavailable, "the database is away, as the test asked"};
}

/// A connection whose Nth call throws, as a broken network or disk would make it.
class FailingConnection final : public sql::Connection {
 public:
  FailingConnection(std::unique_ptr<sql::Connection> real, FailurePlan& plan)
      : real_{std::move(real)}, plan_{plan} {
    ++plan_.open;
  }

  FailingConnection(const FailingConnection&) = delete;
  FailingConnection& operator=(const FailingConnection&) = delete;

  ~FailingConnection() override { --plan_.open; }

  void run(sql::Query query, const sql::Batch& batch) override {
    guarded([&] { real_->run(query, batch); });
  }

  /// Its begin and its end are calls; the rows between them are not.
  [[nodiscard]] std::unique_ptr<sql::RowCopy> copy(sql::Query query) override {
    std::unique_ptr<sql::RowCopy> real;
    guarded([&] { real = real_->copy(query); });
    return real ? std::make_unique<Copy>(std::move(real), *this) : nullptr;
  }

  SqlRows run_text(std::string_view sql,
                   const std::vector<SqlValue>& values,
                   std::int64_t& changed) override {
    SqlRows rows;
    guarded([&] { rows = real_->run_text(sql, values, changed); });
    return rows;
  }

  void run_script(std::string_view sql) override {
    guarded([&] { real_->run_script(sql); });
  }

  /// Fails before it takes effect only: a begin whose answer is lost has begun nothing.
  void begin() override {
    if (plan_.away || plan_.is_turn())
      fail();
    real_->begin();
  }

  void commit() override {
    guarded([&] { real_->commit(); });
  }

  void rollback() noexcept override { real_->rollback(); }

  void relax_commit() override { real_->relax_commit(); }

  [[nodiscard]] const sql::Habits& habits() const noexcept override { return real_->habits(); }

  [[nodiscard]] TimePoint now() override {
    TimePoint now;
    guarded([&] { now = real_->now(); });
    return now;
  }

  void note_time(TimePoint instant, std::chrono::steady_clock::time_point asked) override {
    real_->note_time(instant, asked);
  }

  [[nodiscard]] bool usable() const noexcept override { return usable_ && real_->usable(); }

  [[nodiscard]] bool still_open() noexcept override { return usable_ && real_->still_open(); }

  [[nodiscard]] NativeHandle native_handle() override { return real_->native_handle(); }

 private:
  class Copy final : public sql::RowCopy {
   public:
    Copy(std::unique_ptr<sql::RowCopy> real, FailingConnection& connection)
        : real_{std::move(real)}, connection_{connection} {}

    [[nodiscard]] sql::Parameters& row() override { return real_->row(); }

    void add() override { real_->add(); }

    void end() override {
      connection_.guarded([&] { real_->end(); });
    }

    [[nodiscard]] std::size_t bytes() const noexcept override { return real_->bytes(); }

   private:
    std::unique_ptr<sql::RowCopy> real_;
    FailingConnection& connection_;
  };

  void fail() {
    if (plan_.harm)
      return plan_.harm(*real_);
    usable_ = false;
    throw_database_is_away();
  }

  template <typename Call>
  void guarded(Call call) {
    const bool was_away = plan_.away;
    const bool turn = !was_away && plan_.is_turn();
    if (was_away || (turn && !plan_.after))
      fail();
    call();
    if (turn && plan_.after)
      fail();
  }

  std::unique_ptr<sql::Connection> real_;
  FailurePlan& plan_;
  bool usable_{true};
};

/// Connections that follow the plan, over those that `connect` opens.
[[nodiscard]] inline std::function<std::unique_ptr<sql::Connection>()> failing(
    std::function<std::unique_ptr<sql::Connection>()> connect, FailurePlan& plan) {
  return [connect = std::move(connect), &plan]() -> std::unique_ptr<sql::Connection> {
    if (!plan.harm && (plan.away || plan.is_turn()))
      throw_database_is_away();
    return std::make_unique<FailingConnection>(connect(), plan);
  };
}

}  // namespace errand::testing
