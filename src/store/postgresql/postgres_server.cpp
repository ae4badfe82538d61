#include "store/postgresql/postgres_server.hpp"

namespace errand::sql {
namespace {

using namespace std::chrono_literals;

constexpr auto time_is_fresh = 1s;
/// An answer that took longer says too little about now.
constexpr auto round_trip_max = 100ms;

}  // namespace

const PostgresServer::Types* PostgresServer::types_of(Query query) const {
  const std::lock_guard lock{mutex_};
  return types_[static_cast<std::size_t>(query)].get();
}

const PostgresServer::Types& PostgresServer::learn_types(Query query, Types types) {
  const std::lock_guard lock{mutex_};
  auto& known = types_[static_cast<std::size_t>(query)];
  if (!known)
    known = std::make_unique<const Types>(std::move(types));
  return *known;
}

std::optional<TimePoint> PostgresServer::now() const {
  if (clock_)
    return clock_->wall_now();
  const std::lock_guard lock{mutex_};
  if (!heard_)
    return std::nullopt;
  const auto age = std::chrono::steady_clock::now() - *heard_;
  if (age > time_is_fresh)
    return std::nullopt;
  return instant_ + std::chrono::floor<std::chrono::microseconds>(age);
}

void PostgresServer::note_time(TimePoint instant, std::chrono::steady_clock::time_point asked) {
  const auto heard = std::chrono::steady_clock::now();
  if (heard - asked > round_trip_max)
    return;
  const std::lock_guard lock{mutex_};
  instant_ = instant;
  heard_ = heard;
}

}  // namespace errand::sql
