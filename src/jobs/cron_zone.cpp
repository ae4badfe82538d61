#include "jobs/cron_zone.hpp"

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
  const ZoneSpan earlier = span_at(span.begin - seconds{1});
  return earlier.local(earlier.end);
}

}  // namespace errand
