#include <algorithm>
#include <errand/job.hpp>
#include <utility>

namespace errand {

Outcome Outcome::success(Json result) {
  Outcome outcome;
  outcome.result_ = std::move(result);
  return outcome;
}

Outcome Outcome::snooze(milliseconds delay) {
  Outcome outcome;
  outcome.kind_ = Kind::snooze;
  outcome.delay_ = std::max(delay, milliseconds{0});
  return outcome;
}

Outcome Outcome::give_up(std::string reason) {
  Outcome outcome;
  outcome.kind_ = Kind::give_up;
  outcome.reason_ = std::move(reason);
  return outcome;
}

}  // namespace errand
