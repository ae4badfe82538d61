#include "store/postgresql/postgres_copy.hpp"

#include <libpq-fe.h>

#include "store/postgresql/postgres_values.hpp"
#include "store/postgresql/postgres_wait.hpp"

namespace errand::sql {
namespace {

using namespace std::string_view_literals;

/// The signature, no flags, no extension.
constexpr auto head = "PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0"sv;
constexpr auto tail = "\377\377"sv;
/// The server works on these while the next are made ready.
constexpr std::size_t sent_together_bytes = 32 * 1024;

}  // namespace

PostgresCopy::PostgresCopy(PGconn& connection,
                           std::optional<std::chrono::milliseconds> patience,
                           const char* sql)
    : connection_{connection},
      patience_{patience},
      was_nonblocking_{PQisnonblocking(&connection) != 0},
      bytes_{head} {
  lost_ = PQsetnonblocking(&connection_, 1) != 0 || PQsendQuery(&connection_, sql) == 0;
  if (lost_)
    return;
  refusal_ = answer();
  open_ = PQresultStatus(refusal_.get()) == PGRES_COPY_IN;
  if (!open_)
    drain();
}

PostgresCopy::~PostgresCopy() {
  if (open_) {
    PQputCopyEnd(&connection_, "given up");
    drain();
  }
  if (!stuck_)
    PQsetnonblocking(&connection_, was_nonblocking_ ? 1 : 0);
}

void PostgresCopy::add(std::span<const Oid> types, std::span<const Param> values) {
  if (!open_)
    return;  // why shows at the end
  bytes_.push_back(static_cast<char>(values.size() >> 8U));
  bytes_.push_back(static_cast<char>(values.size()));
  for (std::size_t column = 0; column < values.size(); ++column)
    append_field(bytes_, types[column], values[column]);
  if (bytes_.size() >= sent_together_bytes)
    send();
}

/// No more than that is kept for a server that is slower.
void PostgresCopy::send() {
  const int size = static_cast<int>(bytes_.size());
  if (open_ && !lost_ && !stuck_) {
    lost_ = PQputCopyData(&connection_, bytes_.data(), size) != 1;
    stuck_ = !lost_ && !wait_until_sent(connection_, patience_);
  }
  sent_bytes_ += bytes_.size();
  bytes_.clear();
}

PostgresResult PostgresCopy::answer() {
  if (stuck_ || !wait_for_answer(connection_, patience_)) {
    stuck_ = true;
    return nullptr;
  }
  return PostgresResult{PQgetResult(&connection_)};
}

/// Up to the null that ends an answer. From one that wants rows on there is no way back.
void PostgresCopy::drain() {
  while (const auto left = answer())
    stuck_ = stuck_ || PQresultStatus(left.get()) == PGRES_COPY_IN;
}

PostgresResult PostgresCopy::end() {
  if (!open_)
    return std::move(refusal_);
  bytes_.append(tail);
  send();
  lost_ = lost_ || PQputCopyEnd(&connection_, nullptr) != 1;
  open_ = false;
  auto said = answer();
  stuck_ = stuck_ || PQresultStatus(said.get()) == PGRES_COPY_IN;
  drain();
  return stuck_ ? nullptr : std::move(said);
}

PostgresFailure PostgresCopy::loss() const {
  PostgresFailure failure = failure_of(&connection_, nullptr);
  if (stuck_)
    failure.message = "no answer came in time";
  return failure;
}

}  // namespace errand::sql
