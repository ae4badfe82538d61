#include "base/time_text.hpp"

#include <array>
#include <fmt/format.h>
#include <limits>

namespace errand {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

/// Reads a text from left to right; every step says whether it found what it was asked for.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_{text} {}

  [[nodiscard]] bool at_end() const { return rest_.empty(); }

  [[nodiscard]] std::optional<char> one_of(std::string_view allowed) {
    if (rest_.empty() || allowed.find(rest_.front()) == std::string_view::npos)
      return std::nullopt;
    const char found = rest_.front();
    rest_.remove_prefix(1);
    return found;
  }

  [[nodiscard]] std::optional<int> digit() {
    if (rest_.empty() || rest_.front() < '0' || rest_.front() > '9')
      return std::nullopt;
    const int value = rest_.front() - '0';
    rest_.remove_prefix(1);
    return value;
  }

  [[nodiscard]] std::optional<int> number(int digits, int least, int most) {
    int value = 0;
    for (int i = 0; i < digits; ++i) {
      const auto next = digit();
      if (!next)
        return std::nullopt;
      value = value * 10 + *next;
    }
    return value >= least && value <= most ? std::optional{value} : std::nullopt;
  }

 private:
  std::string_view rest_;
};

std::optional<std::chrono::sys_days> scan_date(Scanner& scanner) {
  const auto year = scanner.number(4, 0, 9999);
  if (!year || !scanner.one_of("-"))
    return std::nullopt;
  const auto month = scanner.number(2, 1, 12);
  if (!month || !scanner.one_of("-"))
    return std::nullopt;
  const auto day = scanner.number(2, 1, 31);
  if (!day)
    return std::nullopt;
  const auto date = std::chrono::year{*year} / *month / *day;
  return date.ok() ? std::optional{std::chrono::sys_days{date}} : std::nullopt;
}

/// Digits after the sixth are below what a TimePoint holds.
std::optional<microseconds> scan_fraction(Scanner& scanner) {
  auto next = scanner.digit();
  if (!next)
    return std::nullopt;
  microseconds fraction{0};
  for (int weight = 100'000; next; weight /= 10, next = scanner.digit())
    fraction += microseconds{*next * weight};
  return fraction;
}

std::optional<microseconds> scan_time_of_day(Scanner& scanner) {
  const auto hour = scanner.number(2, 0, 23);
  if (!hour || !scanner.one_of(":"))
    return std::nullopt;
  const auto minute = scanner.number(2, 0, 59);
  if (!minute)
    return std::nullopt;
  microseconds time = hours{*hour} + minutes{*minute};
  if (!scanner.one_of(":"))
    return time;
  const auto second = scanner.number(2, 0, 59);
  if (!second)
    return std::nullopt;
  time += seconds{*second};
  if (!scanner.one_of("."))
    return time;
  const auto fraction = scan_fraction(scanner);
  return fraction ? std::optional{time + *fraction} : std::nullopt;
}

std::optional<minutes> scan_offset(Scanner& scanner) {
  const auto sign = scanner.one_of("Z+-");
  if (!sign || *sign == 'Z')
    return sign ? std::optional{minutes{0}} : std::nullopt;
  const auto hour = scanner.number(2, 0, 23);
  if (!hour || !scanner.one_of(":"))
    return std::nullopt;
  const auto minute = scanner.number(2, 0, 59);
  if (!minute)
    return std::nullopt;
  const minutes offset = hours{*hour} + minutes{*minute};
  return *sign == '-' ? -offset : offset;
}

struct Unit {
  std::string_view name{};
  std::int64_t milliseconds{1};
};

constexpr std::array<Unit, 5> units{{
    {"d", 86'400'000},
    {"h", 3'600'000},
    {"m", 60'000},
    {"s", 1'000},
    {"ms", 1},
}};

std::optional<std::int64_t> unit_of(std::string_view name) {
  if (name.empty())
    return 1;
  for (const Unit& unit : units) {
    if (unit.name == name)
      return unit.milliseconds;
  }
  return std::nullopt;
}

/// `value * 10 + digit`, or nothing when the product with `unit` would not fit.
std::optional<std::int64_t> append_digit(std::int64_t value, int digit, std::int64_t unit) {
  const std::int64_t most = std::numeric_limits<std::int64_t>::max() / unit;
  if (value > (most - digit) / 10)
    return std::nullopt;
  return value * 10 + digit;
}

}  // namespace

std::string iso8601(TimePoint instant) {
  const auto day = std::chrono::floor<days>(instant);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss time{std::chrono::floor<milliseconds>(instant - day)};
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z",
                     static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()),
                     static_cast<unsigned>(date.day()),
                     time.hours().count(),
                     time.minutes().count(),
                     time.seconds().count(),
                     time.subseconds().count());
}

std::optional<TimePoint> parse_iso8601(std::string_view text) {
  Scanner scanner{text};
  const auto date = scan_date(scanner);
  if (!date || !scanner.one_of("T "))
    return std::nullopt;
  const auto time = scan_time_of_day(scanner);
  if (!time)
    return std::nullopt;
  const auto offset = scan_offset(scanner);
  if (!offset || !scanner.at_end())
    return std::nullopt;
  return TimePoint{*date} + *time - *offset;
}

std::optional<milliseconds> parse_duration(std::string_view text) {
  const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
  const auto unit = unit_of(text.substr(digits));
  if (digits == 0 || !unit)
    return std::nullopt;
  std::int64_t value = 0;
  for (const char c : text.substr(0, digits)) {
    const auto longer = append_digit(value, c - '0', *unit);
    if (!longer)
      return std::nullopt;
    value = *longer;
  }
  return milliseconds{value * *unit};
}

std::string duration_text(milliseconds duration) {
  if (duration == milliseconds{0})
    return "0s";
  for (const Unit& unit : units) {
    if (duration.count() % unit.milliseconds == 0)
      return fmt::format("{}{}", duration.count() / unit.milliseconds, unit.name);
  }
  return {};
}

}  // namespace errand
