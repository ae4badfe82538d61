#pragma once

#include <errand/job.hpp>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace errand {

/// A parsed cron expression in a time zone. A value; copies are cheap; every call is safe from any
/// thread.
///
/// Six fields (seconds minutes hours day-of-month month day-of-week) or five (no seconds: at second
/// 0); `*`, lists, ranges, steps, names (jan…dec, sun…sat, 0 and 7 are Sunday), `L` (last day of
/// the month), `5L` (last Friday), `fri#2` (second Friday), and
/// @hourly @daily @midnight @weekly @monthly @yearly @annually. Day-of-month and day-of-week, both
/// restricted: either.
///
/// Daylight saving (Vixie cron's rule, as Debian documents it): a fixed time that falls into a gap
/// runs at the first valid instant after it; one that occurs twice runs at the first. docs/cron.md
/// has an example of each. A schedule
/// whose minutes or hours field is `*` or a step over `*` runs by elapsed time: nothing is added in
/// a gap, and both passes of an overlap run.
class Cron {
 public:
  /// Throws `Error{invalid}` naming the field and the column, and for an unknown time zone;
  /// `Error{unavailable}` when the system has no time zones. Empty zone = UTC, which never reads
  /// them.
  static Cron parse(std::string_view expression, std::string_view timezone = {});

  /// The first slot strictly after `instant`, or nothing when there is none within 28 years (30
  /// February).
  [[nodiscard]] std::optional<TimePoint> next_after(TimePoint instant) const;

 private:
  struct Schedule;
  std::shared_ptr<const Schedule> schedule_{};
};

/// The slot that follows `previous`, by the misfire rule, when it is `now`. `Misfire::all` may
/// return a slot in the past, never more than 100 slots behind.
[[nodiscard]] std::optional<TimePoint> following_slot(const Cron& cron,
                                                      TimePoint previous,
                                                      TimePoint now,
                                                      Misfire misfire);

}  // namespace errand
