#pragma once

#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace errand::sql {

/// Every statement of the store, by the name of its file in sql/<dialect>/queries.
enum class Query {
  applied_migrations,
  attempts_of_job,
  beat_process,
  begin_process,
  cancel_waiting,
  claim_jobs,
  claim_jobs_of_many,
  claim_status,
  claimed_rows,
  claims_of_note,
  claims_of_process,
  copied_columns,
  copied_ids,
  copy_jobs,
  copy_simple_jobs,
  correct_cron_link,
  count_crash,
  count_scheduled,
  count_started,
  count_succeeded,
  count_unsuccessful,
  create_notification,
  dead_processes_with_claims,
  declare_cron,
  delete_job,
  due_job_exists,
  due_jobs,
  end_process,
  fail_waiting,
  find_cron_link,
  find_idempotent_job,
  find_job,
  find_unfinished_attempt,
  find_waiting_by_tag,
  held_by_alike,
  held_by_others,
  held_claims,
  hold_jobs,
  hold_jobs_of_many,
  insert_job,
  insert_job_once,
  insert_jobs,
  insert_next_link,
  insert_retry,
  insert_simple_job,
  insert_simple_jobs,
  last_job_id,
  list_all,
  list_crons,
  list_few_waiting,
  list_notifications,
  list_started,
  list_succeeded,
  list_unsuccessful,
  list_waiting,
  list_workers,
  live_processes,
  lock_job,
  lock_migrations,
  lock_tag,
  mark_all_notifications_read,
  mark_notification_read,
  migrations_table_exists,
  next_due_after,
  node_look,
  node_look_from,
  note_held,
  note_migration,
  notifications_since,
  ping,
  process_is_alive,
  record_finished,
  record_finished_many,
  record_finished_run,
  record_held_many,
  record_held_run,
  record_held_set,
  record_scheduled,
  release_savepoint,
  remove_old_jobs,
  remove_old_processes,
  request_cancel,
  rollback_to_savepoint,
  running_jobs_of,
  savepoint,
  set_progress,
  start_claimed,
  start_held,
  supersede_waiting,
  take_hold_slot,
  unknown_type_jobs,
  waiting_heads,
  waiting_heads_from,
  wake_on_commit,
  write_noted_claim,
  write_noted_claims_of_tag,
};

inline constexpr std::size_t query_count =
    static_cast<std::size_t>(Query::write_noted_claims_of_tag) + 1;

inline constexpr std::array<std::string_view, query_count> query_names{
    "applied_migrations",
    "attempts_of_job",
    "beat_process",
    "begin_process",
    "cancel_waiting",
    "claim_jobs",
    "claim_jobs_of_many",
    "claim_status",
    "claimed_rows",
    "claims_of_note",
    "claims_of_process",
    "copied_columns",
    "copied_ids",
    "copy_jobs",
    "copy_simple_jobs",
    "correct_cron_link",
    "count_crash",
    "count_scheduled",
    "count_started",
    "count_succeeded",
    "count_unsuccessful",
    "create_notification",
    "dead_processes_with_claims",
    "declare_cron",
    "delete_job",
    "due_job_exists",
    "due_jobs",
    "end_process",
    "fail_waiting",
    "find_cron_link",
    "find_idempotent_job",
    "find_job",
    "find_unfinished_attempt",
    "find_waiting_by_tag",
    "held_by_alike",
    "held_by_others",
    "held_claims",
    "hold_jobs",
    "hold_jobs_of_many",
    "insert_job",
    "insert_job_once",
    "insert_jobs",
    "insert_next_link",
    "insert_retry",
    "insert_simple_job",
    "insert_simple_jobs",
    "last_job_id",
    "list_all",
    "list_crons",
    "list_few_waiting",
    "list_notifications",
    "list_started",
    "list_succeeded",
    "list_unsuccessful",
    "list_waiting",
    "list_workers",
    "live_processes",
    "lock_job",
    "lock_migrations",
    "lock_tag",
    "mark_all_notifications_read",
    "mark_notification_read",
    "migrations_table_exists",
    "next_due_after",
    "node_look",
    "node_look_from",
    "note_held",
    "note_migration",
    "notifications_since",
    "ping",
    "process_is_alive",
    "record_finished",
    "record_finished_many",
    "record_finished_run",
    "record_held_many",
    "record_held_run",
    "record_held_set",
    "record_scheduled",
    "release_savepoint",
    "remove_old_jobs",
    "remove_old_processes",
    "request_cancel",
    "rollback_to_savepoint",
    "running_jobs_of",
    "savepoint",
    "set_progress",
    "start_claimed",
    "start_held",
    "supersede_waiting",
    "take_hold_slot",
    "unknown_type_jobs",
    "waiting_heads",
    "waiting_heads_from",
    "wake_on_commit",
    "write_noted_claim",
    "write_noted_claims_of_tag",
};

[[nodiscard]] constexpr std::string_view name_of(Query query) {
  return query_names[static_cast<std::size_t>(query)];
}

/// The store asks `Habits` before it uses one of these.
[[nodiscard]] constexpr bool is_of_one_dialect(Query query) {
  switch (query) {
    case Query::claim_jobs:
    case Query::claim_jobs_of_many:
    case Query::claimed_rows:
    case Query::claims_of_note:
    case Query::copied_columns:
    case Query::copied_ids:
    case Query::copy_jobs:
    case Query::copy_simple_jobs:
    case Query::due_jobs:
    case Query::hold_jobs:
    case Query::hold_jobs_of_many:
    case Query::last_job_id:
    case Query::node_look_from:
    case Query::record_finished_run:
    case Query::start_claimed:
    case Query::waiting_heads_from:
    case Query::write_noted_claim:
    case Query::write_noted_claims_of_tag:
      return true;
    default:
      return false;
  }
}

struct Migration {
  std::string_view name{};  ///< "0001_worker_jobs"
  std::string_view text{};
  std::string checksum{};
};

/// The statements of one dialect ("sqlite", "postgresql"). Immutable; lives as long as the program.
class Statements {
 public:
  /// Throws `Error{bug}` that names a statement or fragment which is not compiled in. One that
  /// `is_of_one_dialect` may be missing.
  explicit Statements(std::string_view dialect);

  [[nodiscard]] std::string_view text(Query query) const noexcept {
    return texts_[static_cast<std::size_t>(query)];
  }

  /// In the order they apply.
  [[nodiscard]] const std::vector<Migration>& migrations() const noexcept { return migrations_; }

  /// What must exist before the first migration is looked for.
  [[nodiscard]] std::string_view setup() const noexcept { return setup_; }

  /// The one set of each dialect.
  static const Statements& of_sqlite();
  static const Statements& of_postgresql();

 private:
  std::array<std::string, query_names.size()> texts_{};
  std::vector<Migration> migrations_{};
  std::string_view setup_{};
};

}  // namespace errand::sql
