#include "jobs/cron_zone.hpp"

#include <algorithm>
#include <date/tz.h>
#include <errand/error.hpp>
#include <exception>
#include <string>

#include "jobs/payload.hpp"

namespace errand {
namespace {

using std::chrono::local_seconds;
using std::chrono::seconds;
using std::chrono::sys_seconds;

/// Overlaps are never longer than a day (a change of sides of the date line), so nothing that ended
/// earlier than this can matter.
constexpr seconds look_back = std::chrono::hours{48};

/// Wider than any instant that is asked for, and narrow enough to subtract its ends.
constexpr ZoneSpan all_of_utc{std::chrono::sys_days{std::chrono::year::min() / 1 / 1},
                              std::chrono::sys_days{std::chrono::year::max() / 1 / 1},
                              seconds{0}};

void require_database() {
  try {
    static_cast<void>(date::get_tzdb());
  } catch (const std::exception& failure) {
    throw Error{ErrorKind::unavailable,
                std::string{"cannot read the system's time zones: "} + failure.what() +
                    "; install the package tzdata",
                "timezone"};
  }
}

}  // namespace

CronZone CronZone::named(std::string_view name) {
  CronZone zone;
  if (name.empty() || name == "UTC")
    return zone;
  require_database();
  try {
    zone.zone_ = date::locate_zone(name);
    return zone;
  } catch (const std::exception&) {
    throw Error{ErrorKind::invalid,
                "there is no time zone \"" + sanitise_text(name, 64) +
                    "\"; use an IANA name such as Europe/Berlin, or leave it empty for UTC",
                "timezone"};
  }
}

ZoneSpan CronZone::span_at(sys_seconds instant) const {
  if (zone_ == nullptr)
    return all_of_utc;
  const auto info = zone_->get_info(instant);
  return {info.begin, info.end, info.offset};
}

local_seconds CronZone::shown_before(const ZoneSpan& span) const {
  if (zone_ == nullptr)
    return local_seconds::min();  // UTC never shows an instant twice
  ZoneSpan earlier = span_at(span.begin - seconds{1});
  local_seconds latest = earlier.local(earlier.end);
  while (earlier.begin > span.begin - look_back) {
    earlier = span_at(earlier.begin - seconds{1});
    latest = std::max(latest, earlier.local(earlier.end));
  }
  return latest;
}

}  // namespace errand
