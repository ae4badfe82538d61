#include "manager/supervisor.hpp"

#include <algorithm>
#include <atomic>
#include <csignal>
#include <errand/error.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include "base/earlier.hpp"
#include "base/host.hpp"
#include "manager/place.hpp"
#include "manager/wake_plan.hpp"

namespace errand {
namespace {

namespace asio = boost::asio;
using Happening = Slot::Happening;
using Running = ipc::FlightRecorder::Running;

/// After a worker's end, how long its line may take to deliver what it said last.
constexpr milliseconds last_words{200};
/// How often a child is looked at that the kernel cannot watch.
constexpr milliseconds unwatched_look{50};
/// A timer that is this late means that this process was stopped, not its workers.
constexpr milliseconds stopped_meanwhile{2000};
constexpr milliseconds look_shortest{10};

class ProcessSupervisor final : public Supervisor {
 public:
  ProcessSupervisor(asio::io_context& context,
                    std::shared_ptr<const Clock> clock,
                    Log log,
                    SupervisorOptions options,
                    SupervisorCallbacks callbacks)
      : context_{context},
        clock_{std::move(clock)},
        log_{std::move(log)},
        options_{std::move(options)},
        callbacks_{std::move(callbacks)},
        timer_{context} {
    for (int number = 1; number <= options_.worker_count; ++number) {
      Place place;
      place.number = number;
      place.slot = Slot{slot_times(options_, number)};
      places_.push_back(std::move(place));
    }
  }

  void start() override {
    for (Place& place : places_)
      feed(place, {Happening::run});
    arm();
  }

  void wake() override {
    if (wake_posted_.exchange(true))
      return;
    asio::post(context_, [this, alive = std::weak_ptr{alive_}] {
      if (alive.expired())
        return;
      wake_posted_ = false;
      wake_workers({});
    });
  }

  void node_looked(std::optional<std::chrono::microseconds> due_in) override {
    asio::post(context_, [this, due_in, alive = std::weak_ptr{alive_}] {
      if (!alive.expired())
        tell_of_look(due_in);
    });
  }

  void cancel_job(std::int64_t process, JobId id) override {
    for (Place& place : places_)
      if (place.child && place.process == process)
        place.child->channel().send(ipc::CancelJob{id});
  }

  void recycle(int slot) override {
    for (Place& place : places_)
      if (place.number == slot)
        feed(place, {Happening::recycle});
    arm();
  }

  void shutdown(milliseconds grace, std::function<void()> done) override {
    stopping_ = true;
    when_stopped_.push_back(std::move(done));
    for (Place& place : places_)
      feed(place, {Happening::stop, -1, grace});
    arm();
    tell_if_stopped();
  }

  [[nodiscard]] std::vector<SlotStatus> status() const override {
    std::vector<SlotStatus> all;
    for (const Place& place : places_)
      all.push_back({place.number,
                     std::string{to_text(place.slot.state())},
                     place.child ? place.child->pid() : 0,
                     place.process,
                     place.slot.restarts()});
    return all;
  }

 private:
  void feed(Place& place, const Slot::Event& event) {
    const Slot::Step step = place.slot.step(event, clock_->steady_now());
    place.deadline = step.next_deadline;
    for (const Slot::Action action : step.actions)
      perform(place, action);
  }

  void perform(Place& place, Slot::Action action) {
    switch (action) {
      case Slot::Action::spawn:
        return spawn(place);
      case Slot::Action::send_drain:
        return place.child->channel().send(ipc::Drain{});
      case Slot::Action::send_stop:
        return place.child->channel().send(ipc::Stop{});
      case Slot::Action::term:
        return place.child->signal(SIGTERM);
      case Slot::Action::abort:
        log_.error(place.who() + " is not ready in time or shows no sign of life; it is ended");
        return place.child->signal(SIGABRT);
      case Slot::Action::kill:
        return place.child->signal(SIGKILL);
      case Slot::Action::alarm:
        return raise_alarm(place);
    }
  }

