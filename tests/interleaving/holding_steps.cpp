#include "interleaving/scene.hpp"

namespace errand::testing {
namespace {

using Kind = Event::Kind;

HeldJob held_job(const ClaimedJob& job) {
  return {job.id, job.claim_seq, job.started};
}

Event event_of(Kind kind, const ClaimedJob& job) {
  return {.kind = kind, .job = job.id, .process = job.process, .claim_seq = job.claim_seq};
}

ClaimRequest end_of_hold(Scene& scene, int worker) {
  return {.process = scene.worker(worker), .types = work_types, .hold = true};
}

}  // namespace

Step hold(int worker) {
  return {of_worker("hold", worker), [worker](Scene& scene, JobStore& jobs) {
            const int began = scene.tick();
            ClaimRequest request = end_of_hold(scene, worker);
            request.limit = 1;
            const auto claimed = jobs.exchange({}, request).claimed;
            for (const ClaimedJob& job : claimed)
              scene.note(event_of(job.held ? Kind::held : Kind::claimed, job), began);
            scene.set_held(worker, claimed);
            scene.lose_the_locks();
          }};
}

Step record_held(int worker) {
  return {of_worker("end of what it holds", worker), [worker](Scene& scene, JobStore& jobs) {
            const int began = scene.tick();
            std::vector<Completion> completions;
            const auto held = scene.held(worker);
            for (const ClaimedJob& job : held) {
              completions.push_back(completion_of(job, success()));
              if (job.held)
                completions.back().held_since = job.started;
            }
            const auto recorded = jobs.exchange(completions, end_of_hold(scene, worker)).recorded;
            for (std::size_t each = 0; each < held.size(); ++each) {
              Event event = event_of(recorded[each] ? Kind::finished : Kind::refused, held[each]);
              event.state = JobState::succeeded;
              scene.note(event, began);
            }
            scene.set_held(worker, {});
          }};
}

Step let_go(int worker) {
  return {of_worker("letting go", worker), [worker](Scene& scene, JobStore& jobs) {
            const int began = scene.tick();
            static_cast<void>(jobs.exchange({}, end_of_hold(scene, worker)));
            for (const ClaimedJob& job : scene.held(worker))
              scene.note(event_of(Kind::let_go, job), began);
            scene.set_held(worker, {});
          }};
}

Step run_on(int worker) {
  return {of_worker("running on", worker), [worker](Scene& scene, JobStore& jobs) {
            auto held = scene.held(worker);
            std::vector<HeldJob> running;
            for (const ClaimedJob& job : held)
              running.push_back(held_job(job));
            ClaimRequest request = end_of_hold(scene, worker);
            request.running_on = running;
            static_cast<void>(jobs.exchange({}, request));
            for (ClaimedJob& job : held)
              job.held = false;
            scene.set_held(worker, held);
          }};
}

Step write_claims(int worker) {
  return {of_worker("death", worker), [worker](Scene& scene, JobStore& jobs) {
            const int began = scene.tick();
            const auto held = scene.held(worker);
            scene.set_held(worker, {});
            std::vector<HeldJob> ran;
            for (const ClaimedJob& job : held)
              ran.push_back(held_job(job));
            jobs.write_claims(scene.worker(worker), ran, true);
            for (const ClaimedJob& job : held)
              scene.note(event_of(Kind::blamed, job), began);
          }};
}

}  // namespace errand::testing
