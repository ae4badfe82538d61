#include "interleaving/casts.hpp"

namespace errand::testing {
namespace {

using namespace std::chrono_literals;

std::vector<Step> succeeding_worker(int worker) {
  return {claim(worker), record(worker, "success", success())};
}

std::vector<Step> failing_worker(int worker) {
  return {claim(worker), record(worker, "failure", failure(0ms))};
}

std::vector<Step> holder(int worker) {
  return {hold(worker), record_held(worker)};
}

Step both(const Step& first, const Step& second) {
  return {first.name + " and " + second.name, [=](Scene& scene, JobStore& jobs) {
            first.take(scene, jobs);
            second.take(scene, jobs);
          }};
}

/// Declares it dead; its process ends later.
std::vector<Step> rescuer_of_holder(int worker) {
  return {end_process(worker), write_claims(worker), both(look(worker), rescue(worker))};
}

std::vector<Step> rescuer_of(int worker) {
  return {end_process(worker), look(worker), rescue(worker)};
}

PreparedJob link_of_a_cron() {
  return minutely("cron", TimePoint{std::chrono::seconds{1'700'000'000}});
}

}  // namespace

std::vector<Cast> casts() {
  const PreparedJob job = work_job("a");
  const std::vector<Step> canceller{cancel()};
  const std::vector<Step> operator_{retry()};
  return {
      {"WorkerRescuerAndCanceller", job, {succeeding_worker(1), rescuer_of(1), canceller}},
      {"TwoWorkersCancellerAndOperator",
       job,
       {failing_worker(1), succeeding_worker(2), canceller, operator_}},
      {"WorkerThatPutsBackRescuerAndSecondWorker",
       job,
       {{claim(1), record(1, "snooze", back_to_waiting())}, rescuer_of(1), succeeding_worker(2)}},
      {"LostAnswerSecondWorkerAndCanceller",
       job,
       {{claim_unanswered(1), beat(1), reconcile(1)}, succeeding_worker(2), canceller}},
      {"LostAnswerAndRescuer", job, {{claim_unanswered(1), beat(1), reconcile(1)}, rescuer_of(1)}},
      {"TwoWorkersOfACronItsDeclarationAndCanceller",
       link_of_a_cron(),
       {{claim(1), record_link(1)}, {claim(2), record_link(2)}, {ensure_cron()}, canceller}},
      {"WorkerCleanerOperatorAndCanceller",
       job,
       {failing_worker(1), {clean(), clean()}, operator_, canceller}},
      {"WorkerUnknownTypesAndRemover",
       job,
       {succeeding_worker(1), {end_process(2), end_process(1), fail_unknown_types()}, {remove()}}},
  };
}

std::vector<Cast> holding_casts() {
  const PreparedJob job = work_job("a");
  const std::vector<Step> runs_on{hold(1), run_on(1), record_held(1)};
  const std::vector<Step> lets_go{hold(1), let_go(1), hold(1), record_held(1)};
  const std::vector<Step> canceller{cancel()};
  return {
      {"HolderItsRescuerAndSecondHolder", job, {holder(1), rescuer_of_holder(1), holder(2)}},
      {"HolderThatRunsOnItsRescuerAndSecondHolder",
       job,
       {runs_on, rescuer_of_holder(1), holder(2)}},
      {"HolderItsRescuerAndSecondWorker",
       job,
       {holder(1), rescuer_of_holder(1), succeeding_worker(2)}},
      {"HolderThatLetsGoAndSecondHolder", job, {lets_go, holder(2)}},
      {"TwoHoldersAndCanceller", job, {lets_go, holder(2), canceller}, true},
      {"HolderThatRunsOnSecondHolderCancellerAndRemover",
       job,
       {runs_on, holder(2), canceller, {remove()}},
       true},
  };
}

}  // namespace errand::testing
