#pragma once

#include <cstdint>
#include <errand/error.hpp>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

struct sqlite3;
struct pg_conn;

namespace errand {

/// A value on its way into or out of SQL. Times are given as microseconds since 1970 on SQLite.
using SqlValue = std::variant<std::nullptr_t, std::int64_t, double, std::string>;

/// The result of a query, held in memory.
class SqlRows {
 public:
  SqlRows() = default;

  SqlRows(std::vector<std::string> columns, std::vector<std::vector<SqlValue>> rows)
      : columns_{std::move(columns)}, rows_{std::move(rows)} {}

  [[nodiscard]] std::size_t size() const noexcept { return rows_.size(); }

  [[nodiscard]] bool empty() const noexcept { return rows_.empty(); }

  [[nodiscard]] const std::vector<std::string>& columns() const noexcept { return columns_; }

  [[nodiscard]] const std::vector<SqlValue>& operator[](std::size_t row) const {
    return rows_.at(row);
  }

  /// Throws `Error{invalid}` when the value is of another kind. `std::optional<T>` accepts NULL.
  template <typename T>
  [[nodiscard]] T get(std::size_t row, std::size_t column) const {
    return convert<T>(rows_.at(row).at(column));
  }

 private:
  template <typename T>
  static T convert(const SqlValue& value) {
    if constexpr (requires {
                    typename T::value_type;
                    T{std::nullopt};
                  }) {
      if (std::holds_alternative<std::nullptr_t>(value))
        return std::nullopt;
      return convert<typename T::value_type>(value);
    } else if constexpr (std::is_same_v<T, std::string>) {
      if (const auto* text = std::get_if<std::string>(&value))
        return *text;
    } else if constexpr (std::is_floating_point_v<T>) {
      if (const auto* real = std::get_if<double>(&value))
        return static_cast<T>(*real);
      if (const auto* whole = std::get_if<std::int64_t>(&value))
        return static_cast<T>(*whole);
    } else {
      static_assert(std::is_integral_v<T>,
                    "ask for an integer, a floating-point number, std::string or an optional");
      if (const auto* whole = std::get_if<std::int64_t>(&value))
        return static_cast<T>(*whole);
    }
    throw Error{ErrorKind::invalid,
                "a column of the query's result is NULL or has another type than was asked for"};
  }

  std::vector<std::string> columns_{};
  std::vector<std::vector<SqlValue>> rows_{};
};

/// The database's own handle. Converts to the one that is there and throws `Error{invalid}` for the
/// other.
class NativeHandle {
 public:
  explicit NativeHandle(sqlite3* handle) : sqlite_{handle} {}

  explicit NativeHandle(pg_conn* handle) : postgres_{handle} {}

  operator sqlite3*() const;  // NOLINT(google-explicit-constructor): handed to the C API as it is
  operator pg_conn*() const;  // NOLINT(google-explicit-constructor): handed to the C API as it is

 private:
  sqlite3* sqlite_{nullptr};
  pg_conn* postgres_{nullptr};
};

/// An open transaction. Lives inside one call of `Database::with_transaction` and belongs to that
/// thread.
class Transaction {
 public:
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  virtual ~Transaction() = default;

  /// Runs one statement with `$1`, `$2`, … and returns how many rows it changed.
  template <typename... Args>
  std::int64_t execute(std::string_view sql, const Args&... args) {
    return execute_values(sql, {to_value(args)...});
  }

  /// Runs one statement and returns its rows.
  template <typename... Args>
  SqlRows query(std::string_view sql, const Args&... args) {
    return query_values(sql, {to_value(args)...});
  }

  virtual std::int64_t execute_values(std::string_view sql,
                                      const std::vector<SqlValue>& values) = 0;
  virtual SqlRows query_values(std::string_view sql, const std::vector<SqlValue>& values) = 0;

  /// For what this class does not offer. Do not commit, roll back or close through it.
  [[nodiscard]] virtual NativeHandle native_handle() = 0;

 protected:
  Transaction() = default;

 private:
  template <typename T>
  static SqlValue to_value(const T& value) {
    if constexpr (std::is_same_v<T, std::nullptr_t>) {
      return nullptr;
    } else if constexpr (requires {
                           value.has_value();
                           *value;
                         }) {
      return value.has_value() ? to_value(*value) : SqlValue{nullptr};
    } else if constexpr (std::is_integral_v<T>) {
      return static_cast<std::int64_t>(value);
    } else if constexpr (std::is_floating_point_v<T>) {
      return static_cast<double>(value);
    } else {
      return std::string{std::string_view{value}};
    }
  }
};

/// The program's database, for handlers and for the host program. Safe from any thread.
class Database {
 public:
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;
  virtual ~Database() = default;

  /// Runs `work` in a transaction and commits when it returns; an exception rolls back and passes
  /// on. Serialization failures run it again, at most 7 times, so it must have no other effect. A
  /// call from inside `work` joins the outer transaction. On SQLite it holds the writer lock: keep
  /// it short.
  template <typename Work>
  auto with_transaction(Work&& work) {
    using Result = std::invoke_result_t<Work&, Transaction&>;
    if constexpr (std::is_void_v<Result>) {
      run([&work](Transaction& tx) { work(tx); });
    } else {
      std::optional<Result> result;
      run([&work, &result](Transaction& tx) { result.emplace(work(tx)); });
      return std::move(*result);
    }
  }

 protected:
  Database() = default;
  virtual void run(const std::function<void(Transaction&)>& work) = 0;
};

}  // namespace errand
