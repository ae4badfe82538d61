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
    for (const auto& [name, run] : runs_)
      history_.runs.push_back(run);
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
