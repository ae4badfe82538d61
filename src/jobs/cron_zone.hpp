#pragma once

#include <chrono>
#include <string_view>

namespace date {
class time_zone;
}

namespace errand {

/// A stretch of time in [begin, end) during which a zone's clocks do not jump.
struct ZoneSpan {
  std::chrono::sys_seconds begin{};
  std::chrono::sys_seconds end{};
  std::chrono::seconds offset{0};  ///< local time minus UTC

  [[nodiscard]] std::chrono::local_seconds local(std::chrono::sys_seconds instant) const {
    return std::chrono::local_seconds{instant.time_since_epoch() + offset};
  }

  [[nodiscard]] std::chrono::sys_seconds instant(std::chrono::local_seconds local) const {
    return std::chrono::sys_seconds{local.time_since_epoch() - offset};
  }
};

/// A time zone of the system's database, or UTC, which needs none. The database is first read when
/// the first other zone is asked for. A value, safe from any thread.
class CronZone {
 public:
  /// Empty name = UTC. Throws `Error{invalid, …, "timezone"}` for an unknown name and
  /// `Error{unavailable}` when the system has no time zones.
  static CronZone named(std::string_view name);

  [[nodiscard]] ZoneSpan span_at(std::chrono::sys_seconds instant) const;

  /// The latest wall-clock time that was ever shown before `span` began, which is not the zone's
  /// first; before its own first one after a gap, beyond it after an overlap. An overlap lasts a
  /// day at most (a change of sides of the date line), and no clocks have jumped again so soon:
  /// only the span before it counts.
  [[nodiscard]] std::chrono::local_seconds shown_before(const ZoneSpan& span) const;

 private:
  const date::time_zone* zone_{nullptr};
};

}  // namespace errand
