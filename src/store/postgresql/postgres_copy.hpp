#pragma once

#include <string>

#include "store/database.hpp"
#include "store/postgresql/postgres_pipeline.hpp"

namespace errand::sql {

/// Rows on their way to the server in COPY's binary form. As long as it lives the connection is
/// good for nothing else; afterwards it is as it was.
class PostgresCopy {
 public:
  /// Begins `sql`, a COPY … FROM STDIN. Waits `patience` each time, or as long as it takes.
  PostgresCopy(pg_conn& connection,
               std::optional<std::chrono::milliseconds> patience,
               const char* sql);
  PostgresCopy(const PostgresCopy&) = delete;
  PostgresCopy& operator=(const PostgresCopy&) = delete;
  /// What was not ended is given up: the server stores none of it.
  ~PostgresCopy();

  /// The columns of one row, each of the type at its place. Throws what `append_field` throws.
  void add(std::span<const Oid> types, std::span<const Param> values);
  /// What the server says to it all; null when there is no answer.
  [[nodiscard]] PostgresResult end();

  [[nodiscard]] std::size_t bytes() const noexcept { return sent_bytes_ + bytes_.size(); }

  /// Why there is no answer.
  [[nodiscard]] PostgresFailure loss() const;

 private:
  void send();
  [[nodiscard]] PostgresResult answer();
  void drain();

  pg_conn& connection_;
  std::optional<std::chrono::milliseconds> patience_;
  bool was_nonblocking_;
  bool open_{false};
  bool lost_{false};
  bool stuck_{false};
  PostgresResult refusal_{};
  std::string bytes_{};
  std::size_t sent_bytes_{0};
};

}  // namespace errand::sql
