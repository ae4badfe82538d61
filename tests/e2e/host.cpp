// The program that the end-to-end tests run: a host of errand::main whose handlers do what a test
// asks for, well or badly.
#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <condition_variable>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <errand/errand.hpp>
#include <fstream>
#include <iostream>
#include <mutex>
#include <stdexcept>

#include "base/probe.hpp"

namespace {

using namespace std::chrono_literals;

/// Appends one line, whole, to the file that counts runs.
void note_run(errand::JobContext& context, const errand::Json& data) {
  if (!data.contains("runs"))
    return;
  const std::string line =
      std::to_string(context.job().id) + " " + std::to_string(::getpid()) + "\n";
  const int fd = ::open(
      data.at("runs").get<std::string>().c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (fd < 0 || ::write(fd, line.data(), line.size()) != static_cast<ssize_t>(line.size()))
    std::abort();
  ::close(fd);
}

/// Blocks until the test opens the FIFO for writing and closes it again.
errand::Json pass_gate(errand::JobContext& context, const errand::Json& data) {
  note_run(context, data);
  std::ifstream gate{data.at("gate").get<std::string>()};
  std::string said;
  std::getline(gate, said);
  return {{"said", said}};
}

/// Uses up the stack: the compiler cannot turn this into a loop, since every frame's page is used
/// after the call.
[[gnu::noinline]] int overflow(int depth) {
  if (depth < 0)
    return 0;  // never: the stack ends first
  char page[4096];
  std::memset(page, depth, sizeof page);
  asm volatile("" : : "r"(static_cast<void*>(page)) : "memory");
  return overflow(depth + 1) + page[depth & 4095];
}

void misbehave(errand::JobContext& context, const errand::Json& data) {
  note_run(context, data);
  const auto how = data.at("how").get<std::string>();
  if (how == "throw")
    throw std::runtime_error{"the disk of the printer is on fire"};
  if (how == "throw-int")
    throw 42;
  if (how == "segfault")
    std::raise(SIGSEGV);
  if (how == "abort")
    std::abort();
  if (how == "overflow")
    overflow(0);
  if (how == "exit")
    std::exit(0);  // NOLINT(concurrency-mt-unsafe): the misbehaviour under test
  if (how == "spin") {
    for (std::atomic<unsigned> turns{0};; ++turns) {
    }
  }
}

errand::Outcome obey(errand::JobContext& context, const errand::Json& data) {
  note_run(context, data);
  std::mutex mutex;
  std::condition_variable_any stopped;
  std::unique_lock lock{mutex};
  stopped.wait(lock, context.stop_token(), [] { return false; });
  context.throw_if_cancelled();
  return errand::Outcome::success();
}

void tell_user(errand::JobContext& context, const errand::Json&) {
  context.progress(0.5, "half");
  context.app().create_notification(context.job().user_id, {{"type", "done"}, {"pid", ::getpid()}});
}

/// Each tells its user a thousand bytes, and all are due at once.
void submit_many(errand::JobContext& context, const errand::Json& data) {
  const std::vector<errand::NewJob> jobs(
      data.at("count").get<std::size_t>(),
      {.tag = "say",
       .type = "say",
       .user_id = context.job().user_id,
       .due = std::chrono::milliseconds{data.at("dueMs").get<int>()}});
  context.app().worker_manager().submit_jobs(jobs);
}

/// Says whether a worker that takes its leave has a heart that may still beat.
void watch_goodbye(const char* point) {
  static std::atomic<bool> heart_ended{false};
  const std::string_view passed{point};
  if (passed == "heart-ended")
    heart_ended = true;
  else if (passed == "before-goodbye")
    std::cerr << (heart_ended ? "goodbye after the last beat\n" : "goodbye before the last beat\n");
}

void chain(errand::JobContext& context, const errand::Json& data) {
  const int left = data.at("left").get<int>();
  if (left == 0)
    return;
  context.app().worker_manager().submit_job(
      {.tag = "chain", .type = "chain", .data = {{"left", left - 1}}});
}

}  // namespace

int main(int argc, char** argv) {
  errand::JobRegistry jobs;
  jobs.add("count",
           [](errand::JobContext& context, const errand::Json& data) { note_run(context, data); });
  jobs.add("many", submit_many);
  jobs.add("say", [](errand::JobContext&, const errand::Json&) { return std::string(1000, 'x'); });
  jobs.add("gate", pass_gate);
  jobs.add("misbehave", misbehave, {.timeout = 1s});
  jobs.add("obey", obey);
  jobs.add("tellUser", tell_user);
  jobs.add("chain", chain);
  jobs.add(
      "flaky",
      misbehave,
      {.retry = errand::RetryPolicy::backoff({.first = 50ms, .jitter = 0, .max_attempts = 3})});
  // NOLINTNEXTLINE(concurrency-mt-unsafe): before any thread is started
  if (std::getenv("E2E_CRON") != nullptr) {
    jobs.add(
        "everySecond", [](errand::JobContext&, const errand::Json&) {}, {.cron = "* * * * * *"});
  }
  // NOLINTNEXTLINE(concurrency-mt-unsafe): same
  if (std::getenv("E2E_WATCH_GOODBYE") != nullptr)
    errand::probe_hook = watch_goodbye;
  return errand::main(argc, argv, std::move(jobs));
}
