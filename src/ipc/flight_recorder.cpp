#include "ipc/flight_recorder.hpp"

#include <algorithm>
#include <atomic>
#include <errand/error.hpp>
#include <limits>
#include <mutex>
#include <new>

#include "ipc/shared_memory.hpp"

namespace errand::ipc {
namespace {

constexpr std::uint64_t page_magic = 0x65'72'72'61'6e'64'46'52;  // "errandFR"
constexpr std::uint32_t page_version = 1;
constexpr std::size_t log_bytes = 4096;
constexpr std::int64_t no_deadline = -1;

// A manager adds small durations to these: what a broken worker wrote must not overflow.
constexpr std::int64_t instant_max = std::numeric_limits<std::int64_t>::max() / 4;

using Shared = std::atomic<std::int64_t>;
static_assert(Shared::is_always_lock_free, "the page is shared between processes");

/// Written by one thread, read by another process: an odd sequence means that a write is under way,
/// a changed one that the values read do not belong together. Stores release and loads acquire, so
/// neither side can see a value without the sequence before it.
struct alignas(64) Lane {
  std::atomic<std::uint32_t> sequence{0};
  Shared id{0};
  Shared claim_seq{0};
  Shared since{0};
  Shared deadline{no_deadline};
};

struct Page {
  std::atomic<std::uint64_t> magic{page_magic};
  std::atomic<std::uint32_t> version{page_version};
  std::atomic<std::uint32_t> lanes_used{0};
  std::atomic<std::uint64_t> beats{0};
  std::atomic<std::uint64_t> logged{0};  ///< bytes ever written to the ring
  std::array<Lane, FlightRecorder::lanes_max> lanes{};
  std::array<std::atomic<char>, log_bytes> log{};
};

const char* const purpose = "the flight recorder of a worker";

Page& page_in(const SharedMemory& memory) {
  return *static_cast<Page*>(memory.data());
}

SharedMemory new_page(SharedMemory memory) {
  new (memory.data()) Page;
  return memory;
}

SharedMemory inherited_page(int fd) {
  SharedMemory memory =
      SharedMemory::attach(fd, sizeof(Page), SharedMemory::Access::read_write, purpose);
  const Page& page = page_in(memory);
  if (page.magic.load() != page_magic || page.version.load() != page_version)
    throw Error{ErrorKind::unavailable,
                "cannot use the flight recorder of a worker: descriptor " + std::to_string(fd) +
                    " is not one, or of another version of errand"};
  return memory;
}

SteadyPoint instant(std::int64_t nanoseconds) {
  return SteadyPoint{
      std::chrono::nanoseconds{std::clamp<std::int64_t>(nanoseconds, 0, instant_max)}};
}

std::int64_t count(SteadyPoint point) {
  return point.time_since_epoch().count();
}

void write_lane(Lane& lane, JobId id, const FlightRecorder::Running& running) {
  const std::uint32_t sequence = lane.sequence.load(std::memory_order_relaxed) & ~1U;
  lane.sequence.store(sequence + 1, std::memory_order_relaxed);
  lane.id.store(id, std::memory_order_release);
  lane.claim_seq.store(running.claim_seq, std::memory_order_release);
  lane.since.store(count(running.since), std::memory_order_release);
  lane.deadline.store(running.deadline ? count(*running.deadline) : no_deadline,
                      std::memory_order_release);
  lane.sequence.store(sequence + 2, std::memory_order_release);
}

// A worker that died between two of its stores had not begun, or had ended: nothing is running.
std::optional<FlightRecorder::Running> read_lane(const Lane& lane) {
  constexpr int tries = 16;
  for (int i = 0; i < tries; ++i) {
    const std::uint32_t before = lane.sequence.load(std::memory_order_acquire);
    FlightRecorder::Running running;
    running.id = lane.id.load(std::memory_order_acquire);
    const std::int64_t claim_seq = lane.claim_seq.load(std::memory_order_acquire);
    running.since = instant(lane.since.load(std::memory_order_acquire));
    const std::int64_t deadline = lane.deadline.load(std::memory_order_acquire);
    if (before % 2 != 0 || lane.sequence.load(std::memory_order_acquire) != before)
      continue;
    if (running.id <= 0 || claim_seq < 0 || claim_seq > std::numeric_limits<int>::max())
      return std::nullopt;
    running.claim_seq = static_cast<int>(claim_seq);
    if (deadline >= 0)
      running.deadline = instant(deadline);
    return running;
  }
  return std::nullopt;
}

class MappedRecorder final : public FlightRecorder {
 public:
  explicit MappedRecorder(SharedMemory memory)
      : memory_{std::move(memory)}, page_{&page_in(memory_)} {}

