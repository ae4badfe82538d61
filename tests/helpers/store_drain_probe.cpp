// A worker without handlers, as a process: claims and finishes until nothing is due.
// Arguments: database URL, file for the ids it ran.

#include <fstream>

#include "store/open_store.hpp"

int main(int argc, char** argv) {
  using namespace errand;
  if (argc != 3)
    return 2;
  const auto store = open_store({.database_url = argv[1], .durability = Durability::relaxed});
  const std::vector<std::string> types{"work"};
  NewProcess self;
  self.node = "probe";
  self.types = types;
  const ProcessId process = store->jobs().begin_process(self);
  std::ofstream ran{argv[2]};
  std::vector<Completion> completions;
  for (;;) {
    const auto result =
        store->jobs().exchange(completions, {.process = process, .limit = 11, .types = types});
    for (const bool recorded : result.recorded)
      if (!recorded)
        return 1;
    if (result.claimed.empty())
      return 0;
    completions.clear();
    for (const ClaimedJob& job : result.claimed) {
      ran << job.id << '\n';
      completions.push_back({.id = job.id, .claim_seq = job.claim_seq});
    }
  }
}
