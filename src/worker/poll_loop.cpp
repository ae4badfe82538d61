#include "worker/poll_loop.hpp"

#include <algorithm>

#include "base/earlier.hpp"
#include "base/probe.hpp"
#include "worker/job_runner.hpp"

namespace errand {
namespace {

constexpr milliseconds back_off_first{100};
constexpr milliseconds back_off_longest{5000};
/// A hold takes a second connection, which may be what could not be had.
constexpr milliseconds hold_again_after{5000};
/// The longer, the more often jobs were left to others: many who look take time of the few who
/// work.
constexpr milliseconds look_again_longest{200};

constexpr std::chrono::seconds rest_after{1};

Transition released(int crash_count) {
  Transition transition;
  transition.to = Transition::To::scheduled;
  transition.crash_count = crash_count;
  return transition;
}

template <typename Claim>
std::optional<TimePoint> held_since(const Claim& claim) {
  return claim.held ? std::optional{claim.started} : std::nullopt;
}

Completion release_of(const ClaimedJob& job) {
  return {job.id, job.claim_seq, released(job.crash_count), job.process, held_since(job), {}};
}

Completion completion_of(const FinishedRun& run) {
  return {run.id, run.claim_seq, run.transition, run.process, held_since(run), run.progress};
}

void append(std::vector<FinishedRun>& to, std::vector<FinishedRun> from) {
  if (to.empty()) {
    to = std::move(from);
    return;
  }
  to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
}

}  // namespace

LoopEnd PollLoop::run() {
  while (true) {
    LoopState state = handover_.state();
    state.batch = batch_.value();
    const SteadyPoint now = clock_.steady_now();
    state.hold = hold_from_ <= now ? batch_.hold() : 0;
    state.may_be_short = batch_.may_be_short();
    state.held_at = held_at_;
    state.rests_at = rests_at_;
    state.more = more_;
    state.left_to_holders = left_to_holders_;
    state.next_look = look_times_.next();
    if (!unrecorded_.empty()) {
      state.finished += static_cast<int>(unrecorded_.size());
      state.oldest_finished = unrecorded_.front().at;
    }
    LoopPlan plan = plan_loop(state, now);
    if (may_claim && !may_claim())
      plan.claim = 0;
    if (plan.claim > 0 && has_room && !has_room()) {
      plan.claim = 0;
      plan.wait_until = now;
    }
    if (superseded_)
      return offer_what_ran();

    Turn turn = next_turn(plan);
    const bool idle = turn.completions.empty() && plan.claim == 0 && !plan.end_hold;
    if (idle && state.draining && state.running == 0)  // with anything queued or finished: busy
      return LoopEnd::drained;
    if (idle) {
      if (plan.rest)
        rest();
      handover_.wait(plan.wait_until, clock_);
    } else if (!perform(std::move(turn), plan.claim > 0)) {
      return LoopEnd::superseded;
    }
  }
}

void PollLoop::rest() {
  rests_at_.reset();
  handover_.drop_room();
  if (on_rest)
    on_rest();
}

PollLoop::Turn PollLoop::next_turn(const LoopPlan& plan) {
  Turn turn;
  hand_back_unheld();
  if (plan.record || plan.claim > 0 || plan.hand_back || !handed_back_.empty()) {
    end_hold(turn);
    turn.finished = std::exchange(unrecorded_, {});
    append(turn.finished, handover_.take_finished());
  }
  if (plan.hand_back) {
    for (const ClaimedJob& job : handover_.take_back())
      handed_back_.push_back(release_of(job));
    more_ = true;  // they are due: look again as soon as a lane is free
  }
  turn.completions.reserve(turn.finished.size() + handed_back_.size());
  for (const FinishedRun& run : turn.finished) {
    turn.completions.push_back(completion_of(run));
    batch_.ran(run.run_time);
  }
  for (Completion& completion : handed_back_)
    turn.completions.push_back(std::move(completion));
  handed_back_.clear();
  turn.request.process = options_.process;
  turn.request.types = options_.types;
  turn.request.limit = plan.claim;
  turn.request.told = plan.told;
  turn.request.hold = plan.hold;
  turn.request.left_before = left_to_holders_;
  turn.request.hold_target = batch_.hold_target();
  turn.request.yields = plan.yields && !limits_a_queue();
  return turn;
}

/// Then one worker more takes jobs that no other may take.
bool PollLoop::limits_a_queue() const {
  return std::ranges::any_of(options_.queues, [](const auto& queue) { return queue.limit > 0; });
}

/// Whatever is exchanged ends a hold. Before the finished runs are taken: what ends in between is
/// in both lists, and recorded first.
void PollLoop::end_hold(Turn& turn) {
  if (!held_at_)
    return;
  turn.running_on = handover_.let_go();
  more_ = true;  // what was let go is due
}

void PollLoop::hand_back_unheld() {
  std::vector<HeldClaim> claims;
  {
    const std::lock_guard lock{reconcile_mutex_};
    claims.swap(to_reconcile_);
  }
  for (const HeldClaim& claim : claims) {
    if (waits(claim) || handover_.holds(claim.id, claim.claim_seq))
      continue;
    log_.warn("releasing a job that the database says is this worker's but that it does not hold",
              {{"id", claim.id}});
    handed_back_.push_back(
        {claim.id, claim.claim_seq, released(claim.crash_count), options_.process, {}, {}});
  }
}

/// Between two turns every claim of this process is in the handover or waits here for the database:
/// anything else came of an answer that was lost.
bool PollLoop::waits(const HeldClaim& claim) const {
  const auto is_it = [&](const auto& each) {
    return each.id == claim.id && each.claim_seq == claim.claim_seq;
  };
  return std::ranges::any_of(unrecorded_, is_it) || std::ranges::any_of(handed_back_, is_it);
}

void PollLoop::choose_queues(Turn& turn) const {
  if (options_.queues.empty())
    return;
  const std::map<std::string, int> held = handover_.held_by_queue();
  for (const QueueLimit& queue : options_.queues) {
    const auto found = held.find(queue.queue);
    const int busy = found == held.end() ? 0 : found->second;
    const int free = queue.limit == 0 ? turn.request.limit : queue.limit - busy;
    if (free > 0)
      turn.queues.push_back({queue.queue, std::min(free, turn.request.limit)});
  }
  turn.request.queues = turn.queues;
  if (turn.queues.empty())
    turn.request.limit = 0;
}

bool PollLoop::perform(Turn turn, bool claims) {
  if (claims)
    choose_queues(turn);
  try {
    if (claims)
      handover_.clear_woken();
    turn.request.running_on = turn.running_on;
    if (!turn.finished.empty())
      probe("before-flush");
    const SteadyPoint asked_at = clock_.steady_now();
    ExchangeResult result = store_.exchange(turn.completions, turn.request);
    looked_for_ = clock_.steady_now() - asked_at;
    if (!turn.finished.empty())
      probe("after-flush");
    if (!result.claimed.empty())
      probe("after-claim");
    come_back();
    const bool alive = result.process_alive;
    take_result(turn, std::move(result), claims);
    return alive;
  } catch (const Error& error) {
    const std::size_t runs = turn.finished.size();
    for (std::size_t each = runs; each < turn.completions.size(); ++each) {
      handed_back_.push_back(std::move(turn.completions[each]));
    }
    unrecorded_ = std::move(turn.finished);
    if (turn.request.hold)
      hold_from_ = clock_.steady_now() + hold_again_after;
    back_off(error.what());
    return true;
  }
}

void PollLoop::take_result(Turn& turn, ExchangeResult result, bool claims) {
  held_at_.reset();
  handover_.claim_is_written(turn.running_on);
  tell_recorded(turn, result);
  if (!turn.finished.empty() || !result.claimed.empty())
    rests_at_ = clock_.steady_now() + rest_after;
  if (on_runs && !turn.finished.empty())
    on_runs(turn.finished);
  handover_.reuse(std::exchange(turn.finished, {}));
  if (!claims)
    return;
  const SteadyPoint now = clock_.steady_now();
  for (const ClaimedJob& job : result.claimed)
    batch_.took(job.data.size());
  batch_.step();
  more_ = turn.request.limit > 0 && static_cast<int>(result.claimed.size()) >= turn.request.limit;
  if (more_ && !turn.request.told && on_backlog)
    on_backlog();
  look_times_.looked(now, looked_for_, due_by(result, now));
  for (ClaimedJob& job : result.claimed)
    job.taken = now;
  drop_what_runs(result.claimed);
  if (!result.claimed.empty() && result.claimed.front().held)
    held_at_ = now;
  handover_.give(std::move(result.claimed), now);
}

std::optional<SteadyPoint> PollLoop::due_by(const ExchangeResult& result, SteadyPoint now) {
  std::optional<SteadyPoint> due;
  if (result.next_due)
    due = now + std::max(*result.next_due - result.now, TimePoint::duration{0});
  const bool left_before = std::exchange(left_to_holders_, result.left_to_holders);
  if (result.left_to_holders || left_before)
    keep_earlier(due, SteadyPoint{now + look_again_});
  look_again_ =
      result.left_to_holders ? std::min(2 * look_again_, look_again_longest) : look_again_first;
  return due;
}

/// The database lost the claim with a crash, and gave it to the same worker under the same number:
/// the run that goes on is its run.
void PollLoop::drop_what_runs(std::vector<ClaimedJob>& claimed) const {
  std::erase_if(claimed,
                [&](const ClaimedJob& job) { return handover_.holds(job.id, job.claim_seq); });
}

void PollLoop::tell_recorded(const Turn& turn, const ExchangeResult& result) {
  std::vector<const FinishedRun*> told;
  for (std::size_t each = 0; each < turn.finished.size(); ++each) {
    const FinishedRun& run = turn.finished[each];
    if (result.recorded.at(each)) {
      if (run.told)
        told.push_back(&run);
    } else {
      ++refused_;
      log_.warn("lost the claim of a job: its result is dropped, another worker decides",
                {{"id", run.id}, {"type", run.type}});
    }
  }
  if (!told.empty() && on_recorded)
    on_recorded(told, result.now);
}

void PollLoop::back_off(const std::string& why) {
  if (back_off_.count() == 0) {
    away_since_ = clock_.steady_now();
    log_.warn("cannot exchange jobs with the database; trying for ever, at most 5 s apart",
              {{"why", why}});
  }
  back_off_ = back_off_.count() == 0 ? back_off_first : std::min(back_off_ * 2, back_off_longest);
  // Half of it by chance: workers that lost the database together do not come back together.
  const SteadyPoint until =
      clock_.steady_now() + back_off_ / 2 +
      std::chrono::duration_cast<milliseconds>(back_off_ / 2 * random_.uniform());
  look_times_.try_again(until);
  while (clock_.steady_now() < until && !superseded_)
    handover_.wait(until, clock_);
}

void PollLoop::come_back() {
  if (std::exchange(back_off_, milliseconds{0}).count() == 0)
    return;
  const auto away = std::chrono::ceil<milliseconds>(clock_.steady_now() - away_since_);
  log_.info("exchanging jobs with the database again", {{"awayMs", away.count()}});
}

void PollLoop::node_looked(bool due) {
  look_times_.node_looked(clock_.steady_now(), due);
  handover_.recheck();
}

void PollLoop::supersede() {
  superseded_ = true;
  handover_.wake();
}

LoopEnd PollLoop::offer_what_ran() {
  Turn turn;
  turn.finished = std::exchange(unrecorded_, {});
  append(turn.finished, handover_.take_finished());
  for (const FinishedRun& run : turn.finished)
    turn.completions.push_back(completion_of(run));
  turn.request.process = options_.process;
  if (!turn.completions.empty())
    static_cast<void>(perform(std::move(turn), false));
  return LoopEnd::superseded;
}

void PollLoop::reconcile(std::vector<HeldClaim> claims) {
  const auto before = [](const HeldClaim& left, const HeldClaim& right) {
    return std::tie(left.id, left.claim_seq) < std::tie(right.id, right.claim_seq);
  };
  std::sort(claims.begin(), claims.end(), before);
  const std::lock_guard lock{reconcile_mutex_};
  to_reconcile_.clear();
  // One beat also lists what was recorded just after it was read: only what is there twice is
  // stuck.
  std::set_intersection(claims.begin(),
                        claims.end(),
                        last_beat_.begin(),
                        last_beat_.end(),
                        std::back_inserter(to_reconcile_),
                        before);
  last_beat_ = std::move(claims);
}

void PollLoop::release(const std::vector<ClaimedJob>& jobs) {
  std::vector<Completion> completions;
  for (const ClaimedJob& job : jobs)
    completions.push_back(release_of(job));
  if (completions.empty())
    return;
  ClaimRequest nothing;
  nothing.process = options_.process;
  static_cast<void>(store_.exchange(completions, nothing));
}

}  // namespace errand
