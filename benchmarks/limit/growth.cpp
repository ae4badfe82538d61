// What a database loses itself where errand's work grows: the same work for the limit, each case
// beside the small one in turn.
#include <algorithm>
#include <array>
#include <stdexcept>

#include "common/grown.hpp"
#include "limit/limit.hpp"

namespace errand::bench {
namespace {

struct Load {
  int jobs{0};
  int workers{0};
  int payload{0};
  int kinds{1};
};

struct Case {
  const char* name{""};
  Load (*grown)(Load small, const Wishes& wishes){nullptr};
  int fewer{1};  ///< both loads have so many times fewer jobs
};

template <int bytes>
Load with_payload(Load load, const Wishes&) {
  load.payload = bytes;
  return load;
}

Load in_queues(Load load, const Wishes&) {
  load.kinds = grown_queues;
  return load;
}

Load of_priorities(Load load, const Wishes& wishes) {
  load.jobs = wishes.rows;
  load.kinds = grown_priorities;
  return load;
}

Load by_workers(Load load, const Wishes&) {
  load.workers = grown_workers;
  return load;
}

constexpr std::array<Case, 6> cases{{{"growth.queues", in_queues},
                                     {"growth.priorities", of_priorities},
                                     {"growth.workers", by_workers},
                                     {"growth.payload.1k", with_payload<1'000>},
                                     {"growth.payload.10k", with_payload<10'000>, 10},
                                     {"growth.payload.100k", with_payload<100'000>, 100}}};

double rate_of_drain(Limit& limit, const Load& load, int batch) {
  limit.set_payload(load.payload);
  limit.begin(Limit::Way::plain);
  static_cast<void>(limit.insert(load.jobs));
  if (load.kinds > 1)
    limit.spread(load.kinds);
  return load.jobs / limit.drain(Limit::Way::plain, load.workers, batch);
}

}  // namespace

std::vector<std::string> names_of_growth() {
  std::vector<std::string> names;
  for (const Case& each : cases)
    names.emplace_back(each.name);
  return names;
}

Report measure_growth(const std::string& name, Limit& limit, const Wishes& wishes) {
  const auto* const found =
      std::find_if(cases.begin(), cases.end(), [&](const Case& each) { return name == each.name; });
  if (found == cases.end())
    throw std::runtime_error{"the limit has no case " + name};
  const Load small{.jobs = std::max(1, wishes.jobs / found->fewer),
                   .workers = wishes.workers,
                   .payload = wishes.payload};
  Report report{name, std::to_string(small.jobs) + " jobs beside it"};
  for (int run = 0; run < wishes.runs; ++run) {
    const double before = rate_of_drain(limit, small, wishes.batch);
    const double after = rate_of_drain(limit, found->grown(small, wishes), wishes.batch);
    add(report, "ratio", "of small", after / before);
    add(report, "grown", "jobs/s", after);
    add(report, "small", "jobs/s", before);
  }
  return report;
}

}  // namespace errand::bench
