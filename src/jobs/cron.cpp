#include "jobs/cron.hpp"

#include <algorithm>

#include "jobs/cron_fields.hpp"
#include "jobs/cron_zone.hpp"

namespace errand {

struct Cron::Schedule {
  CronFields fields{};
  CronZone zone{};
};

namespace {

using std::chrono::local_seconds;
using std::chrono::seconds;
using std::chrono::sys_days;
using std::chrono::sys_seconds;

constexpr int late_slots_max = 100;

/// 28 years: in that time the calendar comes back to the same weekdays.
constexpr seconds horizon = std::chrono::days{10'227};

/// After a jump of the clocks, its overlap can last as long as this at most.
constexpr seconds overlap_max = std::chrono::hours{48};

constexpr sys_seconds earliest = sys_days{std::chrono::year{1} / 1 / 1};
constexpr sys_seconds latest = sys_days{std::chrono::year{9999} / 12 / 31};

/// By elapsed time: every instant whose local time matches, both passes of an overlap included.
std::optional<sys_seconds> match_in_span(const CronFields& fields,
                                         const ZoneSpan& span,
                                         local_seconds from,
                                         sys_seconds until) {
  if (const auto match = first_match(fields, from, span.local(until)))
    return span.instant(*match);
  return std::nullopt;
}

/// A fixed time's slot is the first instant at which the clocks show that time or a later one: it
/// follows that a time in a gap runs at the end of it, and one that is shown twice runs at the
/// first.
std::optional<sys_seconds> fixed_match_in_span(const CronFields& fields,
                                               const CronZone& zone,
                                               const ZoneSpan& span,
                                               sys_seconds from,
                                               sys_seconds until) {
  const local_seconds now_shown = span.local(from);
  // Added, not subtracted: UTC's span begins at the least instant there is.
  if (from > span.begin + overlap_max)
    return match_in_span(fields, span, now_shown, until);
  const local_seconds shown = zone.shown_before(span);
  if (from == span.begin && first_match(fields, shown, now_shown))
    return from;
  return match_in_span(fields, span, std::max(now_shown, shown), until);
}

}  // namespace

Cron Cron::parse(std::string_view expression, std::string_view timezone) {
  Cron cron;
  cron.schedule_ = std::make_shared<const Schedule>(
      Schedule{parse_cron_fields(expression), CronZone::named(timezone)});
  return cron;
}

std::optional<TimePoint> Cron::next_after(TimePoint instant) const {
  const auto& [fields, zone] = *schedule_;
  sys_seconds from = std::max(std::chrono::floor<seconds>(instant) + seconds{1}, earliest);
  const sys_seconds until = from + horizon;
  if (from > latest)
    return std::nullopt;
  while (from < until) {
    const ZoneSpan span = zone.span_at(from);
    const sys_seconds end = std::min(span.end, until);
    const auto match = fields.by_elapsed_time ? match_in_span(fields, span, span.local(from), end)
                                              : fixed_match_in_span(fields, zone, span, from, end);
    if (match)
      return TimePoint{*match};
    from = end;
  }
  return std::nullopt;
}

namespace {

/// Whether at least `count` slots lie in (after, now].
bool has_slots(const Cron& cron, TimePoint after, TimePoint now, int count) {
  for (int found = 0; found < count; ++found) {
    const auto slot = cron.next_after(after);
    if (!slot || *slot > now)
      return false;
    after = *slot;
  }
  return true;
}

/// The slot that has `count - 1` others after it up to `now`. There must be as many after `early`.
std::optional<TimePoint> slot_from_the_end(const Cron& cron,
                                           TimePoint early,
                                           TimePoint now,
                                           int count) {
  TimePoint late = now;
  while (late - early > seconds{1}) {
    const TimePoint middle = early + (late - early) / 2;
    (has_slots(cron, middle, now, count) ? early : late) = middle;
  }
  return cron.next_after(early);
}

}  // namespace

std::optional<TimePoint> following_slot(const Cron& cron,
                                        TimePoint previous,
                                        TimePoint now,
                                        Misfire misfire) {
  const auto next = cron.next_after(previous);
  if (!next || *next > now)
    return next;
  if (misfire == Misfire::skip)
    return cron.next_after(now);
  const int kept = misfire == Misfire::all ? late_slots_max : 1;
  if (!has_slots(cron, previous, now, kept + 1))
    return next;
  return slot_from_the_end(cron, previous, now, kept);
}

}  // namespace errand
