#include "manager/slot.hpp"

#include <fstream>
#include <map>
#include <random>
#include <sstream>

#include <gmock/gmock.h>

namespace errand {
namespace {

using namespace std::chrono_literals;
using Happening = Slot::Happening;
using Action = Slot::Action;

const std::map<std::string, Happening> happenings{{"run", Happening::run},
                                                  {"spawn_failed", Happening::spawn_failed},
                                                  {"ready", Happening::ready},
                                                  {"alive", Happening::alive},
                                                  {"leaving", Happening::leaving},
                                                  {"broken", Happening::broken},
                                                  {"hung_up", Happening::hung_up},
                                                  {"overdue", Happening::overdue},
                                                  {"exited", Happening::exited},
                                                  {"crashed", Happening::crashed},
                                                  {"recycle", Happening::recycle},
                                                  {"stop", Happening::stop},
                                                  {"resumed", Happening::resumed},
                                                  {"timer", Happening::timer}};

const std::map<Action, std::string> action_names{{Action::spawn, "spawn"},
                                                 {Action::send_drain, "send_drain"},
                                                 {Action::send_stop, "send_stop"},
                                                 {Action::term, "term"},
                                                 {Action::abort, "abort"},
                                                 {Action::kill, "kill"},
                                                 {Action::alarm, "alarm"}};

SteadyPoint at(std::int64_t ms) {
  return SteadyPoint{milliseconds{ms}};
}

std::string names_of(const std::vector<Action>& actions) {
  std::string names;
  for (const Action action : actions)
    names += (names.empty() ? "" : ",") + action_names.at(action);
  return names.empty() ? "-" : names;
}

std::string text_of(const std::optional<SteadyPoint>& deadline) {
  return deadline ? std::to_string(deadline->time_since_epoch() / 1ms) : "-";
}

/// "120 ready" and "1000 stop 5000", and what should come of them.
struct Line {
  std::int64_t when{0};
  Slot::Event event{};
  std::string expected{};

