#include <algorithm>
#include <array>
#include <errand/error.hpp>
#include <span>
#include <string>
#include <vector>

#include "jobs/cron_fields.hpp"
#include "jobs/payload.hpp"

namespace errand {
namespace {

constexpr std::size_t expression_bytes_max = 256;

constexpr std::array<std::string_view, 12> month_names{
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"};
constexpr std::array<std::string_view, 7> weekday_names{
    "sun", "mon", "tue", "wed", "thu", "fri", "sat"};

struct FieldRule {
  std::string_view name{};
  unsigned lowest{0};
  unsigned highest{0};
  std::span<const std::string_view> names{};  ///< of `lowest` and what follows it
};

constexpr FieldRule seconds_rule{"seconds", 0, 59, {}};
constexpr FieldRule minutes_rule{"minutes", 0, 59, {}};
constexpr FieldRule hours_rule{"hours", 0, 23, {}};
constexpr FieldRule days_rule{"day-of-month", 1, 31, {}};
constexpr FieldRule months_rule{"month", 1, 12, month_names};
constexpr FieldRule weekdays_rule{"day-of-week", 0, 7, weekday_names};

struct Macro {
  std::string_view name{};
  std::string_view expression{};
};

constexpr std::array<Macro, 7> macros{{{"@hourly", "0 0 * * * *"},
                                       {"@daily", "0 0 0 * * *"},
                                       {"@midnight", "0 0 0 * * *"},
                                       {"@weekly", "0 0 0 * * 0"},
                                       {"@monthly", "0 0 0 1 * *"},
                                       {"@yearly", "0 0 0 1 1 *"},
                                       {"@annually", "0 0 0 1 1 *"}}};

char lower(char letter) {
  return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
}

bool is_letter(char letter) {
  return lower(letter) >= 'a' && lower(letter) <= 'z';
}

bool is_digit(char letter) {
  return letter >= '0' && letter <= '9';
}

bool is_blank(char letter) {
  return letter == ' ' || letter == '\t';
}

std::string lower(std::string_view text) {
  std::string result{text};
  for (char& letter : result)
    letter = lower(letter);
  return result;
}

[[noreturn]] void refuse(std::string_view expression, const std::string& why) {
  throw Error{ErrorKind::invalid,
              "the cron schedule \"" + sanitise_text(expression.substr(0, expression_bytes_max)) +
                  "\" is not valid: " + why,
              "cronSchedule"};
}

/// One field of an expression and its place in it.
struct Word {
  std::string_view text{};
  std::size_t offset{0};
};

/// Reads one field, element by element.
class FieldReader {
 public:
  FieldReader(std::string_view expression, Word word, const FieldRule& rule)
      : expression_{expression}, word_{word}, rule_{rule} {}

  /// Reads an element that says more than values (`L`, `5L`, `fri#2`); false = it is none, and the
  /// reader stands where it stood.
  using Special = bool (*)(FieldReader& reader, CronFields& fields);

  std::uint64_t read(CronFields& fields, Special special = nullptr) {
    do {
      element_ = at_;
      if (special == nullptr || !special(*this, fields))
        read_values();
    } while (accept(','));
    if (at_ < word_.text.size())
      refuse_here("'" + std::string{word_.text.substr(at_, 1)} + "' is not expected here");
    return set_;
  }

  bool accept(char expected) {
    if (lower(peek()) != expected)
      return false;
    ++at_;
    return true;
  }

  [[nodiscard]] char peek() const { return at_ < word_.text.size() ? word_.text[at_] : '\0'; }

  [[nodiscard]] std::size_t mark() const { return at_; }

  void go_back(std::size_t mark) { at_ = mark; }

  unsigned read_value() {
    if (is_letter(peek()))
      return read_name();
    if (!is_digit(peek()))
      refuse_here(at_ < word_.text.size()
                      ? "'" + std::string{word_.text.substr(at_, 1)} + "' is not expected here"
                      : std::string{"a value is missing"});
    const std::size_t start = at_;
    const unsigned value = read_digits();
    if (value < rule_.lowest || value > rule_.highest)
      refuse_at(start,
                std::string{word_.text.substr(start, at_ - start)} + " is not between " +
                    std::to_string(rule_.lowest) + " and " + std::to_string(rule_.highest));
    return value;
  }

  [[noreturn]] void refuse_here(const std::string& why) const { refuse_at(at_, why); }

 private:
  [[noreturn]] void refuse_at(std::size_t at, const std::string& why) const {
    refuse(
        expression_,
        std::string{rule_.name} + ", column " + std::to_string(word_.offset + at + 1) + ": " + why);
  }

  unsigned read_digits() {
    unsigned value = 0;
    for (; is_digit(peek()); ++at_)
      value = std::min(value * 10 + static_cast<unsigned>(peek() - '0'), 100'000U);
    return value;
  }

  unsigned read_name() {
    const std::size_t start = at_;
    while (is_letter(peek()))
      ++at_;
    std::string name = lower(word_.text.substr(start, at_ - start));
    // "friL": the last letter is the marker for the last weekday of a month, not of the name.
    if (name.size() == 4 && name.back() == 'l') {
      name.pop_back();
      --at_;
    }
    for (std::size_t index = 0; index < rule_.names.size(); ++index)
      if (rule_.names[index] == name)
        return rule_.lowest + static_cast<unsigned>(index);
    refuse_at(start, "\"" + name + "\" " + name_advice());
  }

  [[nodiscard]] std::string name_advice() const {
    if (rule_.names.empty())
      return "is not a number";
    return "is not one of " + std::string{rule_.names.front()} + "…" +
           std::string{rule_.names.back()};
  }

  void read_values() {
    if (accept('*'))
      return add(rule_.lowest, highest_of_star(), read_step());
    const unsigned first = read_value();
    if (accept('-'))
      return read_range(first);
    // "5/15" starts at 5 and goes on to the end, as most schedulers with seconds read it.
    const bool stepped = peek() == '/';
    const unsigned step = read_step();
    add(first, stepped ? std::max(first, highest_of_star()) : first, step);
  }

  void read_range(unsigned first) {
    unsigned last = read_value();
    if (last == 0 && rule_.highest == 7)
      last = 7;  // fri-sun
    if (last < first)
      refuse_at(element_,
                "the range runs backwards; write the part before the end and the part after "
                "the start as a list");
    add(first, last, read_step());
  }

  unsigned read_step() {
    if (!accept('/'))
      return 1;
    const std::size_t start = at_;
    if (!is_digit(peek()))
      refuse_here("a step is a number, such as */15");
    const unsigned step = read_digits();
    const unsigned values = highest_of_star() - rule_.lowest + 1;
    if (step == 0 || step > values)
      refuse_at(start,
                "a step of " + std::string{word_.text.substr(start, at_ - start)} +
                    " is not between 1 and " + std::to_string(values));
    return step;
  }

  /// 7 is Sunday once more, so `*` and open steps stop before it.
  [[nodiscard]] unsigned highest_of_star() const { return rule_.highest == 7 ? 6 : rule_.highest; }

  void add(unsigned first, unsigned last, unsigned step) {
    for (unsigned value = first; value <= last; value += step)
      set_ |= std::uint64_t{1} << value;
  }

  std::string_view expression_;
  Word word_;
  const FieldRule& rule_;
  std::size_t at_{0};
  std::size_t element_{0};
  std::uint64_t set_{0};
};

bool read_last_day(FieldReader& reader, CronFields& fields) {
  if (!reader.accept('l'))
    return false;
  fields.last_day = true;
  return true;
}

std::uint64_t weekday_bit(unsigned weekday) {
  return std::uint64_t{1} << (weekday % 7);
}

void read_occurrence(FieldReader& reader, CronFields& fields, unsigned weekday) {
  const char digit = reader.peek();
  if (digit < '1' || digit > '5')
    reader.refuse_here("after # comes which one of the month, 1 to 5");
  reader.accept(digit);
  fields.nth_weekdays.at(static_cast<std::size_t>(digit - '1')) |= weekday_bit(weekday);
}

bool read_weekday_of_month(FieldReader& reader, CronFields& fields) {
  if (lower(reader.peek()) == 'l')
    reader.refuse_here("L needs a weekday before it, such as 5L for the last Friday");
  if (reader.peek() == '*')
    return false;
  const std::size_t start = reader.mark();
  const unsigned weekday = reader.read_value();
  if (reader.accept('l')) {
    fields.last_weekdays |= weekday_bit(weekday);
    return true;
  }
  if (reader.accept('#')) {
    read_occurrence(reader, fields, weekday);
    return true;
  }
  reader.go_back(start);
  return false;
}

std::vector<Word> split(std::string_view expression) {
  std::vector<Word> words;
  std::size_t at = 0;
  while (at < expression.size()) {
    const std::size_t start = at;
    while (at < expression.size() && !is_blank(expression[at]))
      ++at;
    if (at > start)
      words.push_back({expression.substr(start, at - start), start});
    ++at;
  }
  return words;
}

CronFields parse_macro(std::string_view expression, std::string_view name) {
  const std::string wanted = lower(name);
  std::string known;
  for (const Macro& macro : macros) {
    if (macro.name == wanted)
      return parse_cron_fields(macro.expression);
    known += (known.empty() ? "" : " ") + std::string{macro.name};
  }
  refuse(expression, "column 1: the known shorthands are " + known);
}

std::uint64_t fold_sunday(std::uint64_t weekdays) {
  return (weekdays | weekdays >> 7) & 0b111'1111;
}

}  // namespace

CronFields parse_cron_fields(std::string_view expression) {
  if (expression.size() > expression_bytes_max)
    refuse(expression, "it is longer than " + std::to_string(expression_bytes_max) + " characters");
  std::vector<Word> words = split(expression);
  if (words.size() == 1 && words.front().text.front() == '@')
    return parse_macro(expression, words.front().text);
  if (words.size() != 5 && words.size() != 6)
    refuse(expression,
           "it has " + std::to_string(words.size()) +
               " fields; expected are (seconds) minutes hours day-of-month month day-of-week");
  CronFields fields;
  const bool with_seconds = words.size() == 6;
  const auto word = [&](std::size_t index) {
    return words.at(index + (with_seconds ? 1 : 0));
  };
  const auto reader = [&](std::size_t index, const FieldRule& rule) {
    return FieldReader{expression, word(index), rule};
  };
  if (with_seconds)
    fields.seconds = FieldReader{expression, words.front(), seconds_rule}.read(fields);
  fields.minutes = reader(0, minutes_rule).read(fields);
  fields.hours = reader(1, hours_rule).read(fields);
  fields.days = reader(2, days_rule).read(fields, read_last_day);
  fields.months = reader(3, months_rule).read(fields);
  fields.weekdays = fold_sunday(reader(4, weekdays_rule).read(fields, read_weekday_of_month));
  fields.by_elapsed_time = word(0).text.front() == '*' || word(1).text.front() == '*';
  fields.any_day = word(2).text.front() == '*';
  fields.any_weekday = word(4).text.front() == '*';
  return fields;
}

}  // namespace errand
