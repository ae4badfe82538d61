#pragma once

#include <errand/borrowed_transaction.hpp>
#include <errand/config.hpp>
#include <errand/database.hpp>
#include <errand/job.hpp>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "jobs/prepared_job.hpp"
#include "jobs/transition.hpp"
#include "store/prepared_parts.hpp"

namespace errand {

using ProcessId = std::int64_t;  ///< row of worker_processes

struct Submitted {
  JobId id{0};
  bool created{true};      ///< false: an idempotent repeat, or kept by `OnPendingTag::keep`
  TimePoint created_at{};  ///< if created
};

/// A job that a worker holds: what running and deciding need, payload still as text.
struct ClaimedJob {
  JobId id{0};
  ProcessId process{0};  ///< that holds it
  int claim_seq{0};
  int attempt{1};
  int max_attempts{1};
  int crash_count{0};
  std::int64_t user_id{0};
  int priority{0};
  bool cancel_requested{false};
  bool persistent{false};
  bool held{false};  ///< by the lock of its row: the claim is not written
  TimePoint due{};
  TimePoint started{};
  TimePoint created_at{};
  std::string tag{};
  std::string type{};
  std::string queue{};
  std::string data{};
  std::string retry_policy{};
  std::optional<milliseconds> auto_reschedule_delay{};
  std::optional<milliseconds> timeout{};
  std::string cron_schedule{};
  std::string timezone{};
  Misfire misfire{Misfire::latest};
  std::optional<TimePoint> cron_slot{};
  std::optional<JobId> rescheduled_from_job{};
  std::optional<JobId> root_job{};
  std::string meta{};
  SteadyPoint taken{};  ///< its worker got it then, by a clock of its own: `started` is the
                        ///< database's time of that

  /// What the database's clock shows: the wall clock of the worker's machine may be wrong.
  [[nodiscard]] TimePoint database_time(SteadyPoint now) const {
    return started + std::chrono::floor<std::chrono::microseconds>(now - taken);
  }

  [[nodiscard]] RunFacts facts() const {
    return {attempt, crash_count, cron_schedule, timezone, misfire, cron_slot};
  }
};

/// A claim that is not written: its row is locked by the transaction that will finish it. The
/// number is the one that it will have.
struct HeldJob {
  JobId id{0};
  int claim_seq{0};
  TimePoint since{};
};

struct ClaimRequest {
  ProcessId process{0};                  ///< 0 = nobody, who claims nothing
  int limit{0};                          ///< 0 = claim nothing
  std::span<const std::string> types{};  ///< types this worker knows
  std::span<const QueueLimit> queues{};  ///< empty = every queue; `limit` is how many more of that
                                         ///< queue it may take (0 = limit)
  /// The jobs are short: where the database can, they are held until the next exchange of this
  /// process, which has to come soon.
  bool hold{false};
  /// How many it holds once it is sure that they are short; 0 = limit.
  int hold_target{0};
  /// The jobs are short, or may be, and this process would take no other jobs than any of the same
  /// types and queues: a backlog that those hold and get on with is left to them.
  bool yields{false};
  bool left_before{false};  ///< as the last exchange said
  /// Somebody says that jobs are due: they are claimed without a look before, which would save a
  /// transaction where there are none.
  bool told{false};
  /// Held jobs that run on beyond this exchange: their claims are written.
  std::span<const HeldJob> running_on{};
};

struct Completion {
  JobId id{0};
  int claim_seq{0};
  Transition transition{};
  /// Whose claim it was; 0 = anybody's. A claim may be lost with the server, and its number is then
  /// given out once more.
  ProcessId holder{0};
  /// Since when it is held, if its claim is not written: it is claimed and completed at once, if
  /// nobody else has claimed it.
  std::optional<TimePoint> held_since{};
  std::optional<Progress> progress{};  ///< the last one, if it is not written yet
};

struct ExchangeResult {
  /// In the order of the completions: false = stale, the row is not this claim's any more, nothing
  /// was written. A row that is already finished with this claim_seq (an answer that was lost)
  /// counts as written.
  std::vector<bool> recorded{};
  bool process_alive{true};  ///< false: the own row was declared dead; nothing was claimed
  std::vector<ClaimedJob> claimed{};
  /// More is due, but those who hold short jobs keep the database busy: one more who claims would
  /// only be in their way. Ask again soon.
  bool left_to_holders{false};
  TimePoint now{};  ///< the database's
  std::optional<TimePoint>
      next_due{};  ///< when fewer than `limit` were claimed: when the next job is due, if any
};

struct LookRequest {
  std::span<const std::string> types{};  ///< types that the workers know
  std::span<const QueueLimit> queues{};  ///< that they serve; empty = every queue
  bool asks_of_dead{false};              ///< whether somebody dead holds claims
};

/// What one look tells all workers of a node, and those who see to what is left over.
struct NodeLook {
  TimePoint now{};                         ///< the database's
  std::optional<TimePoint> next_due{};     ///< from when on a worker would find something, if known
  std::optional<TimePoint> due_since{};    ///< of the first due job of any type and queue
  std::optional<TimePoint> oldest_beat{};  ///< of those who live
  bool dead_hold_claims{false};            ///< if asked for

