#include "store/submission_conflict.hpp"

namespace errand::sql {
namespace {

/// The keys in question: one, or the first few when a statement inserted several jobs.
std::string keys_of(std::span<const PreparedJob> jobs, std::string PreparedJob::*key) {
  constexpr int shown_max = 3;
  std::string keys;
  int shown = 0;
  for (const PreparedJob& job : jobs) {
    if ((job.*key).empty())
      continue;
    if (shown == shown_max)
      return keys + ", …";
    keys += (shown++ == 0 ? "" : ", ") + job.*key;
  }
  return keys;
}

}  // namespace

void explain_conflict(const Error& conflict, std::span<const PreparedJob> jobs) {
  if (conflict.field() == "unique_key")
    throw Error{ErrorKind::conflict,
                "nothing was stored: an unfinished job has the unique key (" +
                    keys_of(jobs, &PreparedJob::unique_key) +
                    "); wait for its end or choose another key",
                "uniqueKey"};
  if (conflict.field() == "tag")
    throw Error{ErrorKind::conflict,
                "nothing was stored: a run of the cron (" + keys_of(jobs, &PreparedJob::tag) +
                    ") is waiting already; cancel that one first or submit with onPendingTag "
                    "replace",
                "tag"};
  throw Error{conflict};
}

}  // namespace errand::sql
