// The judge of the interleavings is judged itself: it must find what is wrong.

#include "interleaving/legality.hpp"

#include <gmock/gmock.h>

#include "interleaving/orders.hpp"

namespace errand::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using Kind = Event::Kind;

/// Events one after the other.
History in_sequence(std::vector<Event> events) {
  int clock = 0;
  for (Event& event : events) {
    event.began = ++clock;
    event.ended_at = ++clock;
  }
  return events;
}

Event claim(int number, ProcessId process = 1) {
  return {.kind = Kind::claimed, .job = 7, .process = process, .claim_seq = number};
}

Event hold(int number, ProcessId process = 1) {
  return {.kind = Kind::held, .job = 7, .process = process, .claim_seq = number};
}

Event finish(int number, JobState state = JobState::succeeded) {
  return {.kind = Kind::finished, .job = 7, .process = 1, .claim_seq = number, .state = state};
}

Event put_back(int number, bool blamed = false) {
  return {.kind = Kind::put_back, .job = 7, .process = 1, .claim_seq = number, .blamed = blamed};
}

Event of(Kind kind, ProcessId process = 0) {
  return {.kind = kind, .job = process == 0 ? 7 : 0, .process = process};
}

RowFacts row(JobState state, int claims) {
  return {.id = 7, .tag = "t", .state = state, .claim_seq = claims, .claimed_by = 1};
}

TEST(Orders, AreAllOfThemAndKeepEachActorsOwn) {
  EXPECT_THAT(orders_of({2, 1}), ElementsAre(Order{0, 0, 1}, Order{0, 1, 0}, Order{1, 0, 0}));
  EXPECT_THAT(orders_of({2, 2, 1, 1}), SizeIs(180));
  EXPECT_THAT(orders_of({}), SizeIs(1));
}

TEST(Legality, AcceptsWhatTheStateMachineAllows) {
  EXPECT_THAT(breaches_of(in_sequence({claim(1), finish(1)}), {row(JobState::succeeded, 1)}),
              IsEmpty());
  RowFacts blamed = row(JobState::started, 2);
  blamed.crash_count = 1;
  blamed.claimed_by = 2;
  EXPECT_THAT(
      breaches_of(in_sequence({claim(1), of(Kind::ended, 1), put_back(1, true), claim(2, 2)}),
                  {blamed}),
      IsEmpty());
  EXPECT_THAT(breaches_of(in_sequence({of(Kind::cancelled), of(Kind::removed)}), {}), IsEmpty());
  EXPECT_THAT(breaches_of(in_sequence({hold(1, 2), of(Kind::ended, 2), hold(1), finish(1)}),
                          {row(JobState::succeeded, 1)}),
              IsEmpty());
  EXPECT_THAT(breaches_of(in_sequence({hold(1)}), {row(JobState::scheduled, 0)}), IsEmpty());
}

struct Breach {
  std::string name{};
  std::vector<Event> events{};
  std::vector<RowFacts> rows{};
  std::string sentence{};
};

std::ostream& operator<<(std::ostream& out, const Breach& breach) {
  return out << breach.name;
}

class Breaches : public ::testing::TestWithParam<Breach> {};

TEST_P(Breaches, AreFound) {
  const auto& [name, events, rows, sentence] = GetParam();
  EXPECT_THAT(breaches_of(in_sequence(events), rows), ::testing::Contains(HasSubstr(sentence)));
}

RowFacts retry_row(int attempt = 2) {
  return {.id = 8, .tag = "t", .attempt = attempt, .rescheduled_from = 7};
}

RowFacts link(JobId id) {
  return {.id = id, .tag = "cron", .is_cron = true};
}