  void raise_alarm(const Place& place) const {
    log_.error(
        "worker " + std::to_string(place.number) +
            " does not come up; it is tried again, slowly: see why it ends in its lines above",
        {{"slot", place.number}, {"lastEnd", place.last_sentence}});
  }

  void spawn(Place& place) {
    place.forget_worker();
    try {
      const SpawnRequest request{.slot = place.number,
                                 .arguments = options_.arguments,
                                 .environment = options_.environment,
                                 .audience_fd = options_.audience_fd};
      place.child = Child::start(
          context_,
          request,
          {[this, &place](const ipc::Message& message) { take_message(place, message); },
           [this, &place](const std::string& reason) { line_ended(place, reason); },
           [this, &place] {
             process_ended(place);
           }});
      log_.debug("worker started", {{"slot", place.number}, {"pid", place.child->pid()}});
    } catch (const Error& failure) {
      log_.error(failure.what(), {{"slot", place.number}});
      feed(place, {Happening::spawn_failed});
    }
  }

  void take_message(Place& place, const ipc::Message& message) {
    wake_plan_.heard(place.number);
    feed(place, {Happening::alive});
    std::visit([&](const auto& value) { take(place, value, message); }, message);
    arm();
  }

  void take(Place& place, const ipc::Hello& hello, const ipc::Message& /*message*/) {
    if (hello.protocol != ipc::protocol_version)
      refuse(place,
             "it speaks protocol " + std::to_string(hello.protocol) + " (version " + hello.version +
                 "), this manager speaks " + std::to_string(ipc::protocol_version) + " (version " +
                 version_text + "); restart the service with one version of the program");
  }

  void take(Place& place, const ipc::WorkerStarted& started, const ipc::Message& /*message*/) {
    const bool taken =
        started.process > 0 && std::any_of(places_.begin(), places_.end(), [&](const Place& other) {
          return &other != &place && other.process == started.process;
        });
    if (taken || (place.process != 0 && place.process != started.process))
      return refuse(place, "it gives itself out for another worker");
    place.process = started.process;
    feed(place, {Happening::ready});
    look_at_ = clock_->steady_now();
    log_.info("worker is ready",
              {{"slot", place.number}, {"pid", place.child->pid()}, {"process", place.process}});
    if (callbacks_.on_ready)
      callbacks_.on_ready(place.number, place.process, place.child->pid());
  }

  void take(Place& place, const ipc::WorkerShutdown& leaving, const ipc::Message& /*message*/) {
    log_.debug("worker leaves", {{"slot", place.number}, {"reason", leaving.reason}});
    feed(place, {Happening::leaving});
  }

  void take(Place& place, const ipc::WorkerError& error, const ipc::Message& /*message*/) {
    log_.error("worker reports: " + error.error, {{"slot", place.number}});
  }

  void take(Place& /*place*/, const ipc::Heartbeat& /*beat*/, const ipc::Message& /*message*/) {}

  void take(Place& place, const ipc::Wake& /*wake*/, const ipc::Message& message) {
    wake_workers(place.number);
    if (callbacks_.on_message)
      callbacks_.on_message(place.number, place.process, message);
  }

  void take(Place& place, const ipc::Unknown& unknown, const ipc::Message& /*message*/) {
    log_.debug("worker sent a message of an unknown type; it is ignored",
               {{"slot", place.number}, {"type", unknown.type}});
  }

  template <typename Other>
  void take(Place& place, const Other& /*value*/, const ipc::Message& message) {
    constexpr bool is_for_app =
        std::is_same_v<Other, ipc::SendToUser> || std::is_same_v<Other, ipc::Broadcast> ||
        std::is_same_v<Other, ipc::JobStarted> || std::is_same_v<Other, ipc::JobProgress> ||
        std::is_same_v<Other, ipc::JobFinished>;
    if (is_for_app && callbacks_.on_message)
      callbacks_.on_message(place.number, place.process, message);
  }

