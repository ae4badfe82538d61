#pragma once

#include <chrono>
#include <errand/clock.hpp>
#include <errand/database.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "store/statements.hpp"

/// The seam between the store, which is written once, and a database. What a dialect has to offer
/// is a `Connection` and a folder of same-named statements.
namespace errand::sql {

/// One value on its way into a statement. Text is not copied: it has to live until `run` returns.
class Param {
 public:
  enum class Kind { null, integer, time, real, text };

  Param() = default;

  // NOLINTNEXTLINE(google-explicit-constructor): a parameter list reads like a call
  Param(std::nullptr_t) {}

  Param(std::string_view value)  // NOLINT(google-explicit-constructor): same
      : kind_{Kind::text}, text_{value} {}

  Param(const std::string& value)  // NOLINT(google-explicit-constructor): same
      : Param{std::string_view{value}} {}

  Param(const char* value)  // NOLINT(google-explicit-constructor): same
      : Param{std::string_view{value}} {}

  Param(double value)  // NOLINT(google-explicit-constructor): same
      : kind_{Kind::real}, real_{value} {}

  Param(TimePoint value)  // NOLINT(google-explicit-constructor): same
      : kind_{Kind::time}, integer_{value.time_since_epoch().count()} {}

  template <std::integral T>
  Param(T value)  // NOLINT(google-explicit-constructor): same
      : kind_{Kind::integer}, integer_{value} {}

  template <typename T>
  Param(const std::optional<T>& value)  // NOLINT(google-explicit-constructor): same
      : Param{value ? Param{*value} : Param{}} {}

  [[nodiscard]] Kind kind() const noexcept { return kind_; }

  /// A time's is in microseconds since 1970.
  [[nodiscard]] std::int64_t integer() const noexcept { return integer_; }

  [[nodiscard]] double real() const noexcept { return real_; }

  [[nodiscard]] std::string_view text() const noexcept { return text_; }

 private:
  Kind kind_{Kind::null};
  std::int64_t integer_{0};
  double real_{0};
  std::string_view text_{};
};

/// NULL for an empty text.
[[nodiscard]] inline Param text_or_null(std::string_view text) {
  return text.empty() ? Param{} : Param{text};
}

/// The parameters of one statement; `$1` is number 1.
class Parameters {
 public:
  virtual void set(int number, const Param& value) = 0;

  template <typename... Values>
  void set_all(const Values&... values) {
    set_from(1, values...);
  }

  /// `$first`, and the ones after it.
  template <typename... Values>
  void set_from(int first, const Values&... values) {
    (set(first++, Param{values}), ...);
  }

 protected:
  ~Parameters() = default;
};

/// One row of a result; `text` lives until the callback returns. NULL reads as 0 and as empty text.
class Row {
 public:
  [[nodiscard]] virtual bool is_null(int column) const = 0;
  [[nodiscard]] virtual std::int64_t integer(int column) const = 0;
  [[nodiscard]] virtual double real(int column) const = 0;
  [[nodiscard]] virtual std::string_view text(int column) const = 0;

  [[nodiscard]] TimePoint time(int column) const {
    return TimePoint{std::chrono::microseconds{integer(column)}};
  }

  [[nodiscard]] std::optional<TimePoint> optional_time(int column) const {
    return is_null(column) ? std::nullopt : std::optional{time(column)};
  }

  [[nodiscard]] std::optional<std::int64_t> optional_integer(int column) const {
    return is_null(column) ? std::nullopt : std::optional{integer(column)};
  }

 protected:
  ~Row() = default;
};

/// A failure that a second try of the whole transaction can cure.
class TransientError final : public Error {
 public:
  explicit TransientError(const std::string& message) : Error{ErrorKind::unavailable, message} {}
};

/// The database does not take these values; anything else concerns the whole transaction.
[[nodiscard]] inline bool is_refusal(const Error& failure) {
  return failure.kind() == ErrorKind::invalid || failure.kind() == ErrorKind::conflict;
}

/// One statement, run once for each of `times` items. A database with round trips sends all items
/// before it reads the first answer, and calls back only if all succeeded.
struct Batch {
  std::size_t times{1};
  std::function<void(std::size_t item, Parameters&)> bind{};
  std::function<void(std::size_t item, const Row&)> on_row{};
  std::function<void(std::size_t item, std::int64_t changed)> on_done{};
};

/// A statement and its items. The batch outlives it.
struct Question {
  Query query;
  const Batch& batch;
};

/// Rows on their way into a table by the database's own way for many, which does not tell what
/// becomes of each. Throws as `Connection` does, at the latest when it is ended; what is not ended
/// is given up, and the transaction with it.
class RowCopy {
 public:
  RowCopy() = default;
  RowCopy(const RowCopy&) = delete;
  RowCopy& operator=(const RowCopy&) = delete;
  virtual ~RowCopy() = default;

  /// The columns of the next row, by the numbers that the statement names them in.
  [[nodiscard]] virtual Parameters& row() = 0;
  /// Sends that row.
  virtual void add() = 0;
  virtual void end() = 0;

