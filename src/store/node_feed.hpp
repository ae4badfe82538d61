#pragma once

#include <errand/log.hpp>
#include <functional>
#include <string>

namespace errand {

/// Hints from node to node through the database, over and above what rows say. Each may be lost,
/// and none is needed for anything to be right: they only make it quick.
///
/// An event is an object with a `type`:
///   {"type":"wake"}                                            jobs may be due
///   {"type":"job-finished"}                                    who waits for a job looks again
///   {"type":"cancel-job","process":7,"id":12}                  the worker of that row stops it
///   {"type":"send-to-user","userId":42,"message":{…}}          to the user's browsers
///   {"type":"broadcast","message":{…}}                         to all browsers
///   {"type":"users","ids":[42,…]}                              these have browsers at the sender
class NodeFeed {
 public:
  /// Called on the feed's thread, one at a time; they must not block.
  struct Handlers {
    /// Something another node published.
    std::function<void(const Json& event)> on_event{};
    /// Events may have been missed: look at the rows.
    std::function<void()> on_gap{};
    Log log{};
  };

  NodeFeed() = default;
  NodeFeed(const NodeFeed&) = delete;
  NodeFeed& operator=(const NodeFeed&) = delete;
  /// Sends what waits, for at most a second, unless it is just connecting.
  virtual ~NodeFeed() = default;

  /// Listens from here on, until `stop`.
  virtual void start(Handlers handlers) = 0;

  /// No handler runs when this has returned, nor later. Not from inside a handler.
  virtual void stop() = 0;

  /// Queues an event for the other nodes. From any thread; never blocks, never throws. While the
  /// database is away the oldest are dropped beyond 4 MiB.
  virtual void publish(const Json& event) noexcept = 0;

  /// In words: "listening", "sending only: …", "away since …: …", "not started".
  [[nodiscard]] virtual std::string status() const = 0;
};

}  // namespace errand
