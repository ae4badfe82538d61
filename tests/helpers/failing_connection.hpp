#pragma once

#include <functional>
#include <memory>

#include "store/database.hpp"

namespace errand::testing {

/// Which call of all connections fails, and whether the database has done it by then.
struct FailurePlan {
  int countdown{0};   ///< the call that fails, from 1; 0 = none
  bool after{false};  ///< the call takes effect, only its answer is lost
  /// Done to the connection before the call, which then fails by itself if it does.
  std::function<void(sql::Connection&)> harm{};
  bool hit{false};
};

/// A connection whose Nth call throws, as a broken network or disk would make it.
class FailingConnection final : public sql::Connection {
 public:
  FailingConnection(std::unique_ptr<sql::Connection> real, FailurePlan& plan)
      : real_{std::move(real)}, plan_{plan} {}

  void run(sql::Query query, const sql::Batch& batch) override {
    guarded([&] { real_->run(query, batch); });
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
    fail_if(is_turn());
    real_->begin();
  }

  void commit() override {
    guarded([&] { real_->commit(); });
  }

  void rollback() noexcept override { real_->rollback(); }

  void relax_commit() override { real_->relax_commit(); }

  [[nodiscard]] const sql::Habits& habits() const noexcept override { return real_->habits(); }

  [[nodiscard]] TimePoint now() override { return real_->now(); }

  [[nodiscard]] bool usable() const noexcept override { return usable_ && real_->usable(); }

  [[nodiscard]] bool still_open() noexcept override { return usable_ && real_->still_open(); }

  [[nodiscard]] NativeHandle native_handle() override { return real_->native_handle(); }

 private:
  [[nodiscard]] bool is_turn() { return plan_.countdown > 0 && --plan_.countdown == 0; }

  void fail_if(bool turn) {
    if (!turn)
      return;
    plan_.hit = true;
    if (plan_.harm)
      return plan_.harm(*real_);
    usable_ = false;
    throw Error{ErrorKind::unavailable, "the database is away, as the test asked"};
  }

  template <typename Call>
  void guarded(Call call) {
    const bool turn = is_turn();
    fail_if(turn && !plan_.after);
    call();
    fail_if(turn);
  }

  std::unique_ptr<sql::Connection> real_;
  FailurePlan& plan_;
  bool usable_{true};
};

}  // namespace errand::testing
