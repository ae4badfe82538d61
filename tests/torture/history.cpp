#include "history.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <fmt/format.h>
#include <fstream>
#include <map>
#include <sstream>
#include <string_view>
#include <time.h>

namespace errand::torture {
namespace {

constexpr std::array<std::string_view, 5> fault_names{
    "kill-worker", "kill-node", "freeze-node", "take-worker", "restart-database"};

}  // namespace

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

std::string line_of(const Fault& fault) {
  return fmt::format("fault {} {} {} {} {}",
                     fault_names.at(static_cast<std::size_t>(fault.kind)),
                     fault.node,
                     fault.worker,
                     fault.begin,
                     fault.end);
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
      words >> history_.acknowledged.emplace_back().job;
    else if (what == "fault")
      take_fault(words);
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
    const auto* const found = std::find(fault_names.begin(), fault_names.end(), name);
    fault.kind = static_cast<FaultKind>(found - fault_names.begin());
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
  for (const auto& entry : std::filesystem::directory_iterator{folder})
    reader.read(entry.path());
  return reader.finish();
}

}  // namespace errand::torture
