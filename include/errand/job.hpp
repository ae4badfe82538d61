#pragma once

#include <chrono>
#include <cstdint>
#include <errand/clock.hpp>
#include <errand/log.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace errand {

using std::chrono::milliseconds;

/// The primary key of `worker_jobs`. Positive.
using JobId = std::int64_t;

enum class JobState { scheduled, started, succeeded, failed, cancelled };

/// What a submission does when a job with the same tag is still waiting (scheduled, not started).
enum class OnPendingTag {
  allow,    ///< add another one
  replace,  ///< the waiting ones are finished as cancelled, reason `superseded`
  keep,     ///< nothing is added; the waiting one is returned
};

/// What a cron does about slots that passed while nothing ran.
enum class Misfire {
  latest,  ///< one run, for the latest missed slot
  skip,    ///< wait for the next slot
  all,     ///< one run after another, at most 100
};

/// Exponential back-off: the delay before attempt n + 1 is `first * factor^(n-1)`, at most
/// `longest`, spread by `± jitter` of itself.
struct Backoff {
  milliseconds first{std::chrono::seconds{1}};
  double factor{2.0};
  milliseconds longest{std::chrono::hours{1}};
  double jitter{0.1};    ///< 0…1
  int max_attempts{10};  ///< the first run included; 0 = no end
};

/// When a failed job runs again. A value; copies are cheap.
class RetryPolicy {
 public:
  /// `attempt` is the one that just failed (1 = first run), `error` its JSON error object. No value
  /// = do not retry. Runs in a worker, once per failure; an exception from it counts as no value.
  using Function = std::function<std::optional<milliseconds>(int attempt, const Json& error)>;

  /// Does not retry: the default of a job type. A crash of the worker process is not a failure of
  /// the job, and is rerun regardless; see docs/state_machine.md.
  static RetryPolicy never();
  static RetryPolicy backoff(Backoff backoff);

  /// The columns `auto_reschedule_on_failure…`: after every failure, after the same delay,
  /// without end.
  static RetryPolicy always_after(milliseconds delay);

  /// Only for job types, in the registry: a function cannot be stored in a row.
  static RetryPolicy custom(Function function);

  RetryPolicy() = default;

  /// The delay before the next attempt, or nothing when there is none. `random` is uniform in [0,
  /// 1). Never negative, never more than 30 days, for any attempt number.
  [[nodiscard]] std::optional<milliseconds> delay_after(int attempt,
                                                        const Json& error,
                                                        double random) const;

  /// 1 for `never`, 0 when there is no end or only a function knows.
  [[nodiscard]] int max_attempts() const noexcept;

  [[nodiscard]] bool is_custom() const noexcept { return static_cast<bool>(function_); }

  /// Back-off parameters, or nothing for `never` and `custom`.
  [[nodiscard]] const std::optional<Backoff>& parameters() const noexcept { return backoff_; }

 private:
  std::optional<Backoff> backoff_{};
  Function function_{};
};

/// When a job may start: an instant, or a delay counted by the database's clock from the moment of
/// submission.
class Due {
 public:
  Due() = default;  ///< at once

  template <typename Rep, typename Period>
  Due(std::chrono::duration<Rep, Period>
          delay)  // NOLINT(google-explicit-constructor): `.due = 10min` is the point
      : delay_{std::chrono::ceil<std::chrono::microseconds>(delay)} {}

  template <typename Duration>
  Due(std::chrono::time_point<std::chrono::system_clock, Duration>
          instant)  // NOLINT(google-explicit-constructor): same
      : instant_{std::chrono::ceil<std::chrono::microseconds>(instant)} {}

  [[nodiscard]] std::chrono::microseconds delay() const noexcept { return delay_; }

  [[nodiscard]] std::optional<TimePoint> instant() const noexcept { return instant_; }

 private:
  std::chrono::microseconds delay_{0};
  std::optional<TimePoint> instant_{};
};

/// What a submitter says about a job. Every field has a default except `tag` and `type`, which may
/// not be empty (the typed `submit_job` fills in `type`).
struct NewJob {
  std::string tag{};
  std::string type{};
  std::int64_t user_id{
      0};  ///< whose job it is: progress and end are told to this user; 0 = nobody's
  Json data = Json::object();
  Due due{};
  std::optional<std::string> queue{};     ///< the type's queue, or "default"
  std::optional<int> priority{};          ///< lower runs first; the type's, or 0
  std::optional<RetryPolicy> retry{};     ///< instead of the type's
  std::optional<milliseconds> timeout{};  ///< instead of the type's
  OnPendingTag on_pending_tag{OnPendingTag::allow};
  std::string unique_key{};  ///< at most one unfinished job per key; a second is a conflict
  std::string concurrency_key{};
  std::string cron_schedule{};  ///< five or six fields; the first run is the next slot unless `due`
                                ///< is given
  std::string timezone{};       ///< IANA name for `cron_schedule`; empty = UTC
  bool persistent{false};       ///< `removeOldWorkerJobs` leaves it alone
  std::optional<milliseconds> remove_delay{};  ///< kept this long after it finished
  Json meta = nullptr;  ///< object kept beside the job, never given to the handler's payload
};

