#include "store/group_commit.hpp"

#include <algorithm>

namespace errand::sql {
namespace {

constexpr std::size_t requests_per_commit_max = 256;
constexpr std::size_t small_jobs_max = 16;

Error error_of(const std::exception& failure) {
  if (const auto* known = dynamic_cast<const Error*>(&failure))
    return *known;
  return {ErrorKind::unavailable,
          std::string{"the submission was not acknowledged: "} + failure.what() +
              "; whether it was stored is unknown: look before trying again"};
}

}  // namespace

GroupCommit::GroupCommit(ConnectionPool& pool, RetentionDefaults retention)
    : pool_{pool}, retention_{retention} {
  batch_.reserve(requests_per_commit_max);
}

/// Lives on the stack of the thread that submits.
struct GroupCommit::Request {
  std::span<const PreparedJob> jobs{};
  PreparedParts* parts{nullptr};  ///< instead of `jobs`
  std::optional<TimePoint> now{};
  const JobStore::Wake& wake;
  std::vector<Submitted> submitted{};
  std::optional<Error> failure{};
  bool out_of_memory{false};  ///< there was none left even for the failure
  bool woken{false};          ///< whoever is to look for its jobs
  bool done{false};
  std::condition_variable changed{};

  [[nodiscard]] bool is_small() const noexcept {
    return !now && parts == nullptr && jobs.size() <= small_jobs_max;
  }
};

std::vector<Submitted> GroupCommit::submit(std::span<const PreparedJob> jobs,
                                           std::optional<TimePoint> now,
                                           const JobStore::Wake& wake) {
  Request request{.jobs = jobs, .now = now, .wake = wake};
  return pool_.in_transaction() ? submit_inside(request) : submit_request(request);
}

/// A refusal must leave the program's transaction as it was: there, all are prepared first.
std::vector<Submitted> GroupCommit::submit_parts(PreparedParts& parts, const JobStore::Wake& wake) {
  Request request{.parts = &parts, .wake = wake};
  if (!pool_.in_transaction())
    return submit_request(request);
  std::vector<PreparedJob> all;
  for (auto part = parts.next(); !part.empty(); part = parts.next())
    all.insert(all.end(), part.begin(), part.end());
  return submit(all, {}, wake);
}

std::vector<Submitted> GroupCommit::submit_request(Request& request) {
  await(request);
  if (request.out_of_memory)
    throw std::bad_alloc{};
  if (request.failure)
    throw Error{*request.failure};
  if (request.wake && !request.woken)
    request.wake();
  return std::move(request.submitted);
}

/// The transaction is the program's: when it commits is not known here.
std::vector<Submitted> GroupCommit::submit_inside(Request& request) {
  Request* const alone = &request;
  pool_.write([&](Connection& connection) {
    insert(connection, request, Insertion::among_others);
    wake_early(connection, {&alone, 1});
    if (request.wake && !request.woken)
      connection.execute(Query::wake_on_commit);
  });
  return std::move(request.submitted);
}

void GroupCommit::await(Request& request) {
  std::unique_lock lock{mutex_};
  queue_.push_back(&request);
  while (!request.done) {
    if (led_)
      request.changed.wait(lock);
    else
      lead(lock);
  }
}

/// What comes in parts goes alone: it is found out on the way whether any of it is refused.
std::size_t GroupCommit::batch_size() const {
  const auto end = queue_.begin() +
                   static_cast<std::ptrdiff_t>(std::min(queue_.size(), requests_per_commit_max));
  const auto in_parts = std::find_if(
      queue_.begin(), end, [](const Request* request) { return request->parts != nullptr; });
  return std::max<std::size_t>(static_cast<std::size_t>(in_parts - queue_.begin()), 1);
}

/// Nothing between taking the requests and answering them may throw: others wait for it.
void GroupCommit::lead(std::unique_lock<std::mutex>& lock) {
  const auto end = queue_.begin() + static_cast<std::ptrdiff_t>(batch_size());
  batch_.assign(queue_.begin(), end);
  queue_.erase(queue_.begin(), end);
  led_ = true;
  lock.unlock();
  try {
    commit_together(batch_);
  } catch (const std::exception& failure) {
    tell_all(failure);
  }
  lock.lock();
  led_ = false;
  for (Request* request : batch_) {
    request->done = true;
    request->changed.notify_one();
  }
  if (!queue_.empty())
    queue_.front()->changed.notify_one();
}

void GroupCommit::tell_all(const std::exception& failure) noexcept {
  for (Request* request : batch_) {
    try {
      request->failure = error_of(failure);
    } catch (const std::bad_alloc&) {
      request->out_of_memory = true;
    }
  }
}

void GroupCommit::commit_together(std::span<Request* const> requests) {
  const auto write_all = [&](bool guarded) {
    pool_.write([&](Connection& connection) {
      if (guarded)
        for (Request* request : requests)
          insert_guarded(connection, *request);
      else
        insert_all(connection, requests);
      wake_early(connection, requests);
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

/// Where a claim waits for this transaction, its way here need not wait for the disk too.
void GroupCommit::wake_early(const Connection& connection, std::span<Request* const> requests) {
  if (!connection.habits().claims_wait)
    return;
  const auto first = std::find_if(requests.begin(), requests.end(), [](const Request* request) {
    return static_cast<bool>(request->wake);
  });
  if (first != requests.end())
    (*first)->wake();
  for (Request* request : requests)
    request->woken = true;
}

/// Small ones side by side share their statements: each would be a round trip of its own.
void GroupCommit::insert_all(Connection& connection, std::span<Request* const> requests) {
  for (auto first = requests.begin(); first != requests.end();) {
    const auto last = std::find_if_not(
        first, requests.end(), [](const Request* request) { return request->is_small(); });
    const auto together = std::max<std::ptrdiff_t>(last - first, 1);
    const auto insertion = static_cast<std::size_t>(together) == requests.size()
                               ? Insertion::alone
                               : Insertion::among_others;
    if (together > 1)
      insert_small(connection, {first, last}, insertion);
    else
      insert(connection, **first, insertion);
    first += together;
  }
}

void GroupCommit::insert_small(Connection& connection,
                               std::span<Request* const> requests,
                               Insertion insertion) {
  std::vector<PreparedJob> jobs;
  for (const Request* request : requests)
    jobs.insert(jobs.end(), request->jobs.begin(), request->jobs.end());
  const auto submitted = insert_jobs(connection, jobs, connection.now(), retention_, insertion);
  auto next = submitted.begin();
  for (Request* request : requests) {
    const auto end = next + static_cast<std::ptrdiff_t>(request->jobs.size());
    request->failure.reset();
    request->submitted.assign(next, end);
    next = end;
  }
}

void GroupCommit::insert(Connection& connection, Request& request, Insertion insertion) {
  request.failure.reset();
  if (request.parts != nullptr)
    return insert_parts_of(connection, request);
  const auto now = request.now ? *request.now : connection.now();
  request.submitted = insert_jobs(connection, request.jobs, now, retention_, insertion);
}

void GroupCommit::insert_parts_of(Connection& connection, Request& request) {
  const auto now = connection.now();
  request.parts->rewind();
  request.submitted = insert_parts(connection, *request.parts, now, retention_);
}

void GroupCommit::insert_guarded(Connection& connection, Request& request) {
  connection.execute(Query::savepoint);
  try {
    insert(connection, request, Insertion::among_others);
  } catch (const Error& failure) {
    if (!is_refusal(failure))
      throw;
    connection.execute(Query::rollback_to_savepoint);
    request.failure = failure;
  }
  connection.execute(Query::release_savepoint);
}

}  // namespace errand::sql
