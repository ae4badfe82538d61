#include "manager/spawner.hpp"

#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <errand/error.hpp>
#include <fstream>
#include <thread>

#include <boost/asio/io_context.hpp>
#include <gmock/gmock.h>

#include "helpers/processes.hpp"
#include "helpers/run_until.hpp"
#include "ipc/channel.hpp"
#include "ipc/flight_recorder.hpp"

namespace errand {
namespace {

using namespace std::chrono_literals;
using errand::testing::children;
using errand::testing::exists;
using errand::testing::run_until;
using ::testing::HasSubstr;

using Environment = std::vector<std::pair<std::string, std::string>>;

/// A probe started by hand, with the manager's end of its line.
class Started {
 public:
  explicit Started(std::vector<std::string> arguments, const Environment& environment = {})
      : arguments_{std::move(arguments)} {
    arguments_.insert(arguments_.begin(), ERRAND_CHILD_PROBE);
    auto [own, other] = ipc::make_socketpair();
    line_ = std::move(own);
    worker_ = spawn_worker({2, arguments_, environment, other.get(), recorder_->fd()});
  }

  Started(const Started&) = delete;
  Started& operator=(const Started&) = delete;

  ~Started() {
    if (!reaped_)
      kill_and_reap(worker_.pid);
  }

  [[nodiscard]] int pid() const { return worker_.pid; }

  [[nodiscard]] UniqueFd& line() { return line_; }

  [[nodiscard]] bool ends_within(milliseconds patience) const {
    pollfd watch{worker_.pidfd.get(), POLLIN, 0};
    return ::poll(&watch, 1, static_cast<int>(patience.count())) == 1;
  }

  [[nodiscard]] ExitStatus reap() {
    reaped_ = true;
    EXPECT_TRUE(ends_within(20s));
    return try_reap(worker_.pid).value_or(ExitStatus{});
  }

  void set_reaped() { reaped_ = true; }

