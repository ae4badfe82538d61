#include "store/group_commit.hpp"

#include "store/submission.hpp"

namespace errand::sql {
namespace {

constexpr std::size_t requests_per_commit_max = 256;

/// A refusal concerns one submission; anything else, the whole transaction.
bool is_refusal(const Error& failure) {
  return failure.kind() == ErrorKind::conflict || failure.kind() == ErrorKind::invalid;
}

}  // namespace

/// Lives on the stack of the thread that submits.
struct GroupCommit::Request {
  std::span<const PreparedJob> jobs{};
  std::optional<TimePoint> now{};
  std::vector<Submitted> submitted{};
  std::optional<Error> failure{};
  bool done{false};
  std::condition_variable changed{};
};

std::vector<Submitted> GroupCommit::submit(std::span<const PreparedJob> jobs,
                                           std::optional<TimePoint> now) {
  Request request{.jobs = jobs, .now = now};
  if (pool_.in_transaction()) {
    pool_.write([&](Connection& connection) { insert(connection, request, false); });
    return std::move(request.submitted);
  }
  std::unique_lock lock{mutex_};
  queue_.push_back(&request);
  while (!request.done) {
    if (led_)
      request.changed.wait(lock);
    else
      lead(lock);
  }
  if (request.failure)
    throw Error{*request.failure};
  return std::move(request.submitted);
}

void GroupCommit::lead(std::unique_lock<std::mutex>& lock) {
  const auto end = queue_.begin() +
                   static_cast<std::ptrdiff_t>(std::min(queue_.size(), requests_per_commit_max));
  const std::vector<Request*> requests{queue_.begin(), end};
  queue_.erase(queue_.begin(), end);
  led_ = true;
  lock.unlock();
  std::optional<Error> failure;
  try {
    commit_together(requests);
  } catch (const Error& error) {
    failure = error;
  } catch (const std::exception& error) {
    failure = Error{ErrorKind::unavailable,
                    std::string{"the submission was not stored: "} + error.what() +
                        "; nothing was written, try again"};
  }
  lock.lock();
  led_ = false;
  for (Request* request : requests) {
    if (failure)
      request->failure = failure;
    request->done = true;
    request->changed.notify_one();
  }
  if (!queue_.empty())
    queue_.front()->changed.notify_one();
}

void GroupCommit::commit_together(std::span<Request* const> requests) {
  const auto write_all = [&](bool guarded) {
    pool_.write([&](Connection& connection) {
      for (Request* request : requests)
        insert(connection, *request, guarded);
    });
  };
  try {
    write_all(false);
  } catch (const Error& failure) {
    if (requests.size() == 1 || !is_refusal(failure))
      throw;
    write_all(true);  // a second time, so that the refused one stands alone
  }
}

void GroupCommit::insert(Connection& connection, Request& request, bool guarded) {
  const auto now = request.now ? *request.now : connection.now();
  request.failure.reset();
  if (!guarded) {
    request.submitted = insert_jobs(connection, request.jobs, now, retention_);
    return;
  }
  connection.execute(Query::savepoint);
  try {
    request.submitted = insert_jobs(connection, request.jobs, now, retention_);
  } catch (const Error& failure) {
    if (!is_refusal(failure))
      throw;
    connection.execute(Query::rollback_to_savepoint);
    request.failure = failure;
  }
  connection.execute(Query::release_savepoint);
}

}  // namespace errand::sql
