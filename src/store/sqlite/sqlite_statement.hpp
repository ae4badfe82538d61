#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "store/database.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace errand::sql {

/// A prepared statement of one connection, and while it is stepped the row it stands on.
class SqliteStatement final : public Parameters, public Row {
 public:
  /// `what` names it in errors. Throws as `throw_sqlite_error`, and `Error{invalid}` for text that
  /// is no statement or more than one.
  SqliteStatement(sqlite3* handle, std::string_view sql, std::string what, const std::string& path);
  SqliteStatement(const SqliteStatement&) = delete;
  SqliteStatement& operator=(const SqliteStatement&) = delete;
  ~SqliteStatement() = default;

  void set(int number, const Param& value) override;
  /// False at the end. Throws as `throw_sqlite_error`.
  bool step();
  void reset() noexcept;

  [[nodiscard]] bool is_null(int column) const override;
  [[nodiscard]] std::int64_t integer(int column) const override;
  [[nodiscard]] double real(int column) const override;
  [[nodiscard]] std::string_view text(int column) const override;

  [[nodiscard]] int column_count() const;
  [[nodiscard]] std::string column_name(int column) const;
  [[nodiscard]] SqlValue value(int column) const;

  [[nodiscard]] int parameter_count() const noexcept { return highest_number_; }

  /// Resets when the scope ends, however it ends: an open statement would pin a snapshot.
  class Use {
   public:
    explicit Use(SqliteStatement& statement) : statement_{statement} {}

    Use(const Use&) = delete;
    Use& operator=(const Use&) = delete;

    ~Use() { statement_.reset(); }

   private:
    SqliteStatement& statement_;
  };

 private:
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const noexcept;
  };

  void number_parameters();

  sqlite3* handle_;
  std::unique_ptr<sqlite3_stmt, Finalize> statement_{};
  std::string what_;
  const std::string& path_;
  /// SQLite numbers `$2 … $1` by first appearance: index_of_number_[n] is where `$n` is bound.
  std::vector<int> index_of_number_{0};
  int highest_number_{0};
};

}  // namespace errand::sql
