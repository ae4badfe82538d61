#pragma once

#include <array>
#include <chrono>
#include <errand/clock.hpp>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "store/postgresql/postgres_types.hpp"
#include "store/postgresql/postgres_url.hpp"
#include "store/statements.hpp"

namespace errand::sql {

/// What all connections of one store know about their server. Safe from any thread.
class PostgresServer {
 public:
  using Types = std::vector<Oid>;

  /// Without a clock the server's rules. `patience`: how long an answer to a statement of errand's
  /// own is waited for; longer than the server's limit of a statement, so that it answers first if
  /// it answers.
  PostgresServer(const std::string& url,
                 std::shared_ptr<const Clock> clock,
                 std::chrono::milliseconds patience = std::chrono::seconds{15})
      : url_{url}, clock_{std::move(clock)}, patience_{patience} {}

  [[nodiscard]] const PostgresUrl& url() const noexcept { return url_; }

  [[nodiscard]] std::chrono::milliseconds patience() const noexcept { return patience_; }

  /// The types that the server inferred for a statement's parameters; null when nobody asked yet.
  /// Stays valid.
  [[nodiscard]] const Types* types_of(Query query) const;
  const Types& learn_types(Query query, Types types);

  /// The test's clock, or the server's as somebody of this process saw it within the last second:
  /// never ahead of it.
  [[nodiscard]] std::optional<TimePoint> now() const;
  /// The server said `instant`, some time after `asked`.
  void note_time(TimePoint instant, std::chrono::steady_clock::time_point asked);

 private:
  PostgresUrl url_;
  std::shared_ptr<const Clock> clock_;
  std::chrono::milliseconds patience_;
  mutable std::mutex mutex_{};
  std::array<std::unique_ptr<const Types>, query_names.size()> types_{};
  TimePoint instant_{};
  std::optional<std::chrono::steady_clock::time_point> heard_{};
};

}  // namespace errand::sql
