#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <errand/testing.hpp>
#include <filesystem>

#include "app/built_in_jobs.hpp"
#include "app/parts.hpp"
#include "base/random.hpp"
#include "jobs/job_json.hpp"
#include "jobs/type_names.hpp"
#include "manager/maintenance.hpp"
#include "store/claimed_job.hpp"
#include "worker/job_runner.hpp"

namespace errand::testing {
namespace {

constexpr TimePoint first_instant{
    std::chrono::microseconds{1'767'225'600'000'000}};  // 2026-01-01T00:00:00Z
constexpr std::uint64_t seed = 42;

class ManualClock final : public Clock {
 public:
  [[nodiscard]] TimePoint wall_now() const override { return wall_.load(); }

  [[nodiscard]] SteadyPoint steady_now() const override {
    return SteadyPoint{wall_.load() - first_instant};
  }

  void set(TimePoint instant) { wall_ = instant; }

 private:
  std::atomic<TimePoint> wall_{first_instant};
};

class RecordingSockets final : public SocketManager {
 public:
  void send_to_user(std::int64_t user_id, const Json& message) override {
    const std::lock_guard lock{mutex_};
    sent_[user_id].push_back(message);
  }

  void broadcast(const Json& message) override {
    const std::lock_guard lock{mutex_};
    for (auto& [user, messages] : sent_)
      messages.push_back(message);
  }

  [[nodiscard]] std::vector<Json> sent_to(std::int64_t user_id) const {
    const std::lock_guard lock{mutex_};
    const auto found = sent_.find(user_id);
    return found == sent_.end() ? std::vector<Json>{} : found->second;
  }

 private:
  mutable std::mutex mutex_{};
  std::map<std::int64_t, std::vector<Json>> sent_{};
};

class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "errand-test-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) {
      throw Error{ErrorKind::unavailable,
                  "cannot make a temporary folder for a test's database: " + pattern};
    }
    path_ = pattern;
  }

  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

  [[nodiscard]] std::string database_url() const {
    return "sqlite:" + (path_ / "test.db").string();
  }

 private:
  std::filesystem::path path_{};
};

Config private_config(Config config, const TemporaryFolder& folder) {
  config.database_url = folder.database_url();
  config.session_encryption_key = "a key that only tests use, of 32 characters or more";
  config.ipc_fd.reset();
  return config;
}

}  // namespace

class TestApp::Room {
 public:
  Room(JobRegistry jobs, Config config);

  int run_due();
  int advance(milliseconds duration);

  TemporaryFolder folder{};
  std::shared_ptr<ManualClock> clock{std::make_shared<ManualClock>()};
  RecordingSockets sockets{};
  ServerApp app;
  AppParts& parts;

 private:
  [[nodiscard]] ExchangeResult claim(std::span<const Completion> completions, int limit);
  [[nodiscard]] Completion run(const ClaimedJob& job);
  void tell(const ClaimedJob& job, const Transition& transition);

  std::vector<std::string> types_{};
  ProcessId process_{0};
  Random random_{seed};
  RunTools tools_;
};

TestApp::Room::Room(JobRegistry jobs, Config config)
    : app{std::make_unique<AppParts>(
          private_config(std::move(config), folder), std::move(jobs), clock, Log{})},
      parts{*app.parts_},
      tools_{app,
             parts.registry,
             parts.store().jobs(),
             parts.store().database(),
             *clock,
             parts.log,
             {}} {
  parts.route_messages_to(sockets);
  tools_.on_progress = [this](ActiveRun& run, const Progress& progress) {
    const ClaimedJob& job = run.job();
    parts.store().jobs().set_progress(std::vector{ProgressUpdate{job.id, job.claim_seq, progress}});
    if (job.user_id == 0)
      return;
    sockets.send_to_user(
        job.user_id,
        {{"type", "job_progress"},
         {"data", {{"id", job.id}, {"done", progress.done}, {"note", progress.note}}}});
  };
  types_ = names_of_types(parts.registry);
  process_ = parts.store().jobs().begin_process({"test", "test", 1, ::getpid(), "test", types_});
  Maintenance{parts.store().jobs(), parts.registry, Log{}}.ensure_crons();
}

ExchangeResult TestApp::Room::claim(std::span<const Completion> completions, int limit) {
  ExchangeResult result = parts.store().jobs().exchange(completions, {process_, limit, types_, {}});
  for (ClaimedJob& job : result.claimed)
    job.taken = clock->steady_now();
  return result;
}

Completion TestApp::Room::run(const ClaimedJob& job) {
  ActiveRun active{job, clock->steady_now(), std::nullopt};
  const RunResult result = run_job(active, tools_);
  return {job.id,
          job.claim_seq,
          decide_run(job, result, parts.registry, clock->steady_now(), random_.uniform())};
}

void TestApp::Room::tell(const ClaimedJob& job, const Transition& transition) {
  if (job.user_id == 0 || transition.to != Transition::To::finished)
    return;
  sockets.send_to_user(
      job.user_id,
      {{"type", "job_finished"}, {"data", to_json(to_job(job, transition, clock->wall_now()))}});
}

int TestApp::Room::run_due() {
  int runs = 0;
  while (true) {
    const ExchangeResult result = claim({}, 1);
    if (result.claimed.empty())
      return runs;
    const ClaimedJob& job = result.claimed.front();
    const Completion completion = run(job);
    if (claim(std::vector{completion}, 0).recorded.at(0))
      tell(job, completion.transition);
    if (job.type != remove_old_type)
      ++runs;
  }
}

int TestApp::Room::advance(milliseconds duration) {
  const TimePoint end = clock->wall_now() + duration;
  int runs = run_due();
  while (true) {
    const ExchangeResult look = claim({}, 1);
    if (!look.claimed.empty() || !look.next_due || *look.next_due > end)
      break;
    clock->set(std::max(*look.next_due, clock->wall_now()));
    runs += run_due();
  }
  clock->set(end);
  return runs;
}

TestApp::TestApp(JobRegistry jobs, Config config)
    : room_{std::make_unique<Room>(std::move(jobs), std::move(config))} {}

TestApp::~TestApp() = default;

Job TestApp::submit(const NewJob& job) {
  return app().worker_manager().submit_job(job);
}

int TestApp::run_due() {
  return room_->run_due();
}

int TestApp::advance(milliseconds duration) {
  return room_->advance(duration);
}

TimePoint TestApp::now() const {
  return room_->clock->wall_now();
}

Job TestApp::job(JobId id) const {
  if (auto job = room_->parts.store().reader().find(id))
    return *std::move(job);
  throw Error{ErrorKind::not_found, "there is no job " + std::to_string(id)};
}

std::vector<Job> TestApp::submitted(std::string_view type) const {
  JobFilter filter;
  filter.type = type;
  filter.limit = 1000;
  std::vector<Job> jobs;
  while (true) {
    JobPage page = room_->parts.store().reader().list(filter);
    for (Job& job : page.jobs) {
      if (!job.rescheduled_from_job)
        jobs.push_back(std::move(job));
    }
    if (!page.next)
      break;
    filter.before = page.next;
  }
  std::reverse(jobs.begin(), jobs.end());
  return jobs;
}

std::vector<Json> TestApp::sent_to(std::int64_t user_id) const {
  return room_->sockets.sent_to(user_id);
}

ServerApp& TestApp::app() {
  return room_->app;
}

}  // namespace errand::testing