  void refuse(Place& place, const std::string& why) {
    log_.error(place.who() + " is killed: " + why, {{"slot", place.number}});
    feed(place, {Happening::broken});
  }

  void line_ended(Place& place, const std::string& reason) {
    if (!reason.empty())
      refuse(place, reason);
    if (place.child->exit_status())
      settle(place);
    else
      feed(place, {Happening::hung_up});
    arm();
  }

  void process_ended(Place& place) {
    if (place.child->hung_up())
      settle(place);
    else
      place.last_words_by = clock_->steady_now() + last_words;
    arm();
  }

  // The worker has ended and said all that it will say.
  void settle(Place& place) {
    const ChildDeath death = place.read_death();
    place.last_sentence = death.sentence;
    place.forget_worker();
    const Json fields{{"slot", death.slot}, {"pid", death.pid}, {"jobs", death.running.size()}};
    log_.write(death.expected ? LogLevel::info : LogLevel::error, death.sentence, fields);
    const Happening end = death.running.empty() ? Happening::exited : Happening::crashed;
    feed(place, {end, death.signal != 0 ? -1 : death.exit_code});
    if (callbacks_.on_death)
      callbacks_.on_death(death);
    tell_if_stopped();
  }

  void tell_if_stopped() {
    const auto is_empty = [](const Place& place) {
      return !place.child && place.slot.state() == Slot::State::empty;
    };
    if (!stopping_ || !std::all_of(places_.begin(), places_.end(), is_empty))
      return;
    // Not from here: whoever is told may destroy this object.
    for (auto& done : std::exchange(when_stopped_, {}))
      if (done)
        asio::post(context_, std::move(done));
  }

  void wake_workers(std::optional<int> by_slot) {
    wake_plan_.ask(by_slot);
    step_wake_plan(clock_->steady_now());
    arm();
  }

  void step_wake_plan(SteadyPoint now) {
    const WakePlan::Step step = wake_plan_.step(ready_workers(), now);
    wake_deadline_ = step.next_deadline;
    for (const int slot : step.slots)
      tell(slot, ipc::Wake{});
  }

  [[nodiscard]] std::vector<WakePlan::Worker> ready_workers() const {
    std::vector<WakePlan::Worker> workers;
    for (const Place& place : places_)
      if (place.serves() && place.slot.state() == Slot::State::ready)
        workers.push_back({place.number, place.child->recorder().running().size()});
    return workers;
  }

  void tell(int slot, const ipc::Message& message) {
    places_.at(static_cast<std::size_t>(slot) - 1).child->channel().send(message);
  }

  void tell_of_look(std::optional<std::chrono::microseconds> due_in) {
    const SteadyPoint now = clock_->steady_now();
    due_at_ = due_in ? std::optional{now + *due_in} : std::nullopt;
    if (due_at_ && *due_at_ <= now)
      return have_one_look(now);
    for (const WakePlan::Worker& worker : ready_workers())
      tell(worker.slot, ipc::NodeLooked{});
    arm();
  }

  // One: who finds more than it wants tells of it, and all would be in each other's way.
  void have_one_look(SteadyPoint now) {
    due_at_.reset();
    if (const auto slot = wake_plan_.one_to_look(ready_workers(), now))
      tell(*slot, ipc::NodeLooked{.due = true});
  }

  // Workers write the deadlines of their jobs into their flight recorders and tell nobody. A look
  // in half the grace finds each deadline before it is time to act on it.
  void look_for_late_jobs(SteadyPoint now) {
    look_at_.reset();
    for (Place& place : places_) {
      if (!place.serves())
        continue;
      keep_earlier(look_at_,
                   now + std::max<milliseconds>(options_.timeout_grace / 2, look_shortest));
      for (const Running& job : place.child->recorder().running()) {
        if (!job.deadline)
          continue;
        const SteadyPoint limit = *job.deadline + options_.timeout_grace;
        if (limit <= now)
          place.timed_out.push_back(job);
        else
          keep_earlier(look_at_, limit);
      }
      if (!place.timed_out.empty()) {
        log_.error(place.who() + " runs a job past its timeout; the worker is ended",
                   {{"slot", place.number}, {"job", place.timed_out.front().id}});
        feed(place, {Happening::overdue});
      }
    }
  }

