#include "store/alike_runs.hpp"

namespace errand::sql {
namespace {

/// The second comes right after the first, and what is written of both is the same.
bool is_alike(const Completion& first, const Completion& second) {
  return first.id + 1 == second.id && first.claim_seq == second.claim_seq &&
         first.holder == second.holder && first.held_since == second.held_since &&
         first.transition.state == second.transition.state &&
         first.transition.crash_count == second.transition.crash_count &&
         first.transition.reason == second.transition.reason &&
         first.transition.result == second.transition.result;
}

}  // namespace

AlikeRuns alike_runs(std::span<const Completion> completions,
                     std::span<const std::size_t> indexes,
                     std::size_t run_min) {
  AlikeRuns found;
  for (std::size_t first = 0; first < indexes.size();) {
    std::size_t end = first + 1;
    while (end < indexes.size() &&
           is_alike(completions[indexes[end - 1]], completions[indexes[end]]))
      ++end;
    const auto run = indexes.subspan(first, end - first);
    if (run.size() >= run_min)
      found.runs.push_back(run);
    else
      found.rest.insert(found.rest.end(), run.begin(), run.end());
    first = end;
  }
  return found;
}

}  // namespace errand::sql
