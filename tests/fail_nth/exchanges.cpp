#include "fail_nth/scenarios.hpp"

namespace errand::testing {
namespace {

using namespace std::chrono_literals;

using MakeTransition = std::function<Transition(std::size_t index, Bench& bench)>;

std::string told(const ExchangeResult& result) {
  std::string text = result.process_alive ? "alive, recorded" : "dead, recorded";
  for (const bool recorded : result.recorded)
    text += recorded ? " yes" : " no";
  text += ", claimed";
  for (const ClaimedJob& job : result.claimed)
    text += ' ' + job.tag + '/' + std::to_string(job.claim_seq);
  return text;
}

void hold(Bench& bench, int jobs) {
  std::vector<PreparedJob> some;
  for (int each = 0; each < jobs; ++each)
    some.push_back(work_job("t" + std::to_string(each)));
  bench.submit(some);
  bench.claim();
}

Scenario recording(std::string name,
                   std::function<void(Bench&)> prepare,
                   MakeTransition make,
                   bool claims = false) {
  return {std::move(name),
          std::move(prepare),
          [make = std::move(make), claims](Bench& bench, Store& store) {
            std::vector<Completion> completions;
            for (std::size_t index = 0; index < bench.held.size(); ++index)
              completions.push_back(completion_of(bench.held[index], make(index, bench)));
            return told(store.jobs().exchange(completions, bench.request(claims ? 10 : 0)));
          },
          !claims};
}

Transition next_minute(Bench& bench) {
  Transition done = success();
  done.next_slot = bench.now() + 1min;
  return done;
}

/// One of each way in which a run ends, over and over.
Transition of_every_kind(std::size_t index, Bench& bench) {
  switch (index % 5) {
    case 0:
      return success();
    case 1:
      return failure(1h);
    case 2:
      return back_to_waiting(5min);
    case 3:
      return back_to_waiting(0ms, 1);
    default:
      return next_minute(bench);
  }
}

/// The database takes all but the one in the middle, which the store then has to find.
void hold_a_refused_one(Bench& bench) {
  bench.refuse_to_finish("refused");
  bench.submit({work_job("a"), work_job("refused"), work_job("b")});
  bench.claim();
}

Scenario claiming(std::string name, std::function<void(Bench&)> prepare) {
  return {std::move(name), std::move(prepare), [](Bench& bench, Store& store) {
            return told(store.jobs().exchange({}, bench.request(10)));
          }};
}

void nothing_due(Bench& bench) {
  PreparedJob later = work_job("later");
  later.due = Due{1h};
  bench.submit({later});
}

void hold_a_link(Bench& bench) {
  bench.submit({minutely("cron", bench.now())});
  bench.claim();
}

/// Where the database can, by the locks of the store that is tested.
void hold_short_ones(Bench& bench) {
  bench.submit({work_job("a"), work_job("b"), minutely("c", bench.now())});
  ClaimRequest request = bench.request(10);
  request.hold = true;
  bench.held = bench.failing().jobs().exchange({}, request).claimed;
}

Completion end_of(const ClaimedJob& job, const Transition& transition) {
  Completion completion = completion_of(job, transition);
  if (job.held)
    completion.held_since = job.started;
  return completion;
}

Scenario ending_a_hold(std::string name, MakeTransition make) {
  return {std::move(name), hold_short_ones, [make = std::move(make)](Bench& bench, Store& store) {
            std::vector<Completion> completions;
            for (std::size_t index = 0; index < bench.held.size(); ++index)
              completions.push_back(end_of(bench.held[index], make(index, bench)));
            return told(store.jobs().exchange(completions, bench.request(0)));
          }};
}

/// One has ended, one runs on, one was not begun.
Scenario running_on() {
  return {"EndOfAHoldWhileOneRunsOn", hold_short_ones, [](Bench& bench, Store& store) {
            const ClaimedJob& runs = bench.held.at(1);
            const std::vector<HeldJob> running{{runs.id, runs.claim_seq, runs.started}};
            ClaimRequest request = bench.request(0);
            request.running_on = running;
            const std::vector<Completion> completions{end_of(bench.held.at(0), success())};
            return told(store.jobs().exchange(completions, request));
          }};
}

Scenario holding() {
  return {"Hold",
          [](Bench& bench) {
            bench.submit({work_job("a"), work_job("b")});
          },
          [](Bench& bench, Store& store) {
            ClaimRequest request = bench.request(10);
            request.hold = true;
            const std::string claimed = told(store.jobs().exchange({}, request));
            return claimed + told(store.jobs().exchange({}, bench.request(0)));
          },
          true,
          false,
          2};
}

Scenario in_a_transaction() {
  return {"CompletionInTheHandlersTransaction",
          [](Bench& bench) { hold(bench, 1); },
          [](Bench& bench, Store& store) {
            return store.database().with_transaction([&](Transaction& tx) {
              tx.execute("UPDATE worker_jobs SET priority = priority + 1 WHERE started IS NULL");
              const bool done =
                  store.jobs().complete_in(tx, completion_of(bench.held.at(0), success()));
              return std::string{done ? "done" : "stale"};
            });
          }};
}

}  // namespace

std::vector<Scenario> exchanges() {
  const auto one = [](Bench& bench) {
    hold(bench, 1);
  };
  const auto one_and_more = [](Bench& bench) {
    hold(bench, 1);
    bench.submit({work_job("next"), work_job("after it")});
  };
  const auto always = [](const Transition& transition) {
    return [transition](std::size_t, Bench&) {
      return transition;
    };
  };
  Scenario refused = recording("OneIsRefused", hold_a_refused_one, always(success()));
  refused.in_steps = true;
  return {
      claiming("Claim",
               [](Bench& bench) {
                 bench.submit({work_job("a"), work_job("b")});
               }),
      claiming("ClaimWhenNothingIsDue", nothing_due),
      recording("Success", one, always(success())),
      recording("FailureWithARetry", one, always(failure(1h))),
      recording("FailureWithARetryAndAClaim", one_and_more, always(failure(1h)), true),
      recording("ALinkOfACron",
                hold_a_link,
                [](std::size_t, Bench& bench) { return next_minute(bench); }),
      recording("PutBack", one, always(back_to_waiting())),
      recording("Snooze", one, always(back_to_waiting(5min))),
      recording(
          "ManyOfOneKind", [](Bench& bench) { hold(bench, 70); }, always(success())),
      recording(
          "OfEveryKind", [](Bench& bench) { hold(bench, 10); }, of_every_kind, true),
      refused,
      holding(),
      ending_a_hold("EndOfAHold", always(success())),
      ending_a_hold("EndOfAHoldWithRetries", always(failure(1h))),
      ending_a_hold("EndOfAHoldOfEveryKind", of_every_kind),
      running_on(),
      in_a_transaction(),
  };
}

}  // namespace errand::testing
