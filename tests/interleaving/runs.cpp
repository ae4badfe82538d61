#include "interleaving/runs.hpp"

#include <algorithm>

namespace errand::testing {
namespace {

using Kind = Event::Kind;

bool is_of_run(const Event& event, const Event& run) {
  return event.job == run.job && event.process == run.process && event.claim_seq == run.claim_seq;
}

bool ends_for_anybody(const Event& event) {
  return event.kind == Kind::cancelled || event.kind == Kind::removed ||
         event.kind == Kind::failed_unknown;
}

}  // namespace

bool begins_a_run(const Event& event) {
  return event.kind == Kind::claimed || event.kind == Kind::held;
}

bool has_ended_by(const History& history, const Event& run, int time) {
  return std::any_of(history.begin(), history.end(), [&](const Event& event) {
    return event.began <= time && is_of_run(event, run) && !begins_a_run(event) &&
           event.kind != Kind::blamed;
  });
}

bool is_dead_by(const History& history, ProcessId process, int time) {
  return std::any_of(history.begin(), history.end(), [&](const Event& event) {
    return event.kind == Kind::ended && event.began <= time && event.process == process;
  });
}

bool is_decided_by(const History& history, const Event& refused) {
  return std::any_of(history.begin(), history.end(), [&](const Event& event) {
    const bool ends_this_claim =
        is_of_run(event, refused) && (event.kind == Kind::finished || event.kind == Kind::put_back);
    return event.began <= refused.ended_at && event.job == refused.job &&
           (ends_this_claim || ends_for_anybody(event));
  });
}

}  // namespace errand::testing
