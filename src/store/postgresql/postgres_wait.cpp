#include "store/postgresql/postgres_wait.hpp"

#include <poll.h>

#include <algorithm>
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

/// `is_over` is told what PQflush said.
template <typename IsOver>
bool wait_until(PGconn& connection, std::optional<milliseconds> patience, IsOver is_over) {
  std::optional<Clock::time_point> deadline;
  if (patience)
    deadline.emplace(Clock::now() + *patience);
  for (;;) {
    const int unsent = PQflush(&connection);
    if (unsent < 0 || is_over(unsent))
      return true;
    const int events = POLLIN | (unsent > 0 ? POLLOUT : 0);
    if (!wait_for(PQsocket(&connection), static_cast<short>(events), deadline))
      return false;
    if (PQconsumeInput(&connection) == 0)
      return true;
  }
}

}  // namespace

bool wait_for_answer(PGconn& connection, std::optional<milliseconds> patience) {
  return wait_until(connection, patience, [&](int) { return PQisBusy(&connection) == 0; });
}

bool wait_until_sent(PGconn& connection, std::optional<milliseconds> patience) {
  return wait_until(connection, patience, [](int unsent) { return unsent == 0; });
}

}  // namespace errand::sql
