#pragma once

#include <chrono>
#include <errand/log.hpp>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace errand::testing {

struct HttpReply {
  int status{0};                                 ///< 0 = the connection closed without an answer
  std::map<std::string, std::string> headers{};  ///< names in lower case
  std::string body{};

  [[nodiscard]] Json json() const { return Json::parse(body, nullptr, false); }

  [[nodiscard]] std::string header(const std::string& name) const {
    const auto found = headers.find(name);
    return found == headers.end() ? std::string{} : found->second;
  }
};

/// One connection that blocks, with ten seconds for everything. Throws std::runtime_error when that
/// is not enough.
class HttpClient {
 public:
  explicit HttpClient(int port);
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;
  ~HttpClient();

  /// These bytes as they are. False when the peer has closed.
  bool send(std::string_view bytes);

  /// The next answer; without body for `head`.
  HttpReply read(bool head = false);

  /// Whether the next thing the server says is 100 Continue.
  bool invited();

  /// Whether the server has nothing more to say: closed, not merely silent.
  bool closed();

  HttpReply request(const std::string& method,
                    const std::string& target,
                    const std::string& token = {},
                    const std::string& body = {},
                    const std::string& more_headers = {});

 private:
  bool fill();

  int fd_{-1};
  std::string buffer_{};
};

/// A WebSocket client that blocks, with ten seconds for everything.
class WebSocketClient {
 public:
  /// Opens it; `status()` says how the server answered.
  explicit WebSocketClient(int port, const std::string& more_headers = {}, int receive_bytes = 0);
  WebSocketClient(const WebSocketClient&) = delete;
  WebSocketClient& operator=(const WebSocketClient&) = delete;
  ~WebSocketClient();

  [[nodiscard]] int status() const noexcept { return status_; }

  void send(const std::string& text);
  void ping();
  /// Bytes of frames as they are.
  void send_raw(std::string_view bytes);

  /// Pings are answered while reading, unless told otherwise.
  void answer_pings(bool answer) { answer_pings_ = answer; }

  /// The next text message, or nothing when the connection ends first. `type` of a message is the
  /// usual thing to look at.
  std::optional<Json> read();

  /// After the end: the close frame's code, or 1006 when there was none.
  [[nodiscard]] int close_code() const noexcept { return close_code_; }

  /// Reads and drops until the end.
  int read_to_end();

  void register_as(const std::string& token, std::optional<std::int64_t> last = {});

 private:
  bool fill();
  void send_frame(int opcode, std::string_view payload);

  int fd_{-1};
  int status_{0};
  int close_code_{1006};
  bool answer_pings_{true};
  std::string buffer_{};
};

}  // namespace errand::testing
