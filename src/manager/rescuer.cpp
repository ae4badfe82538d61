#include "manager/rescuer.hpp"

#include <algorithm>

#include "base/random.hpp"

namespace errand {
namespace {

constexpr milliseconds pause{std::chrono::seconds{1}};

}  // namespace

void Rescuer::rescue(ChildDeath death) {
  if (attempt(death))
    return;
  const std::lock_guard lock{mutex_};
  waiting_.push_back(std::move(death));
}

milliseconds Rescuer::retry() {
  std::vector<ChildDeath> deaths;
  {
    const std::lock_guard lock{mutex_};
    deaths.swap(waiting_);
  }
  const auto failed = std::find_if_not(
      deaths.begin(), deaths.end(), [this](const ChildDeath& death) { return attempt(death); });
  if (failed == deaths.end())
    return pause;
  const std::lock_guard lock{mutex_};
  waiting_.insert(
      waiting_.begin(), std::make_move_iterator(failed), std::make_move_iterator(deaths.end()));
  return pause;
}

std::size_t Rescuer::waiting() const {
  const std::lock_guard lock{mutex_};
  return waiting_.size();
}

bool Rescuer::attempt(const ChildDeath& death) {
  try {
    Random random = Random::from_entropy();
    for (const RescuedJob& rescued : Rescue{store_, registry_}.after(with_process(death), random))
      tell_(rescued, death);
  } catch (const Error& error) {
    note(false, error.what());
    return false;
  }
  note(true, "");
  return true;
}

/// A worker may die between its row and the message that tells of it.
ChildDeath Rescuer::with_process(ChildDeath death) {
  if (death.process != 0)
    return death;
  for (const ProcessRow& row : store_.live_processes()) {
    if (row.node == node_ && row.pid == death.pid)
      death.process = row.id;
  }
  return death;
}

/// One line when it begins to fail, one when it is over.
void Rescuer::note(bool succeeded, const char* why) {
  {
    const std::lock_guard lock{mutex_};
    if (failing_ == !succeeded)
      return;
    failing_ = !succeeded;
  }
  if (succeeded)
    log_.info("the jobs of dead workers can be put back again");
  else
    log_.error("cannot put back the jobs of a dead worker; trying again every second",
               {{"why", why}});
}

}  // namespace errand
