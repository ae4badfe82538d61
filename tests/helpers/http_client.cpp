#include "helpers/http_client.hpp"

#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <netinet/in.h>
#include <stdexcept>

namespace errand::testing {
namespace {

constexpr int patience_seconds = 10;

int connect_to(int port, int receive_bytes) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const timeval patience{patience_seconds, 0};
  ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  ::setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  if (receive_bytes > 0)
    ::setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &receive_bytes, sizeof receive_bytes);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    ::close(fd);
    throw std::runtime_error{"cannot connect to port " + std::to_string(port)};
  }
  return fd;
}

bool send_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0)
      return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

/// False at the end of the stream.
bool receive(int fd, std::string& buffer) {
  std::array<char, 16384> bytes{};
  const ssize_t size = ::recv(fd, bytes.data(), bytes.size(), 0);
  if (size < 0 && errno == EAGAIN)
    throw std::runtime_error{"the server said nothing for ten seconds"};
  if (size <= 0)
    return false;
  buffer.append(bytes.data(), static_cast<std::size_t>(size));
  return true;
}

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return text;
}

HttpReply parse_head(const std::string& head) {
  HttpReply reply;
  reply.status = std::stoi(head.substr(head.find(' ') + 1, 3));
  std::size_t begin = head.find("\r\n") + 2;
  for (std::size_t end = head.find("\r\n", begin); end != std::string::npos && end > begin;
       begin = end + 2, end = head.find("\r\n", begin)) {
    const std::string line = head.substr(begin, end - begin);
    const std::size_t colon = line.find(": ");
    reply.headers[lower(line.substr(0, colon))] = line.substr(colon + 2);
  }
  return reply;
}

}  // namespace

HttpClient::HttpClient(int port) : fd_{connect_to(port, 0)} {}

HttpClient::~HttpClient() {
  ::close(fd_);
}

bool HttpClient::send(std::string_view bytes) {
  return send_all(fd_, bytes);
}

bool HttpClient::fill() {
  return receive(fd_, buffer_);
}

HttpReply HttpClient::read(bool head) {
  std::size_t end = buffer_.find("\r\n\r\n");
  for (; end == std::string::npos; end = buffer_.find("\r\n\r\n")) {
    if (!fill())
      return {};
  }
  HttpReply reply = parse_head(buffer_.substr(0, end + 4));
  buffer_.erase(0, end + 4);
  if (reply.status == 100)
    return read(head);
  const std::string length = reply.header("content-length");
  const std::size_t size = head || length.empty() ? 0 : std::stoul(length);
  while (buffer_.size() < size && fill()) {
  }
  reply.body = buffer_.substr(0, size);
  buffer_.erase(0, reply.body.size());
  return reply;
}

bool HttpClient::invited() {
  static constexpr std::string_view line = "HTTP/1.1 100 Continue\r\n\r\n";
  while (buffer_.size() < line.size() && fill()) {
  }
  const bool found = buffer_.compare(0, line.size(), line) == 0;
  if (found)
    buffer_.erase(0, line.size());
  return found;
}

bool HttpClient::closed() {
  return buffer_.empty() && !fill();
}

HttpReply HttpClient::request(const std::string& method,
                              const std::string& target,
                              const std::string& token,
                              const std::string& body,
                              const std::string& more_headers) {
  std::string bytes = method + " " + target + " HTTP/1.1\r\nHost: localhost\r\n" + more_headers;
  if (!token.empty())
    bytes += "Authorization: Bearer " + token + "\r\n";
  if (!body.empty() && more_headers.find("Content-Type") == std::string::npos)
    bytes += "Content-Type: application/json\r\n";
  if (!body.empty())
    bytes += "Content-Length: " + std::to_string(body.size()) + "\r\n";
  send(bytes + "\r\n" + body);
  return read(method == "HEAD");
}

WebSocketClient::WebSocketClient(int port, const std::string& more_headers, int receive_bytes)
    : fd_{connect_to(port, receive_bytes)} {
  send_all(fd_,
           "GET /ws HTTP/1.1\r\nHost: localhost:" + std::to_string(port) +
               "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: "
               "dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n" +
               more_headers + "\r\n");
  std::size_t end = buffer_.find("\r\n\r\n");
  for (; end == std::string::npos; end = buffer_.find("\r\n\r\n")) {
    if (!fill())
      return;
  }
  status_ = parse_head(buffer_.substr(0, end + 4)).status;
  buffer_.erase(0, end + 4);
}

WebSocketClient::~WebSocketClient() {
  ::close(fd_);
}

bool WebSocketClient::fill() {
  return receive(fd_, buffer_);
}

void WebSocketClient::send_raw(std::string_view bytes) {
  send_all(fd_, bytes);
}

void WebSocketClient::send_frame(int opcode, std::string_view payload) {
  std::string frame(1, static_cast<char>(0x80 | opcode));
  const std::size_t size = payload.size();
  const auto add = [&frame](std::size_t byte) {
    frame.push_back(static_cast<char>(byte & 0xFFU));
  };
  add(0x80U | (size < 126 ? size : size < 65536 ? 126U : 127U));
  const int length_bytes = size < 126 ? 0 : size < 65536 ? 2 : 8;
  for (int at = length_bytes - 1; at >= 0; --at)
    add(size >> static_cast<unsigned>(8 * at));
  frame.append(4, '\0');  // a mask of zeros changes nothing
  frame.append(payload);
  send_all(fd_, frame);
}

void WebSocketClient::send(const std::string& text) {
  send_frame(1, text);
}

void WebSocketClient::ping() {
  send_frame(9, {});
}

std::optional<Json> WebSocketClient::read() {
  for (;;) {
    const auto need = [this](std::size_t bytes) {
      while (buffer_.size() < bytes) {
        if (!fill())
          return false;
      }
      return true;
    };
    if (!need(2))
      return std::nullopt;
    const int opcode = buffer_[0] & 0x0F;
    std::size_t size = static_cast<unsigned char>(buffer_[1]) & 0x7FU;
    const std::size_t length_bytes = size == 126 ? 2 : size == 127 ? 8 : 0;
    if (!need(2 + length_bytes))
      return std::nullopt;
    for (std::size_t at = 0; at < length_bytes; ++at)
      size = (at == 0 ? 0 : size << 8U) | static_cast<unsigned char>(buffer_[2 + at]);
    if (!need(2 + length_bytes + size))
      return std::nullopt;
    const std::string payload = buffer_.substr(2 + length_bytes, size);
    buffer_.erase(0, 2 + length_bytes + size);
    if (opcode == 1)
      return Json::parse(payload, nullptr, false);
    if (opcode == 9 && answer_pings_)
      send_frame(10, payload);
    if (opcode == 8) {
      if (payload.size() >= 2)
        close_code_ =
            static_cast<unsigned char>(payload[0]) * 256 + static_cast<unsigned char>(payload[1]);
      send_frame(8, payload.substr(0, 2));
    }
  }
}

int WebSocketClient::read_to_end() {
  while (read()) {
  }
  return close_code_;
}

void WebSocketClient::register_as(const std::string& token, std::optional<std::int64_t> last) {
  Json message{{"type", "register"}, {"jwtToken", token}};
  if (last)
    message["lastNotificationId"] = *last;
  send(message.dump());
}

}  // namespace errand::testing