INSTANTIATE_TEST_SUITE_P(
    Legality,
    Breaches,
    ::testing::Values(
        Breach{"LostRow", {claim(1)}, {}, "the row is lost"},
        Breach{"RemovedAndThere",
               {of(Kind::cancelled), of(Kind::removed)},
               {row(JobState::cancelled, 0)},
               "removed, and still there"},
        Breach{"TwoClaimsOfOneNumber",
               {claim(1), claim(1, 2)},
               {row(JobState::started, 2)},
               "claimed twice under one number"},
        Breach{"HeldTwice",
               {hold(1), hold(1, 2)},
               {row(JobState::scheduled, 0)},
               "begun while it ran elsewhere"},
        Breach{"ClaimedWhileItIsHeld",
               {hold(1), claim(1, 2)},
               {row(JobState::started, 1)},
               "begun while it ran elsewhere"},
        Breach{
            "PutBackUnderItsRunner", {claim(1)}, {row(JobState::scheduled, 1)}, "runs, and waits"},
        Breach{"RefusedThoughItLives",
               {hold(1), {.kind = Kind::refused, .job = 7, .process = 1, .claim_seq = 1}},
               {row(JobState::scheduled, 1)},
               "taken from a worker that lives"},
        Breach{"RecordedWithoutAClaim",
               {finish(1)},
               {row(JobState::succeeded, 0)},
               "a claim that was never made"},
        Breach{"RecordedTwice",
               {claim(1), put_back(1), finish(1)},
               {row(JobState::succeeded, 1)},
               "recorded in two ways"},
        Breach{"TwoEnds",
               {claim(1), finish(1), of(Kind::cancelled)},
               {row(JobState::succeeded, 1)},
               "ended more than once"},
        Breach{"ResurrectedByAClaim",
               {claim(1), finish(1), claim(2)},
               {row(JobState::succeeded, 2)},
               "changed after its end"},
        Breach{"ForgottenEnd",
               {claim(1), finish(1)},
               {row(JobState::started, 1)},
               "its end and its row differ"},
        Breach{"OtherEnd",
               {claim(1), finish(1)},
               {row(JobState::failed, 1)},
               "another end than was answered"},
        Breach{"NumberNotRaised",
               {claim(1), put_back(1), claim(2)},
               {row(JobState::started, 1)},
               "wrong number of claims"},
        Breach{"StuckInStarted",
               {claim(1), put_back(1)},
               {row(JobState::started, 1)},
               "runs for nobody"},
        Breach{"HeldByAnother", {claim(1, 3)}, {row(JobState::started, 1)}, "held by another"},
        Breach{"LostWish",
               {claim(1), of(Kind::wished)},
               {row(JobState::started, 1)},
               "the wish to cancel it is lost"},
        Breach{"NotBlamed",
               {claim(1), put_back(1, true)},
               {row(JobState::scheduled, 1)},
               "blamed too often or not at all"},
        Breach{"RetryTooMany",
               {claim(1), finish(1, JobState::failed)},
               {row(JobState::failed, 1), retry_row()},
               "a retry row too many"},
        Breach{"RetryMissing",
               {claim(1), finish(1, JobState::failed), of(Kind::retried)},
               {row(JobState::failed, 1)},
               "a retry row too many or too few"},
        Breach{"WrongAttempt",
               {claim(1), finish(1, JobState::failed), of(Kind::retried)},
               {row(JobState::failed, 1), retry_row(1)},
               "a retry with the wrong number"},
        Breach{"RetriedTooEarly",
               {of(Kind::retried), claim(1), finish(1, JobState::failed)},
               {row(JobState::failed, 1), retry_row()},
               "retried before it had ended"},
        Breach{"ClaimedByTheDead",
               {of(Kind::ended, 1), claim(1)},
               {row(JobState::started, 1)},
               "a process that was dead"},
        Breach{"LeftWithTheDead",
               {claim(1), of(Kind::ended, 1), of(Kind::looked, 1)},
               {row(JobState::started, 1)},
               "left with a dead process"},
        Breach{"TwoLinksWait", {}, {link(7), link(8)}, "a second link"},
        Breach{"ChainWithoutANextLink",
               {claim(1),
                {.kind = Kind::finished,
                 .job = 7,
                 .claim_seq = 1,
                 .state = JobState::succeeded,
                 .link_follows = true}},
               {row(JobState::succeeded, 1)},
               "its cron has no next link"}),
    [](const auto& tested) { return tested.param.name; });

}  // namespace
}  // namespace errand::testing