  static Line parse(const std::string& text) {
    std::istringstream words{text};
    Line line;
    std::string happening;
    words >> line.when >> happening;
    line.event.happening = happenings.at(happening);
    if (line.event.happening == Happening::exited)
      words >> line.event.exit_code;
    if (line.event.happening == Happening::stop) {
      std::int64_t grace = 0;
      words >> grace;
      line.event.grace = milliseconds{grace};
    }
    std::string state;
    std::string actions;
    std::string deadline;
    words >> state >> actions >> deadline;
    line.expected = state + " " + actions + " " + deadline;
    return line;
  }
};

TEST(Slot, DoesWhatTheScenariosSay) {
  std::ifstream file{ERRAND_SLOT_SCENARIOS};
  ASSERT_TRUE(file) << ERRAND_SLOT_SCENARIOS;
  Slot slot;
  std::string scenario;
  int number = 0;
  int checked = 0;
  for (std::string text; std::getline(file, text);) {
    ++number;
    if (text.empty() || text[0] == '#')
      continue;
    if (text[0] == '=') {
      slot = Slot{};
      scenario = text;
      continue;
    }
    const Line line = Line::parse(text);
    const Slot::Step step = slot.step(line.event, at(line.when));
    const std::string actual = std::string{to_text(slot.state())} + " " + names_of(step.actions) +
                               " " + text_of(step.next_deadline);
    EXPECT_EQ(actual, line.expected) << "line " << number << " " << scenario << "\n" << text;
    ++checked;
  }
  EXPECT_GT(checked, 200);
}

TEST(Slot, TellsAnExpectedEndFromASurprise) {
  Slot slot;
  static_cast<void>(slot.step({Happening::run}, at(0)));
  static_cast<void>(slot.step({Happening::ready}, at(1)));
  EXPECT_FALSE(slot.expects_exit());
  static_cast<void>(slot.step({Happening::leaving}, at(2)));
  EXPECT_TRUE(slot.expects_exit());
  static_cast<void>(slot.step({Happening::exited, 0}, at(3)));
  EXPECT_FALSE(slot.expects_exit()) << "the next worker has said nothing yet";
  static_cast<void>(slot.step({Happening::recycle}, at(4)));
  EXPECT_TRUE(slot.expects_exit());
  static_cast<void>(slot.step({Happening::exited, 0}, at(5)));
  static_cast<void>(slot.step({Happening::stop, -1, 1s}, at(6)));
  EXPECT_TRUE(slot.expects_exit());
}

TEST(Slot, CountsRestartsFromTheSecondWorkerOn) {
  Slot slot;
  EXPECT_EQ(slot.restarts(), 0);
  static_cast<void>(slot.step({Happening::run}, at(0)));
  EXPECT_EQ(slot.restarts(), 0);
  static_cast<void>(slot.step({Happening::exited, -1}, at(1)));
  EXPECT_EQ(slot.restarts(), 1);
}

TEST(Slot, SpreadsItsBackOffSoThatSlotsDoNotMoveInStep) {
  SlotTimes times;
  times.back_off_spread = 0.5;
  Slot slot{times};
  static_cast<void>(slot.step({Happening::run}, at(0)));
  static_cast<void>(slot.step({Happening::exited, 1}, at(0)));
  const auto step = slot.step({Happening::exited, 1}, at(0));
  EXPECT_EQ(step.next_deadline, at(150));
}

TEST(Slot, StartsAtMostTwelveWorkersInTheFirstMinuteOfACrashLoop) {
  Slot slot;
  int spawned = 0;
  auto step = slot.step({Happening::run}, at(0));
  for (std::int64_t now = 0; now < 60'000;) {
    for (const Action action : step.actions)
      spawned += action == Action::spawn ? 1 : 0;
    if (slot.state() == Slot::State::starting) {
      step = slot.step({Happening::exited, -1}, at(now));
      continue;
    }
    ASSERT_TRUE(step.next_deadline.has_value());
    now = step.next_deadline->time_since_epoch() / 1ms;
    step = slot.step({Happening::timer}, at(now));
  }
  EXPECT_LE(spawned, 12);
  EXPECT_GE(spawned, 10);
}

/// What must hold after any events in any order.
void expect_sound(const Slot& slot, const Slot::Step& step) {
  using State = Slot::State;
  const bool waits = step.next_deadline.has_value();
  if (slot.state() == State::empty) {
    EXPECT_FALSE(waits);
  } else if (slot.state() != State::killing) {
    EXPECT_TRUE(waits) << "a slot in state " << to_text(slot.state()) << " would wait for ever";
  }
}

TEST(Slot, NeverWaitsForEverNorStartsASecondWorkerWhateverHappens) {
  for (unsigned seed = 0; seed < 300; ++seed) {
    std::mt19937 random{seed};
    Slot slot;
    std::int64_t now = 0;
    bool alive = false;
    for (int i = 0; i < 300; ++i) {
      now += static_cast<std::int64_t>(random() % 8000);
      Slot::Event event{static_cast<Happening>(random() % 14)};
      if (event.happening == Happening::stop && random() % 20 != 0)
        event.happening = Happening::timer;
      event.exit_code = static_cast<int>(random() % 80) - 1;
      event.grace = milliseconds{random() % 30'000};
      if (event.happening == Happening::exited || event.happening == Happening::crashed ||
          event.happening == Happening::spawn_failed)
        alive = alive && slot.state() != Slot::State::starting &&
                event.happening == Happening::spawn_failed;
      const Slot::Step step = slot.step(event, at(now));
      for (const Action action : step.actions) {
        if (action == Action::spawn) {
          ASSERT_FALSE(alive) << "seed " << seed << ", event " << i;
          alive = true;
        } else if (action != Action::alarm) {
          ASSERT_TRUE(alive) << "seed " << seed << ", event " << i;
        }
      }
      expect_sound(slot, step);
    }
  }
}

}  // namespace
}  // namespace errand
