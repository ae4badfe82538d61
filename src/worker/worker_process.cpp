#include "worker/worker_process.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>

#include "base/host.hpp"
#include "base/probe.hpp"
#include "ipc/channel.hpp"
#include "ipc/exit_codes.hpp"
#include "jobs/type_names.hpp"
#include "worker/deadline_watch.hpp"
#include "worker/heartbeat.hpp"
#include "worker/job_events.hpp"
#include "worker/memory.hpp"

namespace errand {
namespace {

namespace asio = boost::asio;

constexpr milliseconds stop_grace{800};
constexpr unsigned orphan_seconds = 1;
constexpr milliseconds flush_limit{500};
constexpr milliseconds superseded_grace{500};
constexpr std::chrono::seconds announce_limit{8};
constexpr milliseconds announce_pause{200};
constexpr milliseconds room_wait{10};  ///< a loop that stands still longer records nothing

int inherited_fd(const char* variable) {
  // NOLINTNEXTLINE(concurrency-mt-unsafe): before any thread is started
  const char* text = std::getenv(variable);
  // NOLINTNEXTLINE(cert-err34-c): our own manager wrote it; attach() checks it
  return text == nullptr ? -1 : std::atoi(text);
}

class WorkerProcess {
 public:
  explicit WorkerProcess(const WorkerProcessParts& parts);
  int run();

 private:
  /// The line is this process's alone: what a handler starts must not take it for its own.
  void connect();
  void announce_patiently();
  void announce();
  void on_message(const ipc::Message& message);
  void on_orphaned(const std::string& reason);
  void watch_signals();
  void beat_ipc();
  void drain();
  void stop(StopReason reason);
  void leave_now();
  [[noreturn]] void leave_superseded();
  void run_loop();
  void finish(LoopEnd end);
  void recycle_if_due(const std::vector<FinishedRun>& runs);
  [[nodiscard]] NewProcess description() const;
  [[nodiscard]] PollLoopOptions loop_options(ProcessId process) const;

