#include "store/claimed_rows.hpp"

#include <algorithm>
#include <numeric>

#include "store/held_note.hpp"
#include "store/job_rows.hpp"

namespace errand::sql {
namespace {

std::vector<std::size_t> places_by_id(const std::vector<ClaimedJob>& claimed) {
  std::vector<std::size_t> places(claimed.size());
  std::iota(places.begin(), places.end(), std::size_t{0});
  std::ranges::sort(places, {}, [&](std::size_t place) { return claimed[place].id; });
  return places;
}

/// The claim itself is what was read while nobody else wrote.
ClaimedJob with_row(const ClaimedJob& claim, const Row& row) {
  ClaimedJob job = claimed_from(row);
  job.process = claim.process;
  job.claim_seq = claim.claim_seq;
  job.started = claim.started;
  job.held = claim.held;
  return job;
}

}  // namespace

void read_claimed_rows(Connection& connection, std::vector<ClaimedJob>& claimed) {
  const std::vector<IdRun> runs = runs_of(claimed);
  const std::vector<std::size_t> places = places_by_id(claimed);
  std::vector<bool> is_there(claimed.size());
  auto place = places.begin();
  connection.run(Query::claimed_rows,
                 {.times = runs.size(),
                  .bind =
                      [&](std::size_t item, Parameters& parameters) {
                        parameters.set_all(runs[item].first, runs[item].last);
                      },
                  .on_row =
                      [&](std::size_t, const Row& row) {
                        while (claimed[*place].id != row.integer(0))
                          ++place;
                        claimed[*place] = with_row(claimed[*place], row);
                        is_there[*place] = true;
                      }});
  auto next = is_there.begin();
  std::erase_if(claimed, [&](const ClaimedJob&) { return !*next++; });
}

}  // namespace errand::sql
