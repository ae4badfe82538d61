#pragma once

#include <future>
#include <thread>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include "base/system_clock.hpp"
#include "helpers/fake_backend.hpp"
#include "helpers/http_client.hpp"
#include "server/web_server.hpp"

namespace errand::testing {

inline const std::string admin_token = "admin-token-of-the-tests";
inline const std::string session_key = "0123456789abcdef0123456789abcdef";

inline std::string token_of(std::int64_t user_id, milliseconds lifetime = std::chrono::hours{1}) {
  return create_user_token(session_key, user_id, SystemClock{}.wall_now(), lifetime);
}

/// Lines that were logged, as text.
class LogLines final : public LogSink {
 public:
  void write(const LogRecord& record) override {
    const std::lock_guard lock{mutex_};
    text_ += std::string{record.message};
    if (record.fields != nullptr)
      text_ += " " + record.fields->dump();
    text_ += "\n";
  }

  std::string text() {
    const std::lock_guard lock{mutex_};
    return text_;
  }

 private:
  std::mutex mutex_{};
  std::string text_{};
};

/// A server on a free port with fakes behind it, and its event loop on a thread.
class RunningServer {
 public:
  explicit RunningServer(WebServerOptions options = {}) {
    options.admin_token = admin_token;
    options.session_encryption_key = session_key;
    registry.add("known", [](JobContext&, const Json&) {});
    WebServerBackend backend{jobs, jobs, notifications, registry};
    backend.worker_status = [] {
      return Json{{"slots", 1}};
    };
    backend.not_ready = [this] {
      return std::string{jobs.fault.away ? "the database is away" : ""};
    };
    backend.submit_with_keys = [this](std::span<const NewJob> list,
                                      std::span<const std::string> keys) {
      return jobs.submit_with_keys(list, keys);
    };
    backend.user_came = [this](std::int64_t user) {
      note_presence("came " + std::to_string(user));
    };
    backend.user_left = [this](std::int64_t user) {
      note_presence("left " + std::to_string(user));
    };
    server = WebServer::create(
        loop, std::make_shared<SystemClock>(), Log{lines, LogLevel::debug}, options, backend);
    server->start();
    thread_ = std::thread{[this] {
      loop.run();
    }};
  }

  RunningServer(const RunningServer&) = delete;
  RunningServer& operator=(const RunningServer&) = delete;

  ~RunningServer() {
    server.reset();
    work_.reset();
    thread_.join();
  }

  HttpReply request(const std::string& method,
                    const std::string& target,
                    const std::string& token = {},
                    const std::string& body = {},
                    const std::string& more_headers = {}) {
    return HttpClient{server->port()}.request(method, target, token, body, more_headers);
  }

  /// What the server has said of who came and left, once it has said so much.
  std::vector<std::string> presence(std::size_t count) {
    std::unique_lock lock{presence_mutex_};
    presence_changed_.wait_for(
        lock, std::chrono::seconds{10}, [&] { return presence_.size() >= count; });
    return presence_;
  }

  /// Returns once the event loop has done what it had to do by now.
  void settle() {
    std::promise<void> done;
    boost::asio::post(loop, [&done] { done.set_value(); });
    done.get_future().wait();
  }

  std::shared_ptr<LogLines> lines{std::make_shared<LogLines>()};
  FakeJobs jobs{};
  FakeNotifications notifications{};
  JobRegistry registry{};
  boost::asio::io_context loop{1};
  std::unique_ptr<WebServer> server{};

 private:
  void note_presence(std::string what) {
    const std::lock_guard lock{presence_mutex_};
    presence_.push_back(std::move(what));
    presence_changed_.notify_all();
  }

  std::mutex presence_mutex_{};
  std::condition_variable presence_changed_{};
  std::vector<std::string> presence_{};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_{
      loop.get_executor()};
  std::thread thread_{};
};

}  // namespace errand::testing