  [[nodiscard]] int fd() const override { return memory_.fd(); }

  void job_begins(int lane, const Running& running) override {
    const auto index = index_of(lane);
    write_lane(page_->lanes.at(index), running.id, running);
    const auto used = static_cast<std::uint32_t>(index) + 1;
    std::uint32_t known = page_->lanes_used.load(std::memory_order_relaxed);
    while (known < used && !page_->lanes_used.compare_exchange_weak(known, used))
      continue;
  }

  void job_ends(int lane) override { write_lane(page_->lanes.at(index_of(lane)), 0, {}); }

  void beat() override { page_->beats.fetch_add(1, std::memory_order_relaxed); }

  void log_line(std::string_view line) override {
    line = line.substr(0, log_bytes / 4);
    const std::lock_guard lock{log_mutex_};
    std::uint64_t at = page_->logged.load(std::memory_order_relaxed);
    const auto put = [&](char c) {
      page_->log.at(at++ % log_bytes).store(c, std::memory_order_relaxed);
    };
    for (const char c : line)
      put(c == '\n' ? ' ' : c);
    put('\n');
    page_->logged.store(at, std::memory_order_release);
  }

  [[nodiscard]] std::vector<Running> running() const override {
    const auto used = std::min<std::size_t>(page_->lanes_used.load(), page_->lanes.size());
    std::vector<Running> jobs;
    for (std::size_t i = 0; i < used; ++i)
      if (const auto job = read_lane(page_->lanes.at(i)))
        jobs.push_back(*job);
    return jobs;
  }

  [[nodiscard]] std::uint64_t beats() const override { return page_->beats.load(); }

  [[nodiscard]] std::vector<std::string> last_log_lines() const override {
    const std::uint64_t end = page_->logged.load(std::memory_order_acquire);
    std::uint64_t at = end > log_bytes ? end - log_bytes : 0;
    const auto next = [&] {
      return page_->log.at(at++ % log_bytes).load(std::memory_order_relaxed);
    };
    if (end > log_bytes)  // the oldest line has lost its beginning
      while (at < end && next() != '\n')
        continue;
    std::vector<std::string> lines;
    std::string line;
    while (at < end) {
      const char c = next();
      if (c == '\n')
        lines.push_back(std::exchange(line, {}));
      else
        line += c;
    }
    return lines;
  }

  void clear() override {
    for (Lane& lane : page_->lanes)
      write_lane(lane, 0, {});
    page_->lanes_used.store(0);
    page_->beats.store(0);
    page_->logged.store(0);
  }

 private:
  static std::size_t index_of(int lane) {
    if (lane < 0 || lane >= lanes_max)
      throw Error{ErrorKind::bug,
                  "a worker used lane " + std::to_string(lane) + " of its recorder"};
    return static_cast<std::size_t>(lane);
  }

  SharedMemory memory_;
  Page* page_;
  std::mutex log_mutex_{};
};

}  // namespace

std::unique_ptr<FlightRecorder> FlightRecorder::create() {
  return std::make_unique<MappedRecorder>(
      new_page(SharedMemory::create(sizeof(Page), SharedMemory::Access::read_write, purpose)));
}

std::unique_ptr<FlightRecorder> FlightRecorder::attach(int fd) {
  return std::make_unique<MappedRecorder>(
      fd < 0 ? new_page(SharedMemory::make_private(sizeof(Page), purpose)) : inherited_page(fd));
}

}  // namespace errand::ipc