 private:
  std::vector<std::string> arguments_;
  UniqueFd line_{};
  std::unique_ptr<ipc::FlightRecorder> recorder_ = ipc::FlightRecorder::create();
  SpawnedWorker worker_{};
  bool reaped_{false};
};

Json described(Started& worker) {
  boost::asio::io_context context;
  Json description;
  const auto channel =
      ipc::Channel::open(context,
                         std::move(worker.line()),
                         {[&](const ipc::Message& message) {
                            if (const auto* m = std::get_if<ipc::Broadcast>(&message))
                              description = m->message;
                          },
                          {}});
  EXPECT_TRUE(run_until(context, [&] { return !description.is_null(); }));
  return description;
}

TEST(Spawner, GivesTheWorkerTheEnvironmentThatMakesItOne) {
  ::setenv("ERRAND_TEST_OWN", "from the manager", 1);
  ::setenv("ERRAND_TEST_BOTH", "from the manager", 1);
  ::setenv("WORKER_ID", "99", 1);
  Started worker{{"describe"}, {{"ERRAND_TEST_BOTH", "from the options"}, {"LOG_LEVEL", "debug"}}};
  ::unsetenv("WORKER_ID");
  const Json environment = described(worker).at("environment");
  EXPECT_EQ(environment.at("WORKER_ID"), "2");
  EXPECT_EQ(environment.at("ERRAND_IPC_FD"), "3");
  EXPECT_EQ(environment.at("NODE_CHANNEL_FD"), "3");
  EXPECT_EQ(environment.at("ERRAND_FLIGHT_FD"), "4");
  EXPECT_EQ(environment.at("ERRAND_AUDIENCE_FD"), "-1") << "there is none";
  EXPECT_EQ(environment.at("ERRAND_TEST_OWN"), "from the manager");
  EXPECT_EQ(environment.at("ERRAND_TEST_BOTH"), "from the options");
  EXPECT_EQ(environment.at("LOG_LEVEL"), "debug");
}

TEST(Spawner, LeavesNothingOpenInTheWorkerButWhatItNeeds) {
  // A descriptor without close-on-exec, as a host program may have.
  const UniqueFd leaky{::dup2(STDERR_FILENO, 77)};
  Started worker{{"describe"}};
  const Json files = described(worker).at("files");
  EXPECT_EQ(files.at("0"), "/dev/null");
  EXPECT_THAT(files.at("3").get<std::string>(), HasSubstr("socket:"));
  EXPECT_FALSE(files.contains("77")) << files;
  for (const auto& [fd, target] : files.items())
    EXPECT_LE(std::stoi(fd), 4) << target;
}

TEST(Spawner, ResetsSignalsAndGivesAProcessGroup) {
  sigset_t block{};
  sigset_t before{};
  ::sigemptyset(&block);
  ::sigaddset(&block, SIGTERM);
  ::pthread_sigmask(SIG_BLOCK, &block, &before);
  const auto on_pipe = ::signal(SIGPIPE, SIG_IGN);
  Started worker{{"describe"}};
  ::signal(SIGPIPE, on_pipe);
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  const Json description = described(worker);
  EXPECT_EQ(description.at("blocksTerm"), false);
  EXPECT_EQ(description.at("ignoresPipe"), false);
  EXPECT_EQ(description.at("group"), worker.pid());
}

TEST(Spawner, OffersWorkersToTheOutOfMemoryKillerFirst) {
  Started worker{{"serve"}};
  std::ifstream own{"/proc/self/oom_score_adj"};
  std::ifstream others{"/proc/" + std::to_string(worker.pid()) + "/oom_score_adj"};
  int own_score = 0;
  int others_score = 0;
  own >> own_score;
  others >> others_score;
  EXPECT_GE(others_score, std::max(own_score, 500));
}

TEST(Spawner, KeepsEachLineApartSoThatEveryWorkerSeesItsManagerGo) {
  Started one{{"serve"}};
  Started other{{"serve"}};
  one.line().reset();
  EXPECT_TRUE(one.ends_within(5s)) << "the other worker seems to hold a copy of this one's line";
  EXPECT_EQ(one.reap().exit_code, 0);
  EXPECT_FALSE(other.ends_within(0ms));
}

TEST(Spawner, ReadsExitCodesAndSignals) {
  EXPECT_EQ((Started{{"exit", "3"}}.reap().exit_code), 3);
  EXPECT_EQ((Started{{"segfault"}}.reap().signal), SIGSEGV);
  const ExitStatus status = Started{{"abort"}}.reap();
  EXPECT_EQ(status.signal, SIGABRT);
  EXPECT_GT(status.peak_rss_bytes, 100'000);
  EXPECT_GE(status.cpu_time, 0ms);
  EXPECT_EQ(children(), "");
}

TEST(Spawner, SaysNothingOfAChildThatLives) {
  Started worker{{"serve"}};
  EXPECT_FALSE(try_reap(worker.pid()).has_value());
}

TEST(Spawner, DoesNotMindThatSomebodyElseReapedTheChild) {
  Started worker{{"exit", "3"}};
  ASSERT_TRUE(worker.ends_within(20s));
  ASSERT_EQ(::waitpid(worker.pid(), nullptr, 0), worker.pid());
  worker.set_reaped();
  const auto status = try_reap(worker.pid());
  ASSERT_TRUE(status.has_value());
  EXPECT_FALSE(status->known);
  send_signal(worker.pid(), SIGKILL);  // must not reach whoever has that number next
  kill_group(worker.pid());
}

TEST(Spawner, RefusesAProgramThatIsNotThereWithASentence) {
  const std::vector<std::string> arguments{"/nonexistent"};
  const auto recorder = ipc::FlightRecorder::create();
  try {
    static_cast<void>(spawn_worker({2, arguments, {}, recorder->fd(), recorder->fd()}));
    FAIL() << "it was started";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::unavailable);
    EXPECT_THAT(error.what(),
                HasSubstr("cannot start worker 2: running /nonexistent: No such file"));
  }
  EXPECT_EQ(children(), "");
}

TEST(Spawner, RefusesADescriptorThatIsClosed) {
  const std::vector<std::string> arguments{ERRAND_CHILD_PROBE};
  EXPECT_THROW(static_cast<void>(spawn_worker({2, arguments, {}, 9999, 9999})), Error);
}

TEST(DeathSentence, SaysWhatHappenedAndToWhom) {
  ExitStatus status;
  status.signal = SIGSEGV;
  EXPECT_EQ(death_sentence({2, 4711, false, 1}, status),
            "worker 2 (pid 4711) was killed by signal 11 (Segmentation fault)");
  status.signal = 40;
  EXPECT_EQ(death_sentence({2, 4711, false, 0}, status),
            "worker 2 (pid 4711) was killed by signal 40 (a real-time signal)");
  status.signal = 0;
  EXPECT_EQ(death_sentence({2, 4711, false, 1}, status),
            "worker 2 (pid 4711) exited with code 0 in the middle of a job");
  status.exit_code = 3;
  EXPECT_EQ(death_sentence({2, 4711, false, 4}, status),
            "worker 2 (pid 4711) exited with code 3 in the middle of 4 jobs");
  EXPECT_EQ(death_sentence({2, 4711, true, 4}, status), "worker 2 (pid 4711) exited with code 3");
  EXPECT_EQ(death_sentence({2, 4711, false, 0}, status), "worker 2 (pid 4711) exited with code 3");
  status.known = false;
  EXPECT_THAT(death_sentence({2, 4711, false, 0}, status), HasSubstr("how is not known"));
}

}  // namespace
}  // namespace errand
