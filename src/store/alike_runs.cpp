#include "store/alike_runs.hpp"

#include <algorithm>

namespace errand::sql {
namespace {

constexpr std::size_t sets_max = 8;

bool is_same(const std::optional<Progress>& first, const std::optional<Progress>& second) {
  return first.has_value() == second.has_value() &&
         (!first || (first->done == second->done && first->note == second->note));
}

/// What is written of both is the same.
bool is_alike(const Completion& first, const Completion& second) {
  return first.claim_seq == second.claim_seq && first.holder == second.holder &&
         first.held_since == second.held_since &&
         first.transition.state == second.transition.state &&
         first.transition.crash_count == second.transition.crash_count &&
         first.transition.reason == second.transition.reason &&
         first.transition.result == second.transition.result &&
         is_same(first.progress, second.progress);
}

}  // namespace

AlikeRuns alike_runs(std::span<const Completion> completions,
                     std::span<const std::size_t> indexes,
                     std::size_t run_min) {
  AlikeRuns found;
  for (std::size_t first = 0; first < indexes.size();) {
    std::size_t end = first + 1;
    while (end < indexes.size() &&
           completions[indexes[end - 1]].id + 1 == completions[indexes[end]].id &&
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

AlikeSets alike_sets(std::span<const Completion> completions,
                     std::span<const std::size_t> indexes,
                     std::size_t set_min) {
  std::vector<std::vector<std::size_t>> sets;
  std::vector<std::size_t> set_of;
  for (const std::size_t index : indexes) {
    const auto known = std::ranges::find_if(sets, [&](const auto& set) {
      return is_alike(completions[set.front()], completions[index]);
    });
    set_of.push_back(static_cast<std::size_t>(known - sets.begin()));
    if (known != sets.end())
      known->push_back(index);
    else if (sets.size() < sets_max)
      sets.push_back({index});
  }
  AlikeSets found;
  for (std::size_t number = 0; number < indexes.size(); ++number)
    if (set_of[number] >= sets.size() || sets[set_of[number]].size() < set_min)
      found.rest.push_back(indexes[number]);
  std::erase_if(sets, [&](const auto& set) { return set.size() < set_min; });
  found.sets = std::move(sets);
  return found;
}

}  // namespace errand::sql
