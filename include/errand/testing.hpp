#pragma once

#include <errand/server_app.hpp>
#include <memory>
#include <string>
#include <vector>

namespace errand::testing {

/// Runs a registry in this process, on a private database that goes with it, with a clock that only
/// moves when told: no child processes, no sleeping. Everything else is the real thing: the same
/// store, rules and handlers. For one thread.
///
///     TestApp app{make_registry()};
///     app.submit({.tag = "t", .type = "sendEmail", .data = {{"to", "a@example.com"}}});
///     EXPECT_EQ(app.run_due(), 1);
class TestApp {
 public:
  explicit TestApp(JobRegistry jobs, Config config = {});
  TestApp(const TestApp&) = delete;
  TestApp& operator=(const TestApp&) = delete;
  ~TestApp();

  Job submit(const NewJob& job);

  template <JobPayload Payload>
  Job submit(const Payload& payload, NewJob job = {}) {
    return app().worker_manager().submit_job(payload, std::move(job));
  }

  /// Runs what is due, and what that submits without a delay, until nothing is. Returns how many
  /// runs there were.
  int run_due();

  /// Moves the clock from due instant to due instant, running jobs at each, up to `now() +
  /// duration`.
  int advance(milliseconds duration);

  [[nodiscard]] TimePoint now() const;
  [[nodiscard]] Job job(JobId id) const;

  /// Jobs of this type that were submitted, in order, whatever their state; retries not counted.
  [[nodiscard]] std::vector<Job> submitted(std::string_view type) const;

  /// The same, decoded.
  template <JobPayload Payload>
  [[nodiscard]] std::vector<Payload> submitted() const {
    std::vector<Payload> payloads;
    for (const Job& job : submitted(std::string_view{Payload::job_type}))
      payloads.push_back(job.data.get<Payload>());
    return payloads;
  }

  /// Messages this user was sent: notifications, progress, ends of jobs, and `send_to_user` of
  /// handlers.
  [[nodiscard]] std::vector<Json> sent_to(std::int64_t user_id) const;

  [[nodiscard]] ServerApp& app();

 private:
  class Room;
  std::unique_ptr<Room> room_;
};

}  // namespace errand::testing
