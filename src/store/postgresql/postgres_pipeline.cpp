#include "store/postgresql/postgres_pipeline.hpp"

#include <poll.h>

#include <cerrno>

#include <libpq-fe.h>

namespace errand::sql {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

/// Waits for the socket; false when the deadline passed first.
bool wait_for(int socket, short events, std::optional<Clock::time_point> deadline) {
  for (;;) {
    int timeout = -1;
    if (deadline)
      timeout = static_cast<int>(std::max<std::int64_t>(
          0, std::chrono::ceil<milliseconds>(*deadline - Clock::now()).count()));
    pollfd waited{socket, events, 0};
    const int ready = ::poll(&waited, 1, timeout);
    if (ready > 0)
      return true;
    if (ready == 0)
      return false;
    if (errno != EINTR)
      return true;  // what is wrong shows at the next read
  }
}

}  // namespace

void ClearResult::operator()(PGresult* result) const noexcept {
  PQclear(result);
}

bool is_good(const PostgresResult& result) {
  const auto status = PQresultStatus(result.get());
  return status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK;
}

PostgresPipeline::PostgresPipeline(PGconn& connection, std::optional<milliseconds> patience)
    : connection_{connection},
      patience_{patience},
      was_nonblocking_{PQisnonblocking(&connection) != 0} {
  if (PQsetnonblocking(&connection_, 1) != 0 || PQenterPipelineMode(&connection_) == 0)
    lost_ = true;
}

PostgresPipeline::~PostgresPipeline() {
  drain();
  if (!stuck_) {
    PQexitPipelineMode(&connection_);
    PQsetnonblocking(&connection_, was_nonblocking_ ? 1 : 0);
  }
}

template <typename Send>
void PostgresPipeline::ask(Send send) {
  ++asked_;
  lost_ = lost_ || send() != 1;
  sent_ += lost_ ? 0 : 1;
}

void PostgresPipeline::query(const char* sql) {
  query(sql, {}, {}, ResultForm::binary);
}

void PostgresPipeline::query(const char* sql,
                             std::span<const Oid> types,
                             const EncodedValues& values,
                             ResultForm form) {
  ask([&] {
    return PQsendQueryParams(&connection_,
                             sql,
                             values.size(),
                             types.empty() ? nullptr : types.data(),
                             values.values().data(),
                             values.lengths(),
                             values.formats(),
                             form == ResultForm::binary ? 1 : 0);
  });
}

void PostgresPipeline::prepare(const char* name, const char* sql, std::span<const Oid> types) {
  ask([&] {
    return PQsendPrepare(&connection_,
                         name,
                         sql,
                         static_cast<int>(types.size()),
                         types.empty() ? nullptr : types.data());
  });
}

void PostgresPipeline::describe(const char* name) {
  ask([&] { return PQsendDescribePrepared(&connection_, name); });
}

void PostgresPipeline::execute(const char* name, const EncodedValues& values) {
  ask([&] {
    return PQsendQueryPrepared(&connection_,
                               name,
                               values.size(),
                               values.values().data(),
                               values.lengths(),
                               values.formats(),
                               1);
  });
}

void PostgresPipeline::synchronize() {
  synchronized_ = true;
  if (PQpipelineSync(&connection_) == 0)
    lost_ = true;
}

/// False: the answer did not come in time. What is still unsent goes out meanwhile.
bool PostgresPipeline::wait_for_answer() {
  const auto deadline = patience_ ? std::optional{Clock::now() + *patience_} : std::nullopt;
  for (;;) {
    const int unsent = PQflush(&connection_);
    if (unsent < 0 || PQisBusy(&connection_) == 0)
      return true;
    const int events = POLLIN | (unsent > 0 ? POLLOUT : 0);
    if (!wait_for(PQsocket(&connection_), static_cast<short>(events), deadline))
      return false;
    if (PQconsumeInput(&connection_) == 0)
      return true;
  }
}

PostgresResult PostgresPipeline::next() {
  if (stuck_ || !wait_for_answer()) {
    stuck_ = true;
    return nullptr;
  }
  return PostgresResult{PQgetResult(&connection_)};
}

std::vector<PostgresResult> PostgresPipeline::run() {
  synchronize();
  std::vector<PostgresResult> results;
  results.reserve(asked_);
  while (results.size() < sent_) {
    results.push_back(next());
    const auto status = PQresultStatus(results.back().get());
    if (status == PGRES_COPY_IN || status == PGRES_COPY_OUT || status == PGRES_COPY_BOTH)
      stuck_ = true;  // no way back from there
    if (results.back() && !stuck_)
      while (next())  // the null that ends each answer
        continue;
  }
  results.resize(asked_);
  if (lost_ && sent_ == asked_)
    results.emplace_back();  // only what ends them could not be sent
  drain();
  return results;
}

void PostgresPipeline::drain() {
  if (drained_)
    return;
  drained_ = true;
  if (!synchronized_ && sent_ > 0)
    synchronize();
  if (sent_ == 0 && !synchronized_)
    return;
  int nulls = 0;
  while (!stuck_ && PQstatus(&connection_) == CONNECTION_OK && nulls < 2) {
    const auto result = next();
    if (PQresultStatus(result.get()) == PGRES_PIPELINE_SYNC && result)
      return;
    nulls = result ? 0 : nulls + 1;
  }
}

PostgresFailure PostgresPipeline::loss() const {
  PostgresFailure failure = failure_of(&connection_, nullptr);
  if (stuck_)
    failure.message = "no answer came in time";
  return failure;
}

bool has_hung_up(PGconn& connection) noexcept {
  if (PQstatus(&connection) != CONNECTION_OK)
    return true;
  pollfd looked{PQsocket(&connection), POLLIN | POLLRDHUP, 0};
  if (::poll(&looked, 1, 0) <= 0)
    return false;
  if ((looked.revents & (POLLRDHUP | POLLHUP | POLLERR | POLLNVAL)) != 0)
    return true;
  return PQconsumeInput(&connection) == 0 || PQstatus(&connection) != CONNECTION_OK;
}

}  // namespace errand::sql
