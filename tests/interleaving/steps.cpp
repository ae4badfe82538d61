#include <algorithm>

#include "interleaving/scene.hpp"

namespace errand::testing {
namespace {

using namespace std::chrono_literals;
using Kind = Event::Kind;

std::vector<ClaimedJob> claim_one(Scene& scene, JobStore& jobs, int worker) {
  const int began = scene.tick();
  auto claimed =
      jobs.exchange({}, {.process = scene.worker(worker), .limit = 1, .types = work_types}).claimed;
  for (const ClaimedJob& job : claimed)
    scene.note({.kind = Kind::claimed,
                .job = job.id,
                .process = scene.worker(worker),
                .claim_seq = job.claim_seq},
               began);
  return claimed;
}

void record_all(Scene& scene, JobStore& jobs, const std::vector<Completion>& completions) {
  if (completions.empty())
    return;
  const int began = scene.tick();
  const auto recorded = jobs.exchange(completions, {}).recorded;
  for (std::size_t index = 0; index < completions.size(); ++index) {
    const Completion& completion = completions[index];
    const Transition& transition = completion.transition;
    Event event{.kind = Kind::refused,
                .job = completion.id,
                .process = completion.holder,
                .claim_seq = completion.claim_seq,
                .state = transition.state,
                .retry_follows = transition.retry_delay.has_value(),
                .link_follows = transition.next_slot.has_value(),
                .blamed = transition.crash_count > 0};
    if (recorded.at(index))
      event.kind = transition.to == Transition::To::finished ? Kind::finished : Kind::put_back;
    scene.note(event, began);
  }
}

template <typename Make>
std::vector<Completion> completions_for(const std::vector<ClaimedJob>& held, Make make) {
  std::vector<Completion> completions;
  for (const ClaimedJob& job : held)
    completions.push_back(completion_of(job, make(job)));
  return completions;
}

/// What a housekeeper took away or ended, of the rows that were there before.
template <typename Call>
void compare_rows(Scene& scene, Call call) {
  const int began = scene.tick();
  const auto before = scene.rows();
  if (call() == 0)
    return;
  const auto after = scene.rows();
  for (const RowFacts& old : before) {
    const auto found = std::find_if(
        after.begin(), after.end(), [&](const RowFacts& row) { return row.id == old.id; });
    if (found == after.end())
      scene.note({.kind = Kind::removed, .job = old.id}, began);
    else if (old.state == JobState::scheduled && found->state == JobState::failed)
      scene.note({.kind = Kind::failed_unknown, .job = old.id}, began);
  }
}

}  // namespace

Step claim(int worker) {
  return {of_worker("claim", worker), [worker](Scene& scene, JobStore& jobs) {
            scene.set_held(worker, claim_one(scene, jobs, worker));
          }};
}

Step claim_unanswered(int worker) {
  return {of_worker("unanswered claim", worker), [worker](Scene& scene, JobStore& jobs) {
            static_cast<void>(claim_one(scene, jobs, worker));
          }};
}

Step record(int worker, const std::string& name, const Transition& transition) {
  return {of_worker(name, worker), [worker, transition](Scene& scene, JobStore& jobs) {
            record_all(scene, jobs, completions_for(scene.held(worker), [&](const ClaimedJob& job) {
                         Transition made = transition;
                         made.crash_count = job.crash_count;
                         return made;
                       }));
          }};
}

Step record_link(int worker) {
  return {of_worker("end of a link", worker), [worker](Scene& scene, JobStore& jobs) {
            record_all(scene, jobs, completions_for(scene.held(worker), [&](const ClaimedJob& job) {
                         Transition made = success();
                         if (!job.cron_schedule.empty())
                           made.next_slot = scene.now() + 1min;
                         return made;
                       }));
          }};
}

Step end_process(int worker) {
  return {of_worker("end", worker), [worker](Scene& scene, JobStore& jobs) {
            const int began = scene.tick();
            if (jobs.end_process(scene.worker(worker), "it was killed"))
              scene.note({.kind = Kind::ended, .process = scene.worker(worker)}, began);
          }};
}

Step look(int worker) {
  return {of_worker("look at the claims", worker), [worker](Scene& scene, JobStore& jobs) {
            const int began = scene.tick();
            scene.set_look(worker, {jobs.claims_of(scene.worker(worker)), began});
          }};
}

Step rescue(int worker) {
  return {of_worker("rescue", worker), [worker](Scene& scene, JobStore& jobs) {
            const auto look = scene.look_at(worker);
            record_all(scene, jobs, completions_for(look.claims, [](const ClaimedJob& job) {
                         return back_to_waiting(0ms, job.crash_count + 1);
                       }));
            if (look.began > 0)
              scene.note({.kind = Kind::looked, .process = scene.worker(worker)}, look.began);
          }};
}

Step beat(int worker) {
  return {of_worker("beat", worker), [worker](Scene& scene, JobStore& jobs) {
            std::vector<ClaimedJob> told;
            for (const HeldClaim& claim : jobs.beat(scene.worker(worker), 1).claims) {
              ClaimedJob job;
              job.id = claim.id;
              job.claim_seq = claim.claim_seq;
              job.crash_count = claim.crash_count;
              job.process = scene.worker(worker);
              told.push_back(job);
            }
            scene.set_held(worker, told);
          }};
}

Step reconcile(int worker) {
  return record(worker, "release", back_to_waiting());
}

Step cancel() {
  return {"cancel", [](Scene& scene, JobStore& jobs) {
            const int began = scene.tick();
            try {
              if (const auto job = jobs.cancel(scene.job()))
                scene.note({.kind = job->finished ? Kind::cancelled : Kind::wished, .job = job->id},
                           began);
            } catch (const Error& error) {
              if (error.kind() != ErrorKind::conflict)
                throw;
            }
          }};
}

Step retry() {
  return {"retry", [](Scene& scene, JobStore& jobs) {
            const int began = scene.tick();
            try {
              if (jobs.retry(scene.job()))
                scene.note({.kind = Kind::retried, .job = scene.job()}, began);
            } catch (const Error& error) {
              if (error.kind() != ErrorKind::conflict)
                throw;
            }
          }};
}

Step remove() {
  return {"remove", [](Scene& scene, JobStore& jobs) {
            const int began = scene.tick();
            try {
              if (jobs.remove(scene.job()))
                scene.note({.kind = Kind::removed, .job = scene.job()}, began);
            } catch (const Error& error) {
              if (error.kind() != ErrorKind::conflict)
                throw;
            }
          }};
}

Step clean() {
  return {"clean", [](Scene& scene, JobStore& jobs) {
            compare_rows(scene, [&] { return jobs.remove_old(100, 0); });
          }};
}

Step ensure_cron() {
  return {"ensure the cron", [](Scene& scene, JobStore& jobs) {
            static_cast<void>(jobs.ensure_cron(minutely("cron", scene.now() + 1min)));
          }};
}

Step fail_unknown_types() {
  return {"fail unknown types", [](Scene& scene, JobStore& jobs) {
            compare_rows(scene, [&] { return jobs.fail_unknown_types(0ms); });
          }};
}

}  // namespace errand::testing