  /// Not after zero: something is due.
  [[nodiscard]] std::optional<std::chrono::microseconds> due_in() const {
    return next_due ? std::optional{*next_due - now} : std::nullopt;
  }
};

struct NewProcess {
  std::string node{};  ///< one life of one main process
  std::string hostname{};
  int slot{0};
  int pid{0};
  std::string version{};
  std::vector<std::string> types{};
  std::vector<std::string> queues{};  ///< empty = every queue
};

struct ProcessRow {
  ProcessId id{0};
  std::string node{};
  int slot{0};
  int pid{0};
  TimePoint started{};
  TimePoint beat{};
};

/// A claim as the database sees it.
struct HeldClaim {
  JobId id{0};
  int claim_seq{0};
  int crash_count{0};
  bool cancel_requested{false};
};

struct BeatResult {
  bool alive{true};
  std::vector<HeldClaim> claims{};  ///< started, unfinished, claimed by this process
};

struct ProgressUpdate {
  JobId id{0};
  int claim_seq{0};
  Progress progress{};
};

struct RetentionDefaults {
  milliseconds succeeded{std::chrono::hours{1}};
  milliseconds failed{std::chrono::hours{24 * 7}};
};

/// Rows ⇄ values: the only way jobs change. Every call is one transaction, safe from any thread,
/// and throws `Error{unavailable}` when the database is away and `Error{invalid}` never: what comes
/// in has passed the rules. Transitions as in docs/state_machine.md.
///
/// `now` is given by tests; without it the database's clock rules.
class JobStore {
 public:
  using Now = std::optional<TimePoint>;

  JobStore() = default;
  JobStore(const JobStore&) = delete;
  JobStore& operator=(const JobStore&) = delete;
  virtual ~JobStore() = default;

  [[nodiscard]] virtual TimePoint now() = 0;

  /// Has workers look for what is due.
  using Wake = std::function<void()>;

  /// T1, durable: acknowledged means on disk. All or none; throws `Error{conflict}` for a taken
  /// unique_key. `wake` is called by the thread that commits, as soon as no worker that it wakes
  /// can look in vain: on SQLite before the commit, for which a claim waits. It may also have been
  /// called for a submission that then fails. Submissions that are committed together call one of
  /// theirs. In a transaction of the program on PostgreSQL the commit itself wakes the workers.
  virtual std::vector<Submitted> submit(std::span<const PreparedJob> jobs,
                                        Now now = {},
                                        const Wake& wake = {}) = 0;
  /// The same for more than is prepared at once. What refuses one of the jobs is thrown, and
  /// nothing is stored.
  virtual std::vector<Submitted> submit_parts(PreparedParts& parts, const Wake& wake = {}) = 0;
  virtual Submitted submit_in(const BorrowedTransaction& transaction,
                              const PreparedJob& job,
                              Now now = {}) = 0;

  /// T2 to T5: records what is done and claims what is due, in one transaction; where jobs are
  /// held, in one that ends and one that stays open. Either half may be empty. A completion that
  /// the database refuses is isolated and reported as not recorded, never blocking its neighbours.
  /// What is claimed to be held stays so until the same process exchanges again; with the
  /// connection the locks are lost, and the completions are fenced all the same.
  virtual ExchangeResult exchange(std::span<const Completion> completions,
                                  const ClaimRequest& claim,
                                  Now now = {}) = 0;

  /// Reads only, in one question where nothing is due.
  [[nodiscard]] virtual NodeLook look(const LookRequest& request, Now now = {}) = 0;

  /// T3 inside a transaction of the handler's. False = stale.
  virtual bool complete_in(Transaction& transaction,
                           const Completion& completion,
                           Now now = {}) = 0;

  virtual void set_progress(std::span<const ProgressUpdate> updates) = 0;

