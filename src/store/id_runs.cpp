#include "store/id_runs.hpp"

#include <algorithm>

namespace errand::sql {

std::vector<IdRun> runs_of(std::vector<JobId> ids) {
  std::sort(ids.begin(), ids.end());
  std::vector<IdRun> runs;
  for (const JobId id : ids) {
    if (!runs.empty() && runs.back().last + 1 == id)
      runs.back().last = id;
    else
      runs.push_back({id, id});
  }
  return runs;
}

std::vector<IdRun> merged(std::vector<IdRun> runs) {
  std::sort(runs.begin(), runs.end(), [](const IdRun& left, const IdRun& right) {
    return left.first < right.first;
  });
  std::vector<IdRun> apart;
  for (const IdRun& run : runs) {
    if (!apart.empty() && run.first <= apart.back().last + 1)
      apart.back().last = std::max(apart.back().last, run.last);
    else
      apart.push_back(run);
  }
  return apart;
}

bool is_in(std::span<const IdRun> runs, JobId id) {
  const auto after =
      std::upper_bound(runs.begin(), runs.end(), id, [](JobId wanted, const IdRun& run) {
        return wanted < run.first;
      });
  return after != runs.begin() && std::prev(after)->last >= id;
}

Json to_json(std::span<const IdRun> runs) {
  Json list = Json::array();
  for (const IdRun& run : runs)
    list.push_back({run.first, run.last});
  return list;
}

std::vector<IdRun> runs_from(std::string_view json) {
  std::vector<IdRun> runs;
  for (const Json& run : Json::parse(json))
    runs.push_back({run.at(0).get<JobId>(), run.at(1).get<JobId>()});
  return runs;
}

}  // namespace errand::sql
