#include <fmt/format.h>
#include <ostream>

#include "cli/commands.hpp"
#include "cli/exit_code.hpp"
#include "cli/show.hpp"
#include "cli/table.hpp"
#include "jobs/job_json.hpp"

namespace errand::cli {
namespace {

std::string running_text(const WorkerInfo& worker) {
  if (worker.ended)
    return worker.end_note;
  std::string text;
  for (const Job& job : worker.running)
    text += fmt::format(
        "{}{} {} since {}", text.empty() ? "" : ", ", job.id, job.type, shown_time(job.started));
  return text.empty() ? "idle" : text;
}

/// A node's name is long and means nothing to people: its beginning tells two nodes of one host
/// apart.
std::string node_text(const WorkerInfo& worker) {
  constexpr std::size_t shown = 6;
  const std::string prefix = worker.node.substr(0, shown);
  return worker.hostname.empty() ? prefix : fmt::format("{} ({})", worker.hostname, prefix);
}

}  // namespace

int list_workers(const Terminal& terminal, WorkerManager& manager) {
  const std::vector<WorkerInfo> workers = manager.list_workers();
  if (terminal.json) {
    Json json = Json::array();
    for (const WorkerInfo& worker : workers)
      json.push_back(to_json(worker));
    print_json(terminal, json);
    return exit_done;
  }
  Table table{{"ID", "NODE", "SLOT", "PID", "SINCE (UTC)", "ENDED (UTC)", "MEMORY", "RUNS"}};
  for (const WorkerInfo& worker : workers)
    table.add({std::to_string(worker.id),
               node_text(worker),
               std::to_string(worker.slot),
               std::to_string(worker.pid),
               shown_time(worker.started),
               shown_time(worker.ended),
               worker.rss_bytes == 0 ? "-" : shown_bytes(worker.rss_bytes),
               running_text(worker)});
  terminal.out << (table.empty() ? "no workers\n" : table.text(terminal.width));
  return exit_done;
}

}  // namespace errand::cli