  virtual ProcessId begin_process(const NewProcess& process, Now now = {}) = 0;
  virtual BeatResult beat(ProcessId process, std::int64_t rss_bytes, Now now = {}) = 0;
  /// Declares it dead: from then on it claims nothing. Its claims stay, for `claims_of`. With
  /// `seen_beat` only if it has not beaten since. False = it beat, or was dead already.
  virtual bool end_process(ProcessId process,
                           std::string_view note,
                           Now now = {},
                           std::optional<TimePoint> seen_beat = {}) = 0;
  [[nodiscard]] virtual std::vector<ProcessRow> live_processes() = 0;
  /// Dead processes that still hold claims (a manager died between `end_process` and the release).
  [[nodiscard]] virtual std::vector<ProcessId> dead_processes_with_claims() = 0;
  [[nodiscard]] virtual std::vector<ClaimedJob> claims_of(ProcessId process) = 0;
  /// Jobs that ran when their process died: what it had only held becomes a claim of its own, for
  /// `claims_of`. One that somebody else has claimed or holds since is left to them; a claimed one
  /// counts a crash, if they are to `blame`.
  virtual void write_claims(ProcessId process, std::span<const HeldJob> ran, bool blame) = 0;

  /// T8 or T9. Returns the row as it is then; nothing = no such job. Throws `Error{conflict}` when
  /// it has finished.
  virtual std::optional<Job> cancel(JobId id, Now now = {}) = 0;
  /// A new row, attempt + 1, due now. Nothing = no such job. Throws `Error{conflict}` when it has
  /// not finished, or when a newer attempt of the chain is still unfinished.
  virtual std::optional<JobId> retry(JobId id, Now now = {}) = 0;
  /// False = no such job. Throws `Error{conflict}` while it runs.
  virtual bool remove(JobId id) = 0;

  /// The declared cron has its live link, with this schedule: inserted if there is none, corrected
  /// if it waits with another one. Returns whether anything was written.
  virtual bool ensure_cron(const PreparedJob& link, Now now = {}) = 0;

  /// Finishes due jobs whose type is in none of the live processes' lists: reason `unknown_type`.
  /// Only those due for longer than `patience`. Returns how many.
  virtual int fail_unknown_types(milliseconds patience, Now now = {}) = 0;

  /// T10: at most `limit` rows. Returns how many. Call again until it returns less.
  virtual int remove_old(int limit, JobId except, Now now = {}) = 0;
};

/// Questions, for people and for the server. Never locks, never writes.
class JobReader {
 public:
  JobReader() = default;
  JobReader(const JobReader&) = delete;
  JobReader& operator=(const JobReader&) = delete;
  virtual ~JobReader() = default;

  [[nodiscard]] virtual std::optional<Job> find(JobId id) = 0;
  [[nodiscard]] virtual JobPage list(const JobFilter& filter) = 0;
  [[nodiscard]] virtual std::vector<Job> attempts_of(JobId id) = 0;
  /// The last attempt of the chain that `id` belongs to.
  [[nodiscard]] virtual std::optional<Job> last_attempt(JobId id) = 0;
  [[nodiscard]] virtual std::vector<WorkerInfo> workers() = 0;
  [[nodiscard]] virtual std::vector<CronInfo> crons() = 0;
  /// {"scheduled": {"count": 12, "capped": false}, …}, each counted up to `cap`.
  [[nodiscard]] virtual Json counts(int cap = 10000) = 0;
  /// Answers at once or throws `Error{unavailable}`.
  virtual void ping() = 0;
};

class NotificationStore {
 public:
  NotificationStore() = default;
  NotificationStore(const NotificationStore&) = delete;
  NotificationStore& operator=(const NotificationStore&) = delete;
  virtual ~NotificationStore() = default;

  virtual Notification create(std::int64_t user_id, const Json& data) = 0;
  /// Of one user, newest first, ids smaller than `before` if given.
  [[nodiscard]] virtual std::vector<Notification> list(std::int64_t user_id,
                                                       std::optional<std::int64_t> before,
                                                       int limit) = 0;
  /// Of one user, ids greater than `after`, oldest first: what a reconnected client missed.
  [[nodiscard]] virtual std::vector<Notification> since(std::int64_t user_id,
                                                        std::int64_t after,
                                                        int limit) = 0;
  /// False = not this user's or no such row.
  virtual bool mark_read(std::int64_t user_id, std::int64_t id) = 0;
  virtual int mark_all_read(std::int64_t user_id) = 0;
};

}  // namespace errand
