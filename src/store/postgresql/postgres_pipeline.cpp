#include "store/postgresql/postgres_pipeline.hpp"

#include <poll.h>

#include <libpq-fe.h>

#include "store/postgresql/postgres_wait.hpp"

namespace errand::sql {
using std::chrono::milliseconds;

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

PostgresResult PostgresPipeline::next() {
  if (stuck_ || !wait_for_answer(connection_, patience_)) {
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
