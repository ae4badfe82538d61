#include "store/postgresql/postgres_feed.hpp"

#include <poll.h>
#include <sys/eventfd.h>

#include <algorithm>
#include <errand/error.hpp>

#include "base/earlier.hpp"
#include "base/host.hpp"
#include "base/time_text.hpp"

namespace errand::sql {
namespace {

using std::chrono::milliseconds;

SteadyPoint steady_now() {
  return std::chrono::steady_clock::now();
}

/// Milliseconds for `poll`, rounded up; -1 = for ever.
int poll_limit(std::optional<SteadyPoint> until) {
  if (!until)
    return -1;
  const auto left = std::chrono::ceil<milliseconds>(*until - steady_now());
  return static_cast<int>(std::max<milliseconds::rep>(left.count(), 0));
}

void empty_bell(int bell) {
  eventfd_t rings = 0;
  (void)::eventfd_read(bell, &rings);
}

}  // namespace

struct PostgresFeed::Session {
  explicit Session(const PostgresUrl& url) : connection{url} {}

  FeedConnection connection;
  FeedJoiner joiner{};
  bool listens{false};   ///< or has asked to
  bool settled{false};   ///< it was told that this connection serves
  std::int64_t ping{0};  ///< number of the last self-test
  SteadyPoint next_test{steady_now()};
  std::optional<SteadyPoint> answer_by{};  ///< of the statement that is under way
  std::optional<SteadyPoint> ping_by{};    ///< of the self-test that is under way
};

PostgresFeed::PostgresFeed(PostgresUrl url, PostgresFeedTimes times)
    : url_{std::move(url)},
      times_{times},
      name_{random_hex128()},
      bell_{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)},
      outbox_{name_} {}

PostgresFeed::~PostgresFeed() {
  stop();
  {
    const std::lock_guard lock{mutex_};
    leave_by_ = steady_now() + times_.farewell;
  }
  ring();
  if (thread_.joinable())
    thread_.join();
}

void PostgresFeed::start(Handlers handlers) {
  {
    const std::lock_guard lock{handlers_mutex_};
    handlers_ = std::move(handlers);
  }
  const std::lock_guard lock{mutex_};
  wants_to_listen_ = true;
  begin_thread();
}

void PostgresFeed::stop() {
  {
    const std::lock_guard lock{mutex_};
    wants_to_listen_ = false;
  }
  const std::lock_guard lock{handlers_mutex_};
  handlers_ = {};
}

void PostgresFeed::publish(const Json& event) noexcept {
  try {
    const std::lock_guard lock{mutex_};
    outbox_.push(event);
    begin_thread();
  } catch (const std::exception&) {  // a hint: it may be lost
  }
}

/// Under the lock.
void PostgresFeed::begin_thread() {
  if (!thread_.joinable())
    thread_ = std::thread{[this] {
      run();
    }};
  ring();
}

void PostgresFeed::ring() const noexcept {
  (void)::eventfd_write(bell_.get(), 1);
}

std::string PostgresFeed::status() const {
  const std::lock_guard lock{mutex_};
  switch (state_) {
    case State::idle:
      return "not started";
    case State::sending:
      return why_.empty() ? "sending only" : "sending only: " + why_;
    case State::listening:
      return "listening";
    case State::away:
      break;
  }
  const auto age = std::chrono::floor<std::chrono::seconds>(steady_now() - since_);
  return "away for " + duration_text(age) + ": " + why_;
}

void PostgresFeed::run() {
  while (true) {
    if (!has_reason_to_connect()) {
      if (is_leaving())
        return;
      pause(milliseconds{-1});
      continue;
    }
    try {
      Session session{url_};
      live(session);
    } catch (const Error& failure) {
      note(State::away, failure.what());
      if (is_leaving())
        return;
      back_off();
    }
  }
}

bool PostgresFeed::has_reason_to_connect() const {
  const std::lock_guard lock{mutex_};
  return (wants_to_listen_ && !leave_by_) || !outbox_.empty();
}

bool PostgresFeed::is_leaving() const {
  const std::lock_guard lock{mutex_};
  return leave_by_.has_value();
}

/// Returns when there is nothing left to do before leaving.
void PostgresFeed::live(Session& session) {
  while (true) {
    step(session);
    {
      const std::lock_guard lock{mutex_};
      const bool idle = outbox_.empty() && !session.connection.busy();
      if (leave_by_ && (idle || steady_now() >= *leave_by_))
        return;
    }
    wait(session);
    empty_bell(bell_.get());
  }
}