  [[nodiscard]] std::optional<SteadyPoint> earliest_deadline() const {
    std::optional<SteadyPoint> earliest = look_at_;
    keep_earlier(earliest, wake_deadline_);
    keep_earlier(earliest, due_at_);
    for (const Place& place : places_) {
      keep_earlier(earliest, place.deadline);
      keep_earlier(earliest, place.last_words_by);
      if (place.child && !place.child->exit_status() && !place.child->is_watched())
        keep_earlier(earliest, clock_->steady_now() + unwatched_look);
    }
    return earliest;
  }

  // Deadlines move later with every message: the timer then comes early once and is armed anew,
  // which is cheaper than moving it each time.
  void arm() {
    const std::optional<SteadyPoint> next = earliest_deadline();
    if (!next || (armed_for_ && *armed_for_ <= *next))
      return;
    armed_for_ = next;
    const auto wait = std::max(*next - clock_->steady_now(), SteadyPoint::duration::zero());
    timer_.expires_after(wait);
    timer_.async_wait(
        [this, alive = std::weak_ptr{alive_}](const boost::system::error_code& error) {
          if (!error && !alive.expired())
            time_passed();
        });
  }

  void time_passed() {
    const SteadyPoint now = clock_->steady_now();
    const bool was_stopped = armed_for_ && now - *armed_for_ > stopped_meanwhile;
    armed_for_.reset();
    for (Place& place : places_) {
      if (was_stopped)
        feed(place, {Happening::resumed});
      look_after(place, now);
    }
    if (look_at_ && *look_at_ <= now)
      look_for_late_jobs(now);
    if (wake_deadline_ && *wake_deadline_ <= now)
      step_wake_plan(now);
    if (due_at_ && *due_at_ <= now)
      have_one_look(now);
    arm();
  }

  void look_after(Place& place, SteadyPoint now) {
    if (place.child && !place.child->is_watched())
      place.child->look();
    if (place.last_words_by && *place.last_words_by <= now)
      settle(place);
    if (!place.deadline || *place.deadline > now)
      return;
    if (place.child && place.child->recorder().beats() != place.beats_seen) {
      place.beats_seen = place.child->recorder().beats();
      feed(place, {Happening::alive});
    }
    if (place.deadline && *place.deadline <= now)
      feed(place, {Happening::timer});
  }

  asio::io_context& context_;
  std::shared_ptr<const Clock> clock_;
  Log log_;
  SupervisorOptions options_;
  SupervisorCallbacks callbacks_;
  asio::steady_timer timer_;
  std::vector<Place> places_{};  ///< never grows: callbacks refer to its elements
  WakePlan wake_plan_{};
  std::optional<SteadyPoint> armed_for_{};
  std::optional<SteadyPoint> look_at_{};
  std::optional<SteadyPoint> wake_deadline_{};
  std::optional<SteadyPoint> due_at_{};  ///< the next job that the node has seen
  std::vector<std::function<void()>> when_stopped_{};
  bool stopping_{false};
  std::atomic<bool> wake_posted_{false};
  std::shared_ptr<int> alive_ = std::make_shared<int>(0);
};

}  // namespace

std::unique_ptr<Supervisor> Supervisor::create(asio::io_context& context,
                                               std::shared_ptr<const Clock> clock,
                                               Log log,
                                               SupervisorOptions options,
                                               SupervisorCallbacks callbacks) {
  return std::make_unique<ProcessSupervisor>(
      context, std::move(clock), std::move(log), std::move(options), std::move(callbacks));
}

}  // namespace errand
