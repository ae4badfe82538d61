#pragma once

#include <memory>
#include <span>
#include <vector>

#include "jobs/prepared_job.hpp"
#include "store/database.hpp"
#include "store/submitted_row.hpp"

namespace errand::sql {

/// No policy asks anything before its row is inserted.
[[nodiscard]] bool is_plain(const PreparedJob& job);

/// Inserts plain rows in the way that the database likes best for so many: one by one, many to a
/// statement, or copied. Throws `Error{conflict}` with the field for a taken unique key.
class PlainRows {
 public:
  PlainRows(Connection& connection, TimePoint now) : connection_{connection}, now_{now} {}

  /// Until `take`, nothing else may be asked of the connection.
  void insert(std::span<const PreparedJob> jobs);
  /// The ids of all since the last call, in the order of the jobs.
  [[nodiscard]] std::vector<JobId> take();

  /// One `run` inserts them all.
  [[nodiscard]] bool is_one_run(std::span<const PreparedJob> jobs) const;

 private:
  struct Statement;

  [[nodiscard]] bool is_copied(std::span<const PreparedJob> jobs) const;
  void begin_copy(std::span<const PreparedJob> jobs);
  void copy(std::span<const PreparedJob> jobs);
  void copy_one(const PreparedJob& job);
  void end_copy();
  void note_ids_between(JobId first, JobId last);
  void insert_now(std::span<const PreparedJob> jobs);
  [[nodiscard]] std::size_t insert_numbered(std::span<const PreparedJob> jobs);
  void insert_many(std::span<const PreparedJob> jobs);
  void insert_singly(std::span<const PreparedJob> jobs);
  void run(const Statement& statement,
           std::span<const PreparedJob> jobs,
           std::size_t times,
           const std::function<std::span<const PreparedJob>(std::size_t item)>& jobs_of);
  void bind_all(Parameters& parameters,
                std::span<const PreparedJob> jobs,
                const RowBinding& row) const;

  Connection& connection_;
  TimePoint now_;
  std::vector<JobId> ids_{};
  std::unique_ptr<RowCopy> copy_{};
  bool copies_simple_{false};
  std::size_t copied_{0};                 ///< rows
  std::vector<PreparedJob> copied_of_{};  ///< the first few, for who asks which were refused
  std::vector<PreparedJob> held_back_{};  ///< the one that will tell where the copied ids end
};

}  // namespace errand::sql