void PostgresFeed::step(Session& session) {
  FeedConnection& connection = session.connection;
  connection.turn([&](std::string_view payload) { read(session, payload); });
  if (!connection.busy()) {
    session.answer_by.reset();
    do_what_is_due(session);
    if (connection.busy())
      session.answer_by = steady_now() + times_.answer;
  }
  const auto overdue = [now = steady_now()](std::optional<SteadyPoint> by) {
    return by && *by <= now;
  };
  if (overdue(session.answer_by) || overdue(session.ping_by))
    throw Error{ErrorKind::unavailable,
                "PostgreSQL at " + url_.where() + " does not answer the hints' connection"};
}

void PostgresFeed::do_what_is_due(Session& session) {
  std::unique_lock lock{mutex_};
  const bool listen = wants_to_listen_ && session.connection.keeps_session();
  const bool in_vain = wants_to_listen_ && !listen;
  if (listen && !session.listens) {
    lock.unlock();
    session.connection.listen();
    session.listens = true;
    session.settled = false;
    return;
  }
  if (!session.settled) {
    lock.unlock();
    session.settled = true;
    failures_ = 0;
    note(listen ? State::listening : State::sending,
         in_vain ? "a pooler stands before the database, and no session of it can LISTEN; workers "
                   "look for jobs every POLL_INTERVAL"
                 : "");
    tell_gap();
    lock.lock();
  }
  const std::vector<std::string> payloads = outbox_.take(steady_now());
  lock.unlock();
  if (!payloads.empty())
    session.connection.send(payloads);
  else if (session.listens)
    test_itself(session);
}

void PostgresFeed::test_itself(Session& session) {
  const SteadyPoint now = steady_now();
  if (session.ping_by || now < session.next_test)
    return;
  session.connection.send({feed_ping(name_, ++session.ping)});
  session.ping_by = now + times_.answer;
  session.next_test = now + times_.self_test;
}

void PostgresFeed::wait(const Session& session) const {
  std::optional<SteadyPoint> until = session.answer_by;
  keep_earlier(until, session.ping_by);
  if (session.listens && !session.ping_by)
    keep_earlier(until, session.next_test);
  {
    const std::lock_guard lock{mutex_};
    keep_earlier(until, leave_by_);
    if (!session.connection.busy())
      keep_earlier(until, outbox_.due());
  }
  const auto what =
      static_cast<short>(session.connection.wants_to_write() ? POLLIN | POLLOUT : POLLIN);
  pollfd watched[] = {{session.connection.descriptor(), what, 0}, {bell_.get(), POLLIN, 0}};
  (void)::poll(watched, 2, poll_limit(until));
}

void PostgresFeed::pause(milliseconds longest) const {
  pollfd watched{bell_.get(), POLLIN, 0};
  (void)::poll(&watched, 1, static_cast<int>(longest.count()));
  empty_bell(bell_.get());
}

/// Half of it by chance, so that nodes that lost the server together do not come back together.
void PostgresFeed::back_off() {
  const int doublings = std::min(failures_++, 10);
  const milliseconds delay =
      std::min(times_.back_off_first * (1 << doublings), times_.back_off_longest);
  const SteadyPoint until = steady_now() + delay / 2 +
                            std::chrono::duration_cast<milliseconds>(delay / 2 * random_.uniform());
  while (!is_leaving() && steady_now() < until)
    pause(std::chrono::ceil<milliseconds>(until - steady_now()));
}

void PostgresFeed::read(Session& session, std::string_view payload) {
  std::optional<FeedPayload> said = read_feed(payload);
  if (!said)
    return;
  if (said->from == name_) {
    if (said->ping == session.ping)
      session.ping_by.reset();
    return;
  }
  for (const Json& event : said->events)
    hand_on(event);
  if (!said->part)
    return;
  if (const auto whole = session.joiner.add(said->from, *std::move(said->part), steady_now()))
    hand_on(*whole);
}

void PostgresFeed::hand_on(const Json& event) {
  const std::lock_guard lock{handlers_mutex_};
  if (handlers_.on_event)
    handlers_.on_event(event);
}

void PostgresFeed::tell_gap() {
  const std::lock_guard lock{handlers_mutex_};
  if (handlers_.on_gap)
    handlers_.on_gap();
}

void PostgresFeed::note(State state, const std::string& why) {
  State before = State::idle;
  {
    const std::lock_guard lock{mutex_};
    before = std::exchange(state_, state);
    why_ = why;
    if (before != state)
      since_ = steady_now();
  }
  if (before == state)
    return;
  const std::lock_guard lock{handlers_mutex_};
  if (state == State::away)
    handlers_.log.warn("hints between nodes have stopped; trying again for ever", {{"why", why}});
  else if (!why.empty())
    handlers_.log.warn("hints between nodes are only sent, not received", {{"why", why}});
  else if (before == State::away)
    handlers_.log.info("hints between nodes travel again");
}

}  // namespace errand::sql
