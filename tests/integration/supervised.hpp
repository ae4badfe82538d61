#pragma once

#include <gmock/gmock.h>

#include "base/system_clock.hpp"
#include "helpers/captured_log.hpp"
#include "helpers/processes.hpp"
#include "helpers/run_until.hpp"
#include "manager/supervisor.hpp"

namespace errand::testing {

/// A supervisor over real processes, and what it reported. Leaves no process and no descriptor
/// behind, or the test fails.
class Supervised : public ::testing::Test {
 protected:
  struct Ready {
    int slot{0};
    std::int64_t process{0};
    int pid{0};
  };

  ~Supervised() override {
    supervisor_.reset();
    context_.reset();
    EXPECT_EQ(children(), "") << "a child was left";
    EXPECT_EQ(open_descriptors(), descriptors_before_);
  }

  void start(std::vector<std::string> arguments, SupervisorOptions options = {}) {
    options.arguments = {ERRAND_CHILD_PROBE};
    options.arguments.insert(options.arguments.end(), arguments.begin(), arguments.end());
    start_with(std::move(options));
  }

  void start_with(SupervisorOptions options) {
    SupervisorCallbacks callbacks;
    callbacks.on_message = [this](int, std::int64_t, const ipc::Message& m) {
      messages_.push_back(m);
    };
    callbacks.on_death = [this](const ChildDeath& death) {
      deaths_.push_back(death);
      died_at_.push_back(std::chrono::steady_clock::now());
      states_then_.push_back(
          supervisor_->status().at(static_cast<std::size_t>(death.slot) - 1).state);
    };
    callbacks.on_ready = [this](int slot, std::int64_t process, int pid) {
      readies_.push_back({slot, process, pid});
    };
    supervisor_ = Supervisor::create(
        *context_, clock_, Log{log_, LogLevel::trace}, std::move(options), std::move(callbacks));
    supervisor_->start();
  }

  /// Whether nothing of the kind happens for so long.
  [[nodiscard]] bool lives_on_for(milliseconds duration) {
    const auto began = std::chrono::steady_clock::now();
    const std::size_t deaths = deaths_.size();
    return until([&] { return std::chrono::steady_clock::now() - began > duration; }) &&
           deaths_.size() == deaths;
  }

  template <typename Condition>
  [[nodiscard]] bool until(Condition condition) {
    return run_until(*context_, condition);
  }

  [[nodiscard]] bool until_ready(std::size_t times) {
    return until([&] { return readies_.size() >= times; });
  }

  [[nodiscard]] bool until_dead(std::size_t times) {
    return until([&] { return deaths_.size() >= times; });
  }

  [[nodiscard]] bool until_stopped(milliseconds grace) {
    bool done = false;
    supervisor_->shutdown(grace, [&done] { done = true; });
    return until([&] { return done; });
  }

  /// The system's clock, which a test may put forward.
  class JumpingClock final : public Clock {
   public:
    [[nodiscard]] TimePoint wall_now() const override { return real_.wall_now(); }

    [[nodiscard]] SteadyPoint steady_now() const override { return real_.steady_now() + ahead_; }

    void jump(milliseconds ahead) { ahead_ += ahead; }

   private:
    SystemClock real_{};
    milliseconds ahead_{0};
  };

  std::ptrdiff_t descriptors_before_ = open_descriptors();
  std::unique_ptr<boost::asio::io_context> context_ = std::make_unique<boost::asio::io_context>(1);
  std::shared_ptr<JumpingClock> clock_ = std::make_shared<JumpingClock>();
  std::shared_ptr<CapturedLog> log_ = std::make_shared<CapturedLog>();
  std::unique_ptr<Supervisor> supervisor_{};
  std::vector<Ready> readies_{};
  std::vector<ChildDeath> deaths_{};
  std::vector<std::chrono::steady_clock::time_point> died_at_{};
  std::vector<std::string> states_then_{};  ///< of the slot whose worker died
  std::vector<ipc::Message> messages_{};
};

}  // namespace errand::testing
