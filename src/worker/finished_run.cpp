#include "worker/finished_run.hpp"

#include <utility>

namespace errand {

FinishedRun FinishedRun::of(ClaimedJob job) {
  FinishedRun run;
  run.id = job.id;
  run.process = job.process;
  run.claim_seq = job.claim_seq;
  run.held = job.held;
  run.started = job.started;
  run.type = job.type;
  if (job.user_id != 0) {
    job.data.clear();
    job.data.shrink_to_fit();  // an assignment would keep the room
    run.told = std::make_shared<const ClaimedJob>(std::move(job));
  }
  return run;
}

}  // namespace errand