struct Progress {
  double done{0};  ///< 0…1
  std::string note{};
};

/// One row of `worker_jobs`, as a value.
struct Job {
  JobId id{0};
  std::string tag{};
  std::string type{};
  std::int64_t user_id{0};
  Json data = Json::object();
  TimePoint due{};
  std::string queue{};
  int priority{0};
  std::optional<milliseconds> timeout{};
  std::string unique_key{};
  std::string concurrency_key{};
  std::string cron_schedule{};
  std::string timezone{};
  bool persistent{false};
  std::optional<milliseconds> remove_delay{};
  Json meta = nullptr;

  JobState state{JobState::scheduled};
  int attempt{1};
  int max_attempts{1};  ///< 0 = no end
  std::optional<TimePoint> started{};
  std::optional<TimePoint> finished{};
  std::optional<bool> success{};
  std::string outcome{};  ///< "succeeded", "failed", "cancelled", or empty while unfinished
  std::string reason{};   ///< error, crashed, timed_out, superseded, cancelled, unknown_type, …;
                          ///< empty when it succeeded
  Json result = nullptr;  ///< what the handler returned
  Json error = nullptr;   ///< `{"error": sentence, …}` of a failed job
  std::optional<Progress> progress{};
  std::optional<std::int64_t> worker{};  ///< row of `worker_processes` that runs or ran it
  std::optional<JobId> rescheduled_from_job{};
  std::optional<JobId> root_job{};  ///< first attempt of this chain of retries
  int crash_count{0};
  bool cancel_requested{false};
  std::optional<TimePoint> remove_at{};
  TimePoint created_at{};
  TimePoint updated_at{};
};

/// How a handler ends its job when returning normally is not enough said.
class Outcome {
 public:
  enum class Kind { success, snooze, give_up };

  static Outcome success(Json result = nullptr);

  /// Runs again after `delay` as the same attempt; the row goes back to scheduled.
  static Outcome snooze(milliseconds delay);

  /// Failed for good, whatever the retry policy says.
  static Outcome give_up(std::string reason);

  [[nodiscard]] Kind kind() const noexcept { return kind_; }

  [[nodiscard]] const Json& result() const noexcept { return result_; }

  [[nodiscard]] milliseconds delay() const noexcept { return delay_; }

  [[nodiscard]] const std::string& reason() const noexcept { return reason_; }

 private:
  Kind kind_{Kind::success};
  Json result_ = nullptr;
  milliseconds delay_{0};
  std::string reason_{};
};

/// Which jobs a list shows. Empty fields do not filter.
struct JobFilter {
  std::optional<JobState> state{};
  std::string type{};
  std::string tag{};
  std::string queue{};
  std::optional<std::int64_t> user_id{};
  std::string text{};             ///< found in tag, type or error
  std::optional<JobId> before{};  ///< keyset cursor: only ids smaller than this
  int limit{50};                  ///< 1…1000
};

/// A page of a list, newest first. `next` is the cursor of the following page, or nothing on the
/// last one.
struct JobPage {
  std::vector<Job> jobs{};
  std::optional<JobId> next{};
};

/// One row of `worker_processes`: one life of one worker.
struct WorkerInfo {
  std::int64_t id{0};
  std::string node{};  ///< one life of one main process
  std::string hostname{};
  int slot{0};
  int pid{0};
  TimePoint started{};
  TimePoint beat{};
  std::optional<TimePoint> ended{};
  std::string end_note{};     ///< the sentence about its death
  std::int64_t rss_bytes{0};  ///< 0 until its first beat
  std::vector<Job> running{};
};

/// One declared cron and its live link.
struct CronInfo {
  std::string tag{};
  std::string type{};
  std::string schedule{};
  std::string timezone{};
  std::optional<JobId> next_job{};
  std::optional<TimePoint> next_due{};
  std::optional<TimePoint> last_finished{};
  std::optional<bool> last_success{};
};

/// One row of `notifications`.
struct Notification {
  std::int64_t id{0};
  std::int64_t user_id{0};
  Json data = nullptr;
  bool read{false};
  TimePoint created_at{};
};

}  // namespace errand
