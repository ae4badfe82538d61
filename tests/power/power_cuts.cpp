#include "power/power_cuts.hpp"

#include <algorithm>
#include <fstream>
#include <set>

#include <sqlite3.h>

#include "manager/maintenance.hpp"
#include "power/disk.hpp"

namespace errand::testing {
namespace {

constexpr std::size_t complaints_max = 5;
constexpr int resume_every = 97;

const std::vector<PowerCut> ways{{.loss = 1.0},
                                 {.loss = 0.0},
                                 {.loss = 0.1, .anything = true},
                                 {.loss = 0.5, .anything = true},
                                 {.loss = 0.5, .garbage = true},
                                 {.loss = 0.9, .garbage = true, .anything = true}};

/// A plain connection to what is left. It need not be durable itself.
class Survivor {
 public:
  explicit Survivor(const std::filesystem::path& path) {
    sqlite3_open(path.c_str(), &handle_);
    first_of("PRAGMA synchronous = OFF");
    first_of("PRAGMA locking_mode = EXCLUSIVE");
  }

  Survivor(const Survivor&) = delete;
  Survivor& operator=(const Survivor&) = delete;

  ~Survivor() { sqlite3_close(handle_); }

  [[nodiscard]] sqlite3* handle() const noexcept { return handle_; }

  /// The first value of the first row, or what is wrong.
  std::string first_of(const std::string& sql) {
    sqlite3_stmt* statement = nullptr;
    std::string text;
    if (sqlite3_prepare_v2(handle_, sql.c_str(), -1, &statement, nullptr) != SQLITE_OK)
      return sqlite3_errmsg(handle_);
    if (sqlite3_step(statement) == SQLITE_ROW)
      text = reinterpret_cast<const char*>(sqlite3_column_text(statement, 0));
    sqlite3_finalize(statement);
    return text;
  }

 private:
  sqlite3* handle_{nullptr};
};

/// Which contents may be found: from what was certain last up to what was under way.
bool is_allowed(std::size_t content, const std::vector<Note>& notes, std::size_t told) {
  static const std::size_t nothing = content_of(Survivor{":memory:"}.handle());
  std::size_t first = told;
  while (first > 0 && !notes[first - 1].durable)
    --first;
  if (first == 0 && content == nothing)
    return true;
  const std::size_t end = std::min(told + 1, notes.size());
  return std::any_of(notes.begin() + static_cast<std::ptrdiff_t>(first == 0 ? 0 : first - 1),
                     notes.begin() + static_cast<std::ptrdiff_t>(end),
                     [&](const Note& note) { return !note.content || *note.content == content; });
}

std::string complaint_about_tags(Survivor& survivor,
                                 const std::vector<Note>& notes,
                                 std::size_t told) {
  std::string list;
  std::size_t count = 0;
  for (std::size_t i = 0; i < told; ++i)
    for (const std::string& tag : notes[i].acknowledged) {
      list += (count++ == 0 ? "'" : ", '") + tag + "'";
    }
  if (count == 0)
    return {};
  const auto found =
      survivor.first_of("SELECT count(DISTINCT tag) FROM worker_jobs WHERE tag IN (" + list + ")");
  if (found == std::to_string(count))
    return {};
  return std::to_string(count) + " jobs were acknowledged, found " + found;
}

/// What a server does that starts after a crash, and then a worker.
std::string complaint_about_resuming(const std::filesystem::path& path) {
  const auto store = open_store({.database_url = "sqlite:" + path.string(),
                                 .durability = Durability::relaxed,
                                 .clock = std::make_shared<SettableClock>()});
  store->migrate();
  const JobRegistry registry;
  Maintenance{store->jobs(), registry, Log{}}.take_over();
  const std::vector<std::string> types{"work"};
  const auto process = store->jobs().begin_process({.node = "n", .types = types});
  std::vector<Completion> completions;
  do {
    const auto result =
        store->jobs().exchange(completions, {.process = process, .limit = 50, .types = types});
    completions.clear();
    for (const ClaimedJob& job : result.claimed)
      completions.push_back({job.id, job.claim_seq, {}, job.process});
  } while (!completions.empty());
  Survivor survivor{path};
  const auto open = survivor.first_of(
      "SELECT count(*) FROM worker_jobs WHERE finished IS NULL AND (started IS NOT NULL OR due "
      "<= " +
      std::to_string(SettableClock{}.wall_now().time_since_epoch().count()) + ")");
  return open == "0" ? "" : open + " jobs do not run to their end";
}

/// Files that live in memory: what is written into them need not survive anything.
class Landing {
 public:
  explicit Landing(const std::map<std::string, std::string>& files) {
    for (const auto& [name, bytes] : files) {
      std::ofstream file{file_.folder() / name, std::ios::binary};
      file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    }
  }

  [[nodiscard]] std::filesystem::path path() const { return file_.path(); }

 private:
  TemporaryDatabase file_{"/dev/shm"};
};

class Cutter {
 public:
  Cutter(const Scene& scene, std::uint64_t seed, std::size_t from)
      : scene_{scene}, random_{seed}, from_{from} {}

  Verdict run() {
    const auto& events = scene_.events();
    for (std::size_t at = 0; at < events.size(); ++at) {
      disk_.apply(events[at]);
      if (events[at].kind == DiskEvent::Kind::told)
        ++told_;
      if (told_ < from_)
        continue;
      for (std::size_t way = 0; way < ways.size(); ++way)
        if (const auto complaint = complaint_after(ways[way]); !complaint.empty())
          complain("after event " + std::to_string(at) + ", way " + std::to_string(way) + ": " +
                   complaint);
    }
    return verdict_;
  }

 private:
  std::string complaint_after(const PowerCut& way) {
    const auto files = disk_.cut(way, random_);
    ++verdict_.cuts;
    if (!is_new(files))
      return {};
    const Landing left{files};
    if (auto complaint = complaint_about(left.path()); !complaint.empty())
      return complaint;
    return ++looked_at_ % resume_every == 0 ? complaint_about_resuming(left.path()) : std::string{};
  }

  /// The same files after the same note need no second look.
  bool is_new(const std::map<std::string, std::string>& files) {
    std::string all = std::to_string(told_);
    for (const auto& [name, bytes] : files)
      all += name + bytes;
    return known_.insert(std::hash<std::string>{}(all)).second;
  }

  std::string complaint_about(const std::filesystem::path& path) {
    Survivor survivor{path};
    if (const auto check = survivor.first_of("PRAGMA integrity_check"); check != "ok")
      return "integrity_check says " + check;
    if (auto complaint = complaint_about_tags(survivor, scene_.notes(), told_); !complaint.empty())
      return complaint;
    if (!is_allowed(content_of(survivor.handle()), scene_.notes(), told_))
      return "the tables hold neither what was certain nor what came after it";
    return {};
  }

  void complain(std::string text) {
    ++verdict_.broken;
    if (verdict_.complaints.size() < complaints_max)
      verdict_.complaints.push_back(std::move(text));
  }

  const Scene& scene_;
  Random random_;
  std::size_t from_;
  Disk disk_{};
  std::size_t told_{0};
  std::set<std::size_t> known_{};
  int looked_at_{0};
  Verdict verdict_{};
};

}  // namespace

Verdict cut_everywhere(const Scene& scene, std::uint64_t seed, std::size_t from) {
  return Cutter{scene, seed, from}.run();
}

}  // namespace errand::testing
