#include "torture_jobs.hpp"

#include <unistd.h>

#include <array>
#include <atomic>
#include <condition_variable>
#include <csignal>
#include <cstdlib>
#include <mutex>

#include "history.hpp"

namespace errand::torture {
namespace {

using namespace std::chrono_literals;

const char* variable(const char* name) {
  return std::getenv(name);  // NOLINT(concurrency-mt-unsafe): nobody writes the environment
}

const HistoryFile& own_history() {
  static const HistoryFile file{variable("TORTURE_HISTORY"), "worker"};
  return file;
}

std::string next_name() {
  static std::atomic<int> runs{0};
  static const std::int64_t begin = now_us();
  return std::to_string(::getpid()) + "." + std::to_string(begin) + "." + std::to_string(++runs);
}

/// Writes the start of a run, and its end if it gets that far.
class Witness {
 public:
  explicit Witness(const JobContext& context) {
    own_history().write("start " + std::to_string(context.job().id) + " " + name_ + " " +
                        std::to_string(own_node()) + " " + std::to_string(::getpid()) + " " +
                        std::to_string(now_us()));
  }

  [[nodiscard]] Json finish() const {
    own_history().write("end " + name_ + " " + std::to_string(now_us()));
    return {{"run", name_}};
  }

 private:
  std::string name_{next_name()};
};

void take_a_while(JobContext& context, milliseconds duration) {
  if (duration == 0ms)
    return;
  std::mutex mutex;
  std::condition_variable_any never;
  std::unique_lock lock{mutex};
  never.wait_for(lock, context.stop_token(), duration, [] { return false; });
  context.throw_if_cancelled();
}

Json work(JobContext& context, const Json& data) {
  const Witness witness{context};
  take_a_while(context, milliseconds{data.value("ms", 0)});
  return witness.finish();
}

/// No tail call: each has its page of the stack.
int overflow(int depth) {
  volatile char page[4'096];
  page[0] = static_cast<char>(depth);
  return depth == 0 ? 0 : overflow(depth + 1) + page[0];
}

/// Hears no wish to stop: its manager must end the worker.
void spin() {
  std::atomic<std::uint64_t> turns{0};
  while (true)
    ++turns;
}

void leak() {
  constexpr std::size_t size = 1U << 20U;
  static_cast<void>(std::make_unique<std::string>(size, 'x').release());
}

void misbehave(const std::string& how) {
  if (how == "segfault")
    std::raise(SIGSEGV);
  if (how == "exit")
    ::_exit(0);
  if (how == "overflow")
    static_cast<void>(overflow(1));
  if (how == "spin")
    spin();
  if (how == "abort")
    std::abort();
  leak();
}

Json crash_at_first(JobContext& context, const Json& data) {
  const Witness witness{context};
  if (context.job().attempt == 1)
    misbehave(data.at("how").get<std::string>());
  return witness.finish();
}

}  // namespace

void write_to_own_history(const std::string& line) {
  own_history().write(line);
}

void begin_life() {
  own_history().write("life " + std::to_string(::getpid()) + " " + std::to_string(now_us()));
}

/// The manager's pid, from before it can have died.
pid_t own_node() {
  static const pid_t node = ::getppid();
  return node;
}

std::string cron_tag(int number) {
  return "cron" + std::to_string(number);
}

JobRegistry torture_types() {
  JobRegistry jobs;
  jobs.add("work", work);
  jobs.add("crash",
           crash_at_first,
           {.retry = RetryPolicy::backoff({.first = 20ms, .jitter = 0, .max_attempts = 10})});
  if (variable("TORTURE_CRONS") != nullptr)
    for (int number = 0; number < cron_count; ++number)
      jobs.add(cron_tag(number), work, {.cron = "* * * * * *", .misfire = Misfire::all});
  return jobs;
}

NewJob job_number(std::uint64_t number, const Mix& mix) {
  const auto is_last_of = [&](std::uint64_t every) {
    return every != 0 && number % every == every - 1;
  };
  const std::string tag = "job:" + std::to_string(number);
  constexpr std::array<const char*, 6> ways{
      "segfault", "abort", "exit", "overflow", "spin", "leak"};
  if (is_last_of(mix.crash_every))
    return {.tag = tag,
            .type = "crash",
            .data = {{"how", ways[number / mix.crash_every % ways.size()]}},
            .timeout = 1'000ms};
  const int ms = is_last_of(mix.slow_every) ? 200 : number % 10 == 3 ? 5 : 0;
  return {.tag = tag, .type = "work", .data = {{"ms", ms}}};
}

}  // namespace errand::torture
