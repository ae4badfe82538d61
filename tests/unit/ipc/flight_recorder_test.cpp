#include "ipc/flight_recorder.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <atomic>
#include <errand/error.hpp>
#include <random>
#include <thread>

#include <gmock/gmock.h>

namespace errand::ipc {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

SteadyPoint at(std::chrono::nanoseconds since_boot) {
  return SteadyPoint{since_boot};
}

/// Both ends, as the manager and a worker would have them.
struct Pair {
  std::unique_ptr<FlightRecorder> manager = FlightRecorder::create();
  std::unique_ptr<FlightRecorder> worker = FlightRecorder::attach(::dup(manager->fd()));
};

TEST(FlightRecorder, ShowsTheManagerWhatTheWorkerRuns) {
  const Pair pair;
  EXPECT_THAT(pair.manager->running(), IsEmpty());
  pair.worker->job_begins(0, {7, 2, at(100s), at(160s)});
  pair.worker->job_begins(3, {9, 1, at(101s), std::nullopt});
  const auto running = pair.manager->running();
  ASSERT_EQ(running.size(), 2U);
  EXPECT_EQ(running[0].id, 7);
  EXPECT_EQ(running[0].claim_seq, 2);
  EXPECT_EQ(running[0].since, at(100s));
  EXPECT_EQ(running[0].deadline, at(160s));
  EXPECT_EQ(running[1].id, 9);
  EXPECT_FALSE(running[1].deadline.has_value());
}

TEST(FlightRecorder, ForgetsAJobThatEnded) {
  const Pair pair;
  pair.worker->job_begins(1, {7, 2, at(1s), std::nullopt});
  pair.worker->job_ends(1);
  EXPECT_THAT(pair.manager->running(), IsEmpty());
}

TEST(FlightRecorder, HasALaneForEveryRunnerAndRefusesOthers) {
  const Pair pair;
  for (int lane = 0; lane < FlightRecorder::lanes_max; ++lane)
    pair.worker->job_begins(lane, {lane + 1, 1, at(1s), std::nullopt});
  EXPECT_EQ(pair.manager->running().size(), 256U);
  EXPECT_THROW(pair.worker->job_ends(-1), Error);
  EXPECT_THROW(pair.worker->job_begins(FlightRecorder::lanes_max, {}), Error);
}

TEST(FlightRecorder, CountsBeats) {
  const Pair pair;
  pair.worker->beat();
  pair.worker->beat();
  EXPECT_EQ(pair.manager->beats(), 2U);
}

TEST(FlightRecorder, KeepsLogLinesInOrder) {
  const Pair pair;
  pair.worker->log_line("first");
  pair.worker->log_line("second\nof two");
  EXPECT_THAT(pair.manager->last_log_lines(), ElementsAre("first", "second of two"));
}

TEST(FlightRecorder, KeepsOnlyTheLastWholeLinesOfMany) {
  const Pair pair;
  for (int i = 0; i < 2000; ++i)
    pair.worker->log_line("line " + std::to_string(i));
  const auto lines = pair.manager->last_log_lines();
  ASSERT_GT(lines.size(), 100U);
  EXPECT_EQ(lines.back(), "line 1999");
  EXPECT_EQ(lines.front(), "line " + std::to_string(2000 - lines.size()));
}

TEST(FlightRecorder, CutsALineThatWouldPushOutAllOthers) {
  const Pair pair;
  pair.worker->log_line("before");
  pair.worker->log_line(std::string(100'000, 'x'));
  const auto lines = pair.manager->last_log_lines();
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_EQ(lines[0], "before");
  EXPECT_EQ(lines[1].size(), 1024U);
}

TEST(FlightRecorder, IsEmptyAfterClear) {
  const Pair pair;
  pair.worker->job_begins(5, {7, 2, at(1s), std::nullopt});
  pair.worker->beat();
  pair.worker->log_line("x");
  pair.manager->clear();
  EXPECT_THAT(pair.manager->running(), IsEmpty());
  EXPECT_THAT(pair.manager->last_log_lines(), IsEmpty());
  EXPECT_EQ(pair.manager->beats(), 0U);
}

TEST(FlightRecorder, WithoutAManagerIsPrivate) {
  const auto recorder = FlightRecorder::attach(-1);
  EXPECT_EQ(recorder->fd(), -1);
  recorder->job_begins(0, {7, 2, at(1s), std::nullopt});
  recorder->log_line("x");
  EXPECT_EQ(recorder->running().size(), 1U);
}

TEST(FlightRecorder, ClosesTheDescriptorItAttachedTo) {
  const auto manager = FlightRecorder::create();
  const int fd = ::dup(manager->fd());
  const auto worker = FlightRecorder::attach(fd);
  EXPECT_EQ(::fcntl(fd, F_GETFD), -1);
}

TEST(FlightRecorder, RefusesADescriptorThatIsNone) {
  EXPECT_THROW(static_cast<void>(FlightRecorder::attach(9999)), Error);
  EXPECT_THROW(static_cast<void>(FlightRecorder::attach(::open("/dev/null", O_RDWR | O_CLOEXEC))),
               Error);
  const auto recorder = FlightRecorder::create();

  struct stat status {};

  ASSERT_EQ(::fstat(recorder->fd(), &status), 0);
  const int blank = ::memfd_create("blank", MFD_CLOEXEC);
  ASSERT_EQ(::ftruncate(blank, status.st_size), 0);
  EXPECT_THROW(static_cast<void>(FlightRecorder::attach(blank)), Error);
}

TEST(FlightRecorder, CannotBeCutOrGrownByTheWorker) {
  const auto recorder = FlightRecorder::create();
  EXPECT_NE(::ftruncate(recorder->fd(), 10), 0);
  EXPECT_NE(::ftruncate(recorder->fd(), 1 << 20), 0);
}

/// A worker that scribbled over its page.
class Scribbled {
 public:
  Scribbled() {
    struct stat status {};

    ::fstat(recorder_->fd(), &status);
    size_ = static_cast<std::size_t>(status.st_size);
    bytes_ = static_cast<unsigned char*>(
        ::mmap(nullptr, size_, PROT_READ | PROT_WRITE, MAP_SHARED, recorder_->fd(), 0));
  }

  Scribbled(const Scribbled&) = delete;
  Scribbled& operator=(const Scribbled&) = delete;

  ~Scribbled() { ::munmap(bytes_, size_); }

  void fill(std::mt19937& random) {
    for (std::size_t i = 0; i < size_; ++i)
      bytes_[i] = static_cast<unsigned char>(random());
  }

  void fill(unsigned char byte) { std::fill(bytes_, bytes_ + size_, byte); }

  [[nodiscard]] FlightRecorder& recorder() { return *recorder_; }

 private:
  std::unique_ptr<FlightRecorder> recorder_ = FlightRecorder::create();
  std::size_t size_{0};
  unsigned char* bytes_{nullptr};
};

void expect_harmless(FlightRecorder& recorder) {
  for (const auto& job : recorder.running()) {
    EXPECT_GT(job.id, 0);
    EXPECT_GE(job.claim_seq, 0);
    // The manager may add hours without overflowing.
    EXPECT_GT(job.since + 1000h, job.since);
    const SteadyPoint deadline = job.deadline.value_or(job.since);
    EXPECT_GT(deadline + 1000h, deadline);
  }
  std::size_t bytes = 0;
  for (const auto& line : recorder.last_log_lines())
    bytes += line.size();
  EXPECT_LE(bytes, 4096U);
}

TEST(FlightRecorder, ReadsAScribbledPageWithoutHarm) {
  std::mt19937 random{99};
  Scribbled page;
  for (int round = 0; round < 200; ++round) {
    page.fill(random);
    expect_harmless(page.recorder());
  }
  for (const int byte : {0x00, 0x7f, 0x7e, 0x80, 0xff, 0x0a}) {
    page.fill(static_cast<unsigned char>(byte));
    expect_harmless(page.recorder());
  }
}

TEST(FlightRecorder, NeverReportsHalfOfOneJobAndHalfOfAnother) {
  const Pair pair;
  std::atomic<bool> stop{false};
  std::thread writer{[&] {
    for (int i = 1; !stop; i = i % 1'000'000 + 1) {
      pair.worker->job_begins(
          0, {i, i, at(std::chrono::nanoseconds{i}), at(std::chrono::nanoseconds{i})});
      if (i % 3 == 0)
        pair.worker->job_ends(0);
    }
  }};
  int seen = 0;
  for (int i = 0; i < 2'000'000 && seen < 20'000; ++i)
    for (const auto& job : pair.manager->running()) {
      ++seen;
      ASSERT_EQ(job.id, job.claim_seq);
      ASSERT_EQ(at(std::chrono::nanoseconds{job.id}), job.since);
      ASSERT_EQ(job.since, job.deadline);
    }
  stop = true;
  writer.join();
  EXPECT_GT(seen, 0);
}

TEST(FlightRecorder, TakesLogLinesFromSeveralThreads) {
  const Pair pair;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&pair, t] {
      for (int i = 0; i < 500; ++i)
        pair.worker->log_line("thread " + std::to_string(t));
    });
  for (auto& thread : threads)
    thread.join();
  for (const auto& line : pair.manager->last_log_lines())
    EXPECT_THAT(line, ::testing::MatchesRegex("thread [0-3]"));
}

}  // namespace
}  // namespace errand::ipc
