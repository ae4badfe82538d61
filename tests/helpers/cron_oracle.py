#!/usr/bin/python3
"""Says when cron schedules run around changes of the clocks, by trying every minute.

Prints one case a line: zone, schedule, start, end, slots. Instants are seconds since 1970; the slots
are all that lie in (start, end]. Nothing here is shared with the program under test: time zones come
from Python's zoneinfo, and nothing is computed that can be tried out.
"""
import datetime as dt
import itertools
import sys
import zoneinfo

HOUR = 3600
DAY = 24 * HOUR
ZONES_WANTED = 130
DENSE = 300

SCHEDULES = """
* * * * *
*/5 * * * *
*/7 * * * *
*/30 * * * * *
10,40 30 * * * *
0 * * * *
30 * * * *
15 */2 * * *
45 1-3/2 * * *
0 30 */3 * * *
*/15 2 * * *
*/20 1,2,3 * * *
*/10 0 * * *
0 0 * * *
1 0 * * *
30 0 * * *
59 23 * * *
0 1 * * *
30 1 * * *
0 2 * * *
5 2 * * *
15 2 * * *
30 2 * * *
45 2 * * *
59 2 * * *
0 3 * * *
30 3 * * *
0,15,30,45 1,2,3 * * *
0-59/10 0-4 * * *
20 30 2 * * *
*/10 30 1 * * *
15,45 59 0,1,2,23 * * *
30 2 * * sun
30 2 * * 0
0 0 * * sat
30 1 * * 7
0 2 * * sun#2
0 2 * * sunL
30 1 * * 0L
15 0 * * 5#4
30 2 L * *
0 0 1,15,L * *
30 2 8-14 * sun
30 2 */2 * *
30 2 * * */2
0 12 * mar,oct,nov *
30 2 29 2 *
0 4 * * mon-fri
""".strip().splitlines()

# Zones and years in which the clocks did something unusual.
UNUSUAL = [
    ("Pacific/Apia", 2011),  # skipped a whole day
    ("Pacific/Fakaofo", 2011),
    ("Pacific/Kwajalein", 1993),
    ("America/Juneau", 1867),  # had one day twice
    ("Australia/Lord_Howe", 2026),  # shifts by 30 minutes
    ("America/Havana", 2026),  # gap at midnight
    ("Asia/Beirut", 2026),
    ("Africa/Cairo", 2026),
    ("Asia/Amman", 2022),
    ("Asia/Tehran", 2022),
    ("America/Sao_Paulo", 2018),
    ("America/Asuncion", 2023),
    ("America/Santiago", 2026),
    ("Europe/Dublin", 2026),  # its summer time is the standard time
    ("Africa/Casablanca", 2025),  # four changes a year
    ("Africa/El_Aaiun", 2024),
    ("Antarctica/Troll", 2026),  # shifts by two hours
    ("Antarctica/Casey", 2023),
    ("Asia/Pyongyang", 2015),
    ("Asia/Pyongyang", 2018),
    ("America/Caracas", 2016),
    ("Asia/Kathmandu", 1986),
    ("Asia/Gaza", 2025),
    ("America/Nuuk", 2023),
    ("America/Scoresbysund", 2024),
    ("Europe/Volgograd", 2020),
    ("Africa/Monrovia", 1972),  # had seconds in its offset
    ("Europe/Istanbul", 2016),
    ("Pacific/Norfolk", 2019),
    ("America/Miquelon", 2026),
]

MONTHS = {name: n for n, name in enumerate("jan feb mar apr may jun jul aug sep oct nov dec".split(), 1)}
WEEKDAYS = {name: n for n, name in enumerate("sun mon tue wed thu fri sat".split())}


def number(text, names):
    return names[text] if text in names else int(text)


def values(field, lowest, highest, names=()):
    """The plain values of a field, trying each number against each element."""
    names = dict(names)
    found = set()
    for element in field.split(","):
        if "#" in element or element.endswith("L"):
            continue
        span, _, step = element.partition("/")
        if span == "*":
            first, last = lowest, highest
        elif "-" in span:
            first, last = (number(part, names) for part in span.split("-"))
        else:
            first = number(span, names)
            last = highest if step else first
        found.update(n for n in range(first, last + 1) if (n - first) % int(step or 1) == 0)
    return found


