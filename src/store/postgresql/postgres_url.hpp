#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace errand::sql {

/// DATABASE_URL begins as PostgreSQL's URIs do.
[[nodiscard]] bool is_postgres_url(std::string_view url) noexcept;

/// A postgresql:// URI with all that libpq understands, and what errand adds to it where the URI
/// says nothing.
class PostgresUrl {
 public:
  /// Throws `Error{invalid}`, field DATABASE_URL, without a word of the URI itself: it may hold a
  /// password.
  explicit PostgresUrl(const std::string& url);

  /// For messages: "db.example:5432/orders".
  [[nodiscard]] const std::string& where() const noexcept { return where_; }

  /// For PQconnectdbParams, ended by a null pointer each.
  [[nodiscard]] std::vector<const char*> keywords() const;
  [[nodiscard]] std::vector<const char*> values() const;

  /// The URI's own `options` set this server setting: errand leaves it alone.
  [[nodiscard]] bool sets(std::string_view server_setting) const;

 private:
  struct Option {
    std::string keyword{};
    std::string value{};
  };

  void add_default(const char* keyword, const char* value);
  [[nodiscard]] std::optional<std::string> find(std::string_view keyword) const;
  [[nodiscard]] std::string describe() const;

  std::vector<Option> options_{};
  std::string where_{};
};

}  // namespace errand::sql
