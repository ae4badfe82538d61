#include "store/prepared_ahead.hpp"

#include <algorithm>

namespace errand {

PreparedAhead::PreparedAhead(std::span<const NewJob> jobs,
                             const JobRegistry& registry,
                             TimePoint now)
    : jobs_{jobs}, registry_{registry}, now_{now} {
  prepare_next();
}

std::span<const PreparedJob> PreparedAhead::next() {
  read_ = true;
  part_ = ahead_.valid() ? ahead_.get() : Part{};
  prepare_next();
  for (const PreparedJob& job : part_)
    earliest_due_ = std::min(earliest_due_, due_of(job, now_));
  return part_;
}

void PreparedAhead::rewind() {
  if (!read_)
    return;
  begun_ = 0;
  earliest_due_ = TimePoint::max();
  prepare_next();
  read_ = false;  // not before: what failed to begin again is begun again the next time
}

/// By whoever asks for it, where there is no thread to be had.
void PreparedAhead::prepare_next() {
  const auto jobs = jobs_.subspan(begun_, std::min(part_size, jobs_.size() - begun_));
  begun_ += jobs.size();
  ahead_ = {};
  if (!jobs.empty())
    ahead_ = std::async(std::launch::async | std::launch::deferred,
                        [this, jobs] { return prepared(jobs); });
}

PreparedAhead::Part PreparedAhead::prepared(std::span<const NewJob> jobs) const {
  Part part;
  part.reserve(jobs.size());
  for (const NewJob& job : jobs)
    part.push_back(prepare(job, registry_, now_));
  return part;
}

}  // namespace errand