  const WorkerProcessParts& parts_;
  Log log_;
  asio::io_context context_{1};
  asio::signal_set signals_{context_, SIGTERM};
  asio::steady_timer beat_timer_{context_};
  asio::steady_timer stop_timer_{context_};
  std::unique_ptr<ipc::FlightRecorder> recorder_;
  std::unique_ptr<ipc::Audience> audience_;
  std::shared_ptr<ipc::Channel> channel_{};
  ProcessId process_{0};
  RunTools tools_;
  Handover handover_;
  DeadlineWatch deadlines_;
  Lanes lanes_;
  std::unique_ptr<PollLoop> loop_{};
  std::unique_ptr<Heartbeat> heart_{};
  std::unique_ptr<JobEvents> events_{};
  std::thread loop_thread_{};
  SteadyPoint begin_{};
  std::int64_t jobs_run_{0};
  bool orphaned_{false};
  std::string leave_reason_{"stopped"};
  std::atomic<int> exit_code_{0};
};

WorkerProcess::WorkerProcess(const WorkerProcessParts& parts)
    : parts_{parts},
      log_{parts.log},
      recorder_{ipc::FlightRecorder::attach(inherited_fd("ERRAND_FLIGHT_FD"))},
      audience_{ipc::Audience::attach(inherited_fd("ERRAND_AUDIENCE_FD"))},
      tools_{parts.app,
             parts.registry,
             parts.store.jobs(),
             parts.store.database(),
             *parts.clock,
             parts.log,
             {}},
      handover_{parts.config.worker_concurrency},
      deadlines_{context_,
                 *parts.clock,
                 [this](SteadyPoint now) {
                   return lanes_.check_deadlines(now);
                 }},
      lanes_{parts.config.worker_concurrency, tools_, handover_, *recorder_},
      begin_{parts.clock->steady_now()} {}

int WorkerProcess::run() {
  connect();
  watch_signals();
  try {
    announce_patiently();
  } catch (const Error& error) {
    if (channel_)
      channel_->send(ipc::WorkerError{error.what(), ::getpid()});
    log_.error("cannot start", {{"why", error.what()}});
    if (channel_)
      context_.poll();
    handover_.close();
    return error.kind() == ErrorKind::invalid ? ipc::exit_config : EXIT_FAILURE;
  }
  lanes_.start();
  loop_thread_ = std::thread{[this] {
    run_loop();
  }};
  heart_->start();
  beat_ipc();
  log_.debug("ready", {{"pid", ::getpid()}, {"process", process_}});
  context_.run();
  loop_thread_.join();
  heart_->stop();
  lanes_.join();
  parts_.sockets.disconnect();
  return exit_code_;
}

void WorkerProcess::connect() {
  ::fcntl(*parts_.config.ipc_fd, F_SETFD, FD_CLOEXEC);
  ::unsetenv("NODE_CHANNEL_FD");  // NOLINT(concurrency-mt-unsafe): before any thread is started
  channel_ = ipc::Channel::open(context_,
                                UniqueFd{*parts_.config.ipc_fd},
                                {[this](ipc::Message message) { on_message(message); },
                                 [this](const std::string& reason) {
                                   on_orphaned(reason);
                                 }});
  channel_->send(ipc::Hello{ipc::protocol_version, version_text, ::getpid()});
  parts_.sockets.connect(channel_);
  events_ = std::make_unique<JobEvents>(*channel_, *audience_, *parts_.clock);
}

/// A database that is away is waited for as long as the manager waits for a worker to be ready.
void WorkerProcess::announce_patiently() {
  const SteadyPoint give_up = begin_ + announce_limit;
  while (true) {
    try {
      return announce();
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::unavailable || parts_.clock->steady_now() >= give_up)
        throw;
    }
    std::this_thread::sleep_for(announce_pause);
  }
}

void WorkerProcess::announce() {
  process_ = parts_.store.jobs().begin_process(description());
  loop_ = std::make_unique<PollLoop>(
      parts_.store.jobs(), handover_, *parts_.clock, log_, loop_options(process_));
  heart_ = std::make_unique<Heartbeat>(
      Heartbeat::Parts{parts_.store.jobs(), *parts_.clock, lanes_, *loop_, process_}, log_);
  loop_->may_claim = [this] {
    return heart_->lease_is_safe();
  };
  loop_->has_room = [this] {
    return channel_->wait_for_room(room_wait);
  };
  loop_->on_recorded = [this](std::span<const FinishedRun* const> runs, TimePoint now) {
    events_->finished(runs, now);
  };
  loop_->on_backlog = [this] {
    channel_->send(ipc::Wake{});
  };
  loop_->on_runs = [this](const std::vector<FinishedRun>& runs) {
    recycle_if_due(runs);
  };
  loop_->on_rest = return_free_memory;
  handover_.may_begin = [this] {
    return heart_->lease_is_safe();
  };
  heart_->on_beat = [this] {
    handover_.lease_renewed();
  };
  heart_->on_dead = [this] {
    loop_->supersede();
    std::this_thread::sleep_for(superseded_grace);
    leave_superseded();
  };
  lanes_.on_deadline = [this](SteadyPoint deadline) {
    deadlines_.watch(deadline);
  };
  lanes_.on_begin = [this](const ClaimedJob& job) {
    events_->started(job);
  };
  tools_.on_progress = [this](ActiveRun& run, const Progress& progress) {
    heart_->progress_waits();
    events_->progress(run.job(), progress);
  };
  tools_.on_complete_in = [this] {
    handover_.never_hold();
  };
  channel_->send(ipc::WorkerStarted{::getpid(), process_});
}

NewProcess WorkerProcess::description() const {
  NewProcess process;
  process.node = parts_.node;
  process.hostname = host_name();
  process.slot = parts_.config.worker_id.value_or(0);
  process.pid = ::getpid();
  process.version = version_text;
  process.types = names_of_types(parts_.registry);
  for (const QueueLimit& queue : parts_.config.worker_queues)
    process.queues.push_back(queue.queue);
  std::ranges::sort(process.queues);
  return process;
}

PollLoopOptions WorkerProcess::loop_options(ProcessId process) const {
  return {process, description().types, parts_.config.worker_queues, parts_.config.poll_interval};
}

void WorkerProcess::on_message(const ipc::Message& message) {
  if (std::holds_alternative<ipc::Wake>(message)) {
    handover_.wake();
  } else if (const auto* looked = std::get_if<ipc::NodeLooked>(&message)) {
    loop_->node_looked(looked->due);
  } else if (const auto* cancel = std::get_if<ipc::CancelJob>(&message)) {
    lanes_.cancel(cancel->id, cancel_grace);
  } else if (std::holds_alternative<ipc::Drain>(message)) {
    drain();
  } else if (std::holds_alternative<ipc::Stop>(message)) {
    stop(StopReason::shutdown);
  } else if (const auto* unknown = std::get_if<ipc::Unknown>(&message)) {
    log_.debug("ignoring a message of an unknown type", {{"type", unknown->type}});
  }
}

void WorkerProcess::on_orphaned(const std::string& reason) {
  if (orphaned_ || exit_code_ != 0)
    return;
  orphaned_ = true;
  // Whatever hangs from here on, the kernel ends this process.
  ::signal(SIGALRM, SIG_DFL);
  ::alarm(orphan_seconds);
  log_.warn("the manager is gone; putting back what runs and leaving", {{"why", reason}});
  stop(StopReason::shutdown);
}

void WorkerProcess::watch_signals() {
  ::signal(
      SIGINT,
      SIG_IGN);  // Ctrl-C reaches the whole terminal group; the manager decides for its children
  ::signal(SIGPIPE, SIG_IGN);
  signals_.async_wait([this](const boost::system::error_code& failed, int) {
    if (failed)
      return;
    drain();
    watch_signals();
  });
}

void WorkerProcess::beat_ipc() {
  recorder_->beat();
  channel_->send(ipc::Heartbeat{resident_bytes()});
  beat_timer_.expires_after(beat_interval);
  beat_timer_.async_wait([this](const boost::system::error_code& failed) {
    if (!failed)
      beat_ipc();
  });
}

void WorkerProcess::drain() {
  handover_.drain();
  log_.debug("draining: takes no more jobs");
}

void WorkerProcess::stop(StopReason reason) {
  drain();
  lanes_.stop_all(reason);
  stop_timer_.expires_after(stop_grace);
  stop_timer_.async_wait([this](const boost::system::error_code& failed) {
    if (!failed)
      leave_now();
  });
}

/// Handlers that do not obey cannot be ended one by one: their jobs are put back, fenced, and the
/// process goes.
void WorkerProcess::leave_now() {
  try {
    if (loop_)
      loop_->release(lanes_.running());
  } catch (const Error& error) {
    log_.warn("cannot put back running jobs; the manager will", {{"why", error.what()}});
  }
  std::_Exit(EXIT_SUCCESS);
}

void WorkerProcess::leave_superseded() {
  log_.error("this worker was declared dead while it was away; leaving, its jobs run elsewhere",
             {{"refused", loop_->refused()}});
  std::_Exit(ipc::exit_superseded);
}

void WorkerProcess::recycle_if_due(const std::vector<FinishedRun>& runs) {
  const Config& config = parts_.config;
  jobs_run_ += static_cast<std::int64_t>(runs.size());
  const bool jobs = config.worker_max_jobs > 0 && jobs_run_ >= config.worker_max_jobs;
  const bool age = config.worker_max_age.count() > 0 &&
                   parts_.clock->steady_now() - begin_ >= config.worker_max_age;
  const bool memory =
      config.worker_max_rss_bytes > 0 && resident_bytes() >= config.worker_max_rss_bytes;
  if (!jobs && !age && !memory)
    return;
  leave_reason_ = "recycled";
  drain();
}

void WorkerProcess::run_loop() {
  finish(loop_->run());
}

void WorkerProcess::finish(LoopEnd end) {
  if (end == LoopEnd::superseded)
    leave_superseded();
  handover_.close();
  channel_->send(ipc::WorkerShutdown{::getpid(), leave_reason_});
  channel_->flush(flush_limit);
  heart_->stop();  // or it finds the row ended, and takes that for a sentence
  try {
    probe("before-goodbye");
    parts_.store.jobs().end_process(process_, leave_reason_);
  } catch (const Error& error) {
    log_.debug("cannot say goodbye to the database; the manager will", {{"why", error.what()}});
  }
  context_.stop();
}

}  // namespace

int run_worker_process(const WorkerProcessParts& parts) {
  keep_memory_of_batches();
  WorkerProcess process{parts};
  return process.run();
}

}  // namespace errand
