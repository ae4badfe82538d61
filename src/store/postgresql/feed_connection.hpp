#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "store/postgresql/postgres_url.hpp"

struct pg_conn;

namespace errand::sql {

/// The connection that hints travel on: it waits for nothing but the server's greeting. For one
/// thread. Every call throws `Error{unavailable}` once the connection is lost.
class FeedConnection {
 public:
  using OnNotification = std::function<void(std::string_view payload)>;

  /// Blocks as long as connecting takes.
  explicit FeedConnection(const PostgresUrl& url);
  FeedConnection(const FeedConnection&) = delete;
  FeedConnection& operator=(const FeedConnection&) = delete;
  ~FeedConnection();

  /// False behind a pooler that gives each transaction another session.
  [[nodiscard]] bool keeps_session() const noexcept { return keeps_session_; }

  /// Begins; only while not busy.
  void listen();
  /// Begins to send them in one transaction; only while not busy.
  void send(const std::vector<std::string>& payloads);

  /// The server has not answered yet.
  [[nodiscard]] bool busy() const noexcept { return busy_; }

  /// Sends and reads what can be without waiting, and hands on what arrived.
  void turn(const OnNotification& on_notification);

  [[nodiscard]] int descriptor() const noexcept;

  /// Part of a statement waits for room in the socket.
  [[nodiscard]] bool wants_to_write() const noexcept { return wants_to_write_; }

 private:
  void flush();
  void read_answers();
  void ask_for_process();
  [[noreturn]] void fail(const std::string& what) const;

  struct Close {
    void operator()(pg_conn* connection) const noexcept;
  };

  std::string where_;
  std::unique_ptr<pg_conn, Close> handle_;
  bool keeps_session_{true};
  bool busy_{false};
  bool wants_to_write_{false};
};

}  // namespace errand::sql
