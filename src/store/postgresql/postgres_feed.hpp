#pragma once

#include <memory>
#include <mutex>
#include <thread>

#include "base/random.hpp"
#include "base/unique_fd.hpp"
#include "store/node_feed.hpp"
#include "store/postgresql/feed_connection.hpp"
#include "store/postgresql/feed_outbox.hpp"

namespace errand::sql {

struct PostgresFeedTimes {
  std::chrono::milliseconds self_test{std::chrono::seconds{10}};
  std::chrono::milliseconds answer{std::chrono::seconds{5}};  ///< a statement, a self-test
  std::chrono::milliseconds back_off_first{100};
  std::chrono::milliseconds back_off_longest{std::chrono::seconds{5}};
  std::chrono::milliseconds farewell{std::chrono::seconds{1}};
};

/// Hints by LISTEN and NOTIFY on the channel `errand`: one connection and one thread, both begun
/// with the first `start` or `publish`. A lost connection is opened again for ever.
class PostgresFeed final : public NodeFeed {
 public:
  explicit PostgresFeed(PostgresUrl url, PostgresFeedTimes times = {});
  ~PostgresFeed() override;

  void start(Handlers handlers) override;
  void stop() override;
  void publish(const Json& event) noexcept override;
  [[nodiscard]] std::string status() const override;

 private:
  enum class State { idle, sending, listening, away };

  /// One connection, from its opening to its end. The feed's thread only.
  struct Session;

  void begin_thread();
  void ring() const noexcept;
  void run();
  [[nodiscard]] bool has_reason_to_connect() const;
  void live(Session& session);
  void step(Session& session);
  void do_what_is_due(Session& session);
  void test_itself(Session& session);
  void wait(const Session& session) const;
  void pause(std::chrono::milliseconds longest) const;
  void back_off();
  void read(Session& session, std::string_view payload);
  void hand_on(const Json& event);
  void note(State state, const std::string& why = {});
  void tell_gap();
  [[nodiscard]] bool is_leaving() const;

  const PostgresUrl url_;
  const PostgresFeedTimes times_;
  const std::string name_;
  UniqueFd bell_;
  Random random_{Random::from_entropy()};
  int failures_{0};

  mutable std::mutex mutex_{};  ///< guards what follows
  FeedOutbox outbox_;
  bool wants_to_listen_{false};
  std::optional<SteadyPoint> leave_by_{};
  State state_{State::idle};
  std::string why_{};
  SteadyPoint since_{};
  std::thread thread_{};

  std::mutex handlers_mutex_{};  ///< held while one runs
  Handlers handlers_{};
};

}  // namespace errand::sql
