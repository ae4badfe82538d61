#include "history.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <map>
#include <sstream>
#include <time.h>

namespace errand::torture {
std::int64_t now_us() {
  timespec time{};
  ::clock_gettime(CLOCK_BOOTTIME, &time);
  return std::int64_t{time.tv_sec} * 1'000'000 + time.tv_nsec / 1000;
}

HistoryFile::HistoryFile(const std::filesystem::path& folder, const std::string& who) {
  const auto path = folder / (who + "." + std::to_string(::getpid()) + ".txt");
  fd_ = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (fd_ < 0)
    throw Error{ErrorKind::unavailable, "cannot write the history to " + path.string()};
}

HistoryFile::~HistoryFile() {
  ::close(fd_);
}

// A history with holes would acquit the guilty.
void HistoryFile::write(const std::string& line) const {
  const std::string whole = line + "\n";
  if (::write(fd_, whole.data(), whole.size()) != static_cast<ssize_t>(whole.size()))
    std::abort();
}

namespace {

class Reader {
 public:
  void read(const std::filesystem::path& file) {
    const bool is_log = file.extension() == ".log";
    std::ifstream lines{file};
    for (std::string line; std::getline(lines, line);)
      is_log ? take_logged(line) : take(line);
  }

  [[nodiscard]] History finish() {
    for (auto& [pid, begins] : lives_)
      std::sort(begins.begin(), begins.end());
    for (auto [name, run] : runs_) {
      run.node = life_of(run.node, run.start);
      run.worker = life_of(run.worker, run.start);
      history_.runs.push_back(run);
    }
    for (Fault& fault : history_.faults) {
      fault.node = life_of(fault.node, fault.begin);
      fault.worker = life_of(fault.worker, fault.begin);
    }
    std::sort(history_.runs.begin(), history_.runs.end(), [](const Run& left, const Run& right) {
      return std::pair{left.job, left.start} < std::pair{right.job, right.start};
    });
    return std::move(history_);
  }

 private:
  void take(const std::string& line) {
    std::istringstream words{line};
    std::string what;
    words >> what;
    if (what == "start")
      take_start(words);
    else if (what == "end")
      take_end(words);
    else if (what == "acknowledged")
      take_acknowledged(words);
    else if (what == "fault")
      take_fault(words);
    else if (what == "life")
      take_life(words);
  }

  void take_life(std::istream& words) {
    pid_t pid = 0;
    std::int64_t begin = 0;
    words >> pid >> begin;
    lives_[pid].push_back(begin);
  }

  /// The system gives a number of a process out again: each life but the first gets another one,
  /// beyond all that the system has.
  [[nodiscard]] pid_t life_of(pid_t pid, std::int64_t time) const {
    constexpr pid_t pids = 1 << 22;
    const auto lives = lives_.find(pid);
    if (lives == lives_.end())
      return pid;
    const auto& begins = lives->second;
    const auto later = std::upper_bound(begins.begin(), begins.end(), time);
    const auto earlier = static_cast<pid_t>(later - begins.begin());
    return pid + std::max(earlier - 1, 0) * pids;
  }

  void take_acknowledged(std::istream& words) {
    for (JobId job = 0; words >> job;)
      history_.acknowledged.push_back({job});
  }

  void take_start(std::istream& words) {
    Run run;
    words >> run.job >> run.name >> run.node >> run.worker >> run.start;
    runs_[run.name] = run;
  }

  void take_end(std::istream& words) {
    std::string name;
    std::int64_t end = 0;
    words >> name >> end;
    runs_[name].end = end;
  }

  void take_fault(std::istream& words) {
    std::string name;
    Fault fault;
    words >> name >> fault.node >> fault.worker >> fault.begin >> fault.end;
    fault.kind = fault_kind(name).value();
    history_.faults.push_back(fault);
  }

  /// The database refuses a completion without a trace: only the worker can tell.
  void take_logged(const std::string& line) {
    if (line.find("lost the claim of a job") == std::string::npos)
      return;
    const Json entry = Json::parse(line, nullptr, false);
    if (!entry.is_discarded())
      history_.refused.push_back(entry.value("id", JobId{0}));
  }

  std::map<std::string, Run> runs_{};
  std::map<pid_t, std::vector<std::int64_t>> lives_{};  ///< when each began
  History history_{};
};

}  // namespace

History read_history(const std::filesystem::path& folder) {
  Reader reader;
  if (!std::filesystem::is_directory(folder))
    reader.read(folder);
  else
    for (const auto& entry : std::filesystem::directory_iterator{folder})
      reader.read(entry.path());
  return reader.finish();
}

}  // namespace errand::torture