class Schedule:
    def __init__(self, text):
        fields = text.split()
        if len(fields) == 5:
            fields.insert(0, "0")
        self.text = text
        second, minute, hour, self.day, self.month, self.weekday = fields
        self.seconds = sorted(values(second, 0, 59))
        minutes, hours = values(minute, 0, 59), values(hour, 0, 23)
        self.minutes_of_day = [m for m in range(24 * 60) if m % 60 in minutes and m // 60 in hours]
        self.minutes_of_day_set = set(self.minutes_of_day)
        self.elapsed = minute.startswith("*") or hour.startswith("*")
        self.known_dates = {}

    def runs_on(self, date):
        if date not in self.known_dates:
            self.known_dates[date] = self.try_date(date)
        return self.known_dates[date]

    def try_date(self, date):
        if date.month not in values(self.month, 1, 12, MONTHS):
            return False
        by_day = date.day in values(self.day, 1, 31)
        if "L" in self.day.split(",") and (date + dt.timedelta(days=1)).day == 1:
            by_day = True
        by_weekday = self.try_weekday(date)
        if not self.day.startswith("*") and not self.weekday.startswith("*"):
            return by_day or by_weekday
        return by_day and by_weekday

    def try_weekday(self, date):
        sunday_is_0 = date.isoweekday() % 7
        for element in self.weekday.split(","):
            if element.endswith("L"):
                if number(element[:-1], WEEKDAYS) % 7 == sunday_is_0 and (date + dt.timedelta(days=7)).month != date.month:
                    return True
            elif "#" in element:
                weekday, nth = element.split("#")
                earlier = [date - dt.timedelta(days=7 * n) for n in range(6)]
                if number(weekday, WEEKDAYS) % 7 == sunday_is_0 and len([d for d in earlier if d.month == date.month]) == int(nth):
                    return True
            elif sunday_is_0 in {n % 7 for n in values(element, 0, 6 if "*" in element else 7, WEEKDAYS)}:
                return True
        return False


def local(instant, zone):
    return dt.datetime.fromtimestamp(instant, zone)


def offset(instant, zone):
    return local(instant, zone).utcoffset()


def halve(low, high, zone):
    """The instant in (low, high] at which the offset becomes another than it was at low."""
    before = offset(low, zone)
    while high - low > 1:
        middle = (low + high) // 2
        if offset(middle, zone) == before:
            low = middle
        else:
            high = middle
    return high


def changes(name, year):
    zone = zoneinfo.ZoneInfo(name)
    start = int(dt.datetime(year, 1, 1, tzinfo=dt.timezone.utc).timestamp())
    points = range(start, start + 366 * DAY, 3 * DAY)
    return [halve(a, b, zone) for a, b in itertools.pairwise(points) if offset(a, zone) != offset(b, zone)]


def first_instant(naive, zone):
    """When the clocks first show this time; after a gap, when they first show anything again."""
    early, late = (int(naive.replace(tzinfo=zone, fold=fold).timestamp()) for fold in (1, 0))
    if local(late, zone).replace(tzinfo=None) == naive:
        return late
    return halve(early, late, zone)


def fixed_slots(schedule, zone, start, end):
    day = local(start, zone).date() - dt.timedelta(days=2)
    last = local(end, zone).date() + dt.timedelta(days=2)
    while day <= last:
        if schedule.runs_on(day):
            midnight = dt.datetime(day.year, day.month, day.day)
            for minute in schedule.minutes_of_day:
                for second in schedule.seconds:
                    yield first_instant(midnight + dt.timedelta(minutes=minute, seconds=second), zone)
        day += dt.timedelta(days=1)


def elapsed_slots(schedule, ticks):
    for instant, date, minute, second in ticks:
        if minute in schedule.minutes_of_day_set and schedule.runs_on(date):
            if second is not None:
                if second in schedule.seconds:
                    yield instant
            else:
                for each in schedule.seconds:
                    yield instant + each


def ticks_of(zone, start, end):
    """Every minute of the window with the local time it has; every second, if minutes do not fit."""
    whole = all(offset(edge, zone).total_seconds() % 60 == 0 for edge in (start, end))
    ticks = []
    for instant in range(start - start % 60, end + 1, 60 if whole else 1):
        shown = local(instant, zone)
        ticks.append((instant, shown.date(), shown.hour * 60 + shown.minute, None if whole else shown.second))
    return ticks


def cases_of(name, change):
    zone = zoneinfo.ZoneInfo(name)
    windows = {}
    for schedule in ALL:
        for before, after in ((30 * HOUR, 42 * HOUR), (3 * HOUR, 4 * HOUR)):
            start, end = change - before, change + after
            if schedule.elapsed:
                if (before, after) not in windows:
                    windows[before, after] = ticks_of(zone, start, end)
                slots = elapsed_slots(schedule, windows[before, after])
            else:
                slots = fixed_slots(schedule, zone, start, end)
            slots = sorted({slot for slot in slots if start < slot <= end})
            if len(slots) <= DENSE:
                break
        yield schedule.text, start, end, slots


def zones_with_changes(year):
    for name in sorted(zoneinfo.available_timezones()):
        if "/" in name and not name.startswith(("Etc/", "SystemV/", "posix/", "right/")) and len(changes(name, year)) == 2:
            yield name


ALL = [Schedule(text) for text in SCHEDULES]


def main():
    year = int(sys.argv[1]) if len(sys.argv) > 1 else 2026
    everyday = [(name, year) for name in itertools.islice(zones_with_changes(year), ZONES_WANTED)]
    out = []
    for name, when in dict.fromkeys(UNUSUAL + everyday):
        for change in changes(name, when):
            for text, start, end, slots in cases_of(name, change):
                out.append("\t".join([name, text, str(start), str(end), ",".join(map(str, slots))]))
    print("\n".join(out))


if __name__ == "__main__":
    main()