  /// All that was added.
  [[nodiscard]] virtual std::size_t bytes() const noexcept = 0;
};

/// How a database is best asked, where the store can choose.
struct Habits {
  /// How many rows a many-row statement takes. Their parameters are numbered on from row to row;
  /// those that all rows share come last.
  std::size_t rows_per_statement{1};
  bool takes_fewer_rows{false};    ///< up to so many, rather than exactly so many
  std::size_t copied_rows_min{0};  ///< from how many on rows are copied; 0: they never are
  /// From how many on consecutive rows that end alike go by one range; 0: they never do.
  std::size_t held_run_min{0};
  std::size_t held_set_min{0};  ///< the same for such that are not consecutive, by their set
  std::size_t finished_run_min{0};
  bool tells_ids{false};     ///< a statement that inserts many returns their ids
  bool claim_starts{false};  ///< `claim_jobs` starts what it returns
  bool keeps_dead{false};    ///< what was taken is passed over until nobody may see it any more
  bool notes_hold{false};    ///< what a live process has noted is claimed, though it waits
  bool claims_wait{false};   ///< for the end of any transaction that writes

  /// How many of `rows` go by many-row statements; the others, one by one.
  [[nodiscard]] constexpr std::size_t together(std::size_t rows) const noexcept {
    if (rows <= 1 || rows_per_statement <= 1)
      return 0;
    return takes_fewer_rows ? rows : rows - rows % rows_per_statement;
  }

  /// How many many-row statements take `rows`.
  [[nodiscard]] constexpr std::size_t statements_for(std::size_t rows) const noexcept {
    return (rows + rows_per_statement - 1) / rows_per_statement;
  }
};

/// One connection, used by one thread at a time. Every call throws `Error`: `conflict` for a unique
/// index, with its column as the field; `invalid` for a value or statement that the database
/// refuses; `unavailable` otherwise. After an error inside a transaction the only legal call is
/// `rollback`.
class Connection {
 public:
  Connection() = default;
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  virtual ~Connection() = default;

  virtual void run(Query query, const Batch& batch) = 0;

  /// One after the other: a database with round trips answers all in one.
  virtual void run_together(std::span<const Question> questions) {
    for (const Question& question : questions)
      run(question.query, question.batch);
  }

  /// Begins to copy rows into a table; until that has ended, nothing else may be asked. Null: not
  /// into this table as it is, and nothing was done.
  [[nodiscard]] virtual std::unique_ptr<RowCopy> copy(Query) { return nullptr; }

  /// A statement of the host program's.
  virtual SqlRows run_text(std::string_view sql,
                           const std::vector<SqlValue>& values,
                           std::int64_t& changed) = 0;
  /// Several statements without parameters, for migrations.
  virtual void run_script(std::string_view sql) = 0;

  /// Opens a transaction that may write.
  virtual void begin() = 0;

  /// Before the transaction's first statement: what it writes may be lost with the power.
  virtual void relax_commit() {}

  /// Before the transaction's first statement: it will be kept open, and is lost if its holder is
  /// not heard of for a lease.
  virtual void keep_open() {}

  /// The next `run` is all that this transaction still does: a database with round trips commits in
  /// the same one.
  virtual void commit_along() {}

  /// Whether the commit is on its way: what fails from now on may have been stored.
  [[nodiscard]] virtual bool commit_sent() const noexcept { return false; }

  virtual void commit() = 0;
  virtual void rollback() noexcept = 0;

  [[nodiscard]] virtual const Habits& habits() const noexcept = 0;
  [[nodiscard]] virtual TimePoint now() = 0;

  /// A statement's answer told the database's time, some time after `asked`: `now` need not ask.
  virtual void note_time(TimePoint, std::chrono::steady_clock::time_point /*asked*/) {}

  /// False: not to be used again, close it.
  [[nodiscard]] virtual bool usable() const noexcept = 0;

  /// After it was idle, without asking the database: false = the other side has hung up.
  [[nodiscard]] virtual bool still_open() noexcept { return usable(); }

  [[nodiscard]] virtual NativeHandle native_handle() = 0;

  /// Runs `query` once and returns how many rows it changed.
  template <typename... Values>
  std::int64_t execute(Query query, const Values&... values) {
    std::int64_t changes = 0;
    run(query,
        {.bind = [&](std::size_t, Parameters& parameters) { parameters.set_all(values...); },
         .on_done =
             [&](std::size_t, std::int64_t changed) {
               changes = changed;
             }});
    return changes;
  }

  /// Runs `query` once and calls `on_row(row)` for each row.
  template <typename OnRow, typename... Values>
  void select(Query query, OnRow on_row, const Values&... values) {
    run(query,
        {.bind = [&](std::size_t, Parameters& parameters) { parameters.set_all(values...); },
         .on_row =
             [&](std::size_t, const Row& row) {
               on_row(row);
             }});
  }

  /// The first column of the first row, if there is one and it is not NULL.
  template <typename... Values>
  [[nodiscard]] std::optional<std::int64_t> select_integer(Query query, const Values&... values) {
    std::optional<std::int64_t> found;
    select(
        query,
        [&](const Row& row) {
          if (!found)
            found = row.optional_integer(0);
        },
        values...);
    return found;
  }
};

}  // namespace errand::sql
