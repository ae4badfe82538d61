#include "once/account.hpp"

#include <unistd.h>

#include <algorithm>
#include <iomanip>
#include <iostream>
#include <map>

#include "jobs/files.hpp"

namespace demo {
namespace {

std::string took(const errand::Job& job) {
  if (!job.started || !job.finished)
    return "-";
  const auto duration =
      std::chrono::duration_cast<errand::milliseconds>(*job.finished - *job.started);
  return std::to_string(duration.count()) + " ms";
}

std::string remark(const errand::Job& job) {
  if (job.state == errand::JobState::succeeded)
    return job.result.dump();
  return job.error.is_object() ? job.error.value("error", job.reason) : job.reason;
}

void print_job(const FinishedAssignment& one) {
  std::cout << std::left << "  " << std::setw(5) << one.job.id << std::setw(15) << one.job.type
            << std::setw(6) << one.job.user_id << std::setw(11) << one.job.outcome << std::setw(9)
            << one.job.attempt << std::setw(9) << one.pid << std::setw(9) << took(one.job)
            << remark(one.job) << "\n";
}

void print_news(const Watcher& watcher) {
  std::map<std::string, int> counts;
  for (const errand::Json& event : watcher.events()) {
    const std::string type = event.value("type", "");
    ++counts[type == "notification_received" ? event["data"]["data"].value("type", "") : type];
  }
  std::cout << "  user " << watcher.user_id() << ":";
  for (const auto& [type, count] : counts)
    std::cout << "  " << count << " x " << type;
  std::cout << "\n";
}

void print_files(const Settings& settings) {
  for (const auto& folder : {settings.thumbnails(), settings.mail(), settings.reports()}) {
    std::vector<std::filesystem::path> paths;
    for (const auto& entry : std::filesystem::directory_iterator{folder})
      paths.push_back(entry.path());
    std::sort(paths.begin(), paths.end());
    for (const auto& path : paths)
      std::cout << "  " << path.string() << "  " << std::filesystem::file_size(path) << " bytes\n";
  }
}

}  // namespace

void print_account(const std::vector<FinishedAssignment>& finished,
                   const std::vector<const Watcher*>& watchers,
                   const Settings& settings) {
  std::cout << "\nJobs, each run by a child of the server (pid " << ::getpid() << "):\n  "
            << std::left << std::setw(5) << "job" << std::setw(15) << "type" << std::setw(6)
            << "user" << std::setw(11) << "outcome" << std::setw(9) << "attempt" << std::setw(9)
            << "pid" << std::setw(9) << "took"
            << "result\n";
  for (const FinishedAssignment& one : finished)
    print_job(one);
  std::cout << "\nHeard over WebSocket, each by its own user and by nobody else:\n";
  for (const Watcher* watcher : watchers)
    print_news(*watcher);
  std::cout << "\nFiles written:\n";
  print_files(settings);
}

}  // namespace demo
