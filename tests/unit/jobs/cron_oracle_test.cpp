// Compares with an independent program, tests/helpers/cron_oracle.py, around changes of the clocks.
#include <cstdio>
#include <errand/error.hpp>
#include <set>
#include <sstream>

#include <gtest/gtest.h>

#include "jobs/cron.hpp"

namespace errand {
namespace {

struct OracleCase {
  std::string zone{};
  std::string schedule{};
  TimePoint start{};
  TimePoint end{};
  std::string slots{};
};

TimePoint at_second(const std::string& text) {
  return TimePoint{std::chrono::seconds{std::stoll(text)}};
}

std::string read_oracle() {
  std::FILE* pipe = ::popen(ERRAND_CRON_ORACLE, "r");
  EXPECT_NE(pipe, nullptr);
  std::string text;
  std::array<char, 65'536> buffer{};
  while (const std::size_t count = std::fread(buffer.data(), 1, buffer.size(), pipe))
    text.append(buffer.data(), count);
  EXPECT_EQ(::pclose(pipe), 0);
  return text;
}

OracleCase parse_case(const std::string& line) {
  std::istringstream stream{line};
  OracleCase result;
  std::string start;
  std::string end;
  std::getline(stream, result.zone, '\t');
  std::getline(stream, result.schedule, '\t');
  std::getline(stream, start, '\t');
  std::getline(stream, end, '\t');
  std::getline(stream, result.slots, '\t');
  result.start = at_second(start);
  result.end = at_second(end);
  return result;
}

std::string our_slots(const OracleCase& expected) {
  const Cron cron = Cron::parse(expected.schedule, expected.zone);
  std::string slots;
  for (auto slot = cron.next_after(expected.start); slot && *slot <= expected.end;
       slot = cron.next_after(*slot)) {
    const auto second = std::chrono::floor<std::chrono::seconds>(*slot).time_since_epoch().count();
    slots += (slots.empty() ? "" : ",") + std::to_string(second);
  }
  return slots;
}

TEST(CronOracle, agrees_about_every_slot_around_every_change_of_the_clocks) {
  std::set<std::string> zones;
  std::set<std::string> schedules;
  std::istringstream lines{read_oracle()};
  int cases = 0;
  for (std::string line; std::getline(lines, line); ++cases) {
    const OracleCase expected = parse_case(line);
    zones.insert(expected.zone);
    schedules.insert(expected.schedule);
    ASSERT_EQ(our_slots(expected), expected.slots)
        << "schedule \"" << expected.schedule << "\" in " << expected.zone;
  }
  EXPECT_GE(zones.size(), 120U);
  EXPECT_GE(schedules.size(), 30U);
  EXPECT_GE(cases, 120 * 2 * 30);
}

}  // namespace
}  // namespace errand
