#pragma once

#include <concepts>
#include <errand/database.hpp>
#include <errand/job.hpp>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace errand {

class ServerApp;

/// What a handler is given: its job, its tools, and the wish that it stop. Valid until the handler
/// returns. All calls are safe from threads that the handler starts and joins, except
/// `with_transaction` and `complete_in`.
class JobContext {
 public:
  JobContext(const JobContext&) = delete;
  JobContext& operator=(const JobContext&) = delete;
  virtual ~JobContext() = default;

  [[nodiscard]] virtual const Job& job() const = 0;

  /// The payload as it is stored, unparsed.
  [[nodiscard]] virtual std::string_view data_text() const = 0;

  /// The full application inside the worker: database, notifications, submissions.
  [[nodiscard]] virtual ServerApp& app() = 0;

  /// Lines carry the job's id, type and attempt.
  [[nodiscard]] virtual const Log& log() const = 0;

  /// `done` is clamped to 0…1. Told to the job's user at most ten times a second; the last one is
  /// kept in the row.
  virtual void progress(double done, std::string_view note = {}) = 0;

  /// Asked to stop: cancelled, timed out, or shutting down with no grace left.
  [[nodiscard]] virtual std::stop_token stop_token() const = 0;

  /// Throws `Error{cancelled}` once a stop was asked for. Let it pass through the handler.
  virtual void throw_if_cancelled() = 0;

  /// Same as `app().database().with_transaction(work)`.
  virtual void with_transaction(const std::function<void(Transaction&)>& work) = 0;

  /// Finishes this job as succeeded inside `tx`: its effects and its end are one commit. Throws
  /// `Error{conflict}`, so that the transaction rolls back, when the job is no longer this
  /// worker's.
  virtual void complete_in(Transaction& tx, const Json& result = nullptr) = 0;

 protected:
  JobContext() = default;
};

/// A type that can be a payload: it names its job type and converts to and from Json.
template <typename T>
concept JobPayload = requires(const T& payload, const Json& json) {
  { T::job_type } -> std::convertible_to<std::string_view>;
  Json(payload);
  json.template get<T>();
};

/// How the jobs of a type run unless a submission says otherwise.
struct JobOptions {
  RetryPolicy retry{};
  std::optional<milliseconds>
      timeout{};           ///< stop request at the end of it, then SIGTERM, then SIGKILL
  std::string cron{};      ///< five or six fields: declares a cron with the type's name as tag
  std::string timezone{};  ///< IANA name for `cron`; empty = UTC
  Misfire misfire{Misfire::latest};
  std::string queue{"default"};
  int priority{0};
  bool persistent{false};
  std::optional<milliseconds> remove_delay{};
};

using JobHandler = std::function<Outcome(JobContext&)>;

struct JobType {
  std::string name{};
  JobHandler handler{};
  JobOptions options{};
};

/// Job types by name. Filled before the program starts; afterwards only read, from any thread.
class JobRegistry {
 public:
  /// Throws `Error{invalid}` for an empty or taken name, a bad cron expression, time zone or
  /// policy.
  void add_type(JobType type);

  /// A handler of `(JobContext&, const Json&)`.
  template <typename Handler>
  requires std::invocable<Handler&, JobContext&, const Json&>

  void add(std::string_view name, Handler handler, JobOptions options = {}) {
    add_type({std::string{name},
              [run = std::move(handler)](JobContext& context) mutable -> Outcome {
                const Json data = parse_data(context.data_text());
                return to_outcome([&]() -> decltype(auto) { return run(context, data); });
              },
              std::move(options)});
  }

  /// A handler of `(JobContext&, const Payload&)`. A payload that does not fit fails the job for
  /// good.
  template <JobPayload Payload, typename Handler>
  requires std::invocable<Handler&, JobContext&, const Payload&>

  void add(Handler handler, JobOptions options = {}) {
    add_type({std::string{std::string_view{Payload::job_type}},
              [run = std::move(handler)](JobContext& context) mutable -> Outcome {
                const Payload payload = decode<Payload>(context.data_text());
                return to_outcome([&]() -> decltype(auto) { return run(context, payload); });
              },
              std::move(options)});
  }

  /// Null when there is none.
  [[nodiscard]] const JobType* find(std::string_view name) const;

  [[nodiscard]] const std::map<std::string, JobType, std::less<>>& types() const noexcept {
    return types_;
  }

 private:
  static Json parse_data(std::string_view text);
  [[noreturn]] static void refuse_payload(const std::string& why);

  template <typename Payload>
  static Payload decode(std::string_view text) {
    try {
      return parse_data(text).get<Payload>();
    } catch (const Json::exception& failure) {
      refuse_payload(failure.what());
    }
  }

  template <typename Call>
  static Outcome to_outcome(const Call& call) {
    using Result = std::invoke_result_t<const Call&>;
    if constexpr (std::is_void_v<Result>) {
      call();
      return Outcome::success();
    } else if constexpr (std::is_same_v<std::remove_cvref_t<Result>, Outcome>) {
      return call();
    } else {
      static_assert(
          std::is_constructible_v<Json, Result>,
          "a handler returns nothing, something that converts to Json, or an errand::Outcome");
      return Outcome::success(Json(call()));
    }
  }

  std::map<std::string, JobType, std::less<>> types_{};
};

}  // namespace errand
