#pragma once

#include <memory>
#include <string>

struct pg_conn;
struct sqlite3;

/// Sessions of our own, beside errand's: to do harm, and to look.
namespace errand::torture {

/// One connection to PostgreSQL; "torture" is its application_name. Errors come as
/// `Error{unavailable}`.
class PostgresSession {
 public:
  explicit PostgresSession(const std::string& url);

  void run(const std::string& sql) { static_cast<void>(ask(sql)); }

  /// The first field of the first row; empty when there is none.
  [[nodiscard]] std::string ask(const std::string& sql);

 private:
  struct Close {
    void operator()(pg_conn* connection) const;
  };

  std::unique_ptr<pg_conn, Close> connection_;
};

/// One connection to an SQLite file, named as errand names it: "sqlite:PATH".
class SqliteSession {
 public:
  explicit SqliteSession(const std::string& url);

  void run(const std::string& sql) { static_cast<void>(ask(sql)); }

  [[nodiscard]] std::string ask(const std::string& sql);

 private:
  struct Close {
    void operator()(sqlite3* database) const;
  };

  std::unique_ptr<sqlite3, Close> database_;
};

[[nodiscard]] bool is_sqlite(const std::string& url);
/// Of a "sqlite:PATH".
[[nodiscard]] std::string path_of(const std::string& url);

}  // namespace errand::torture
