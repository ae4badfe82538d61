#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>

namespace errand::torture {

/// Stands between errand and PostgreSQL on a free port of 127.0.0.1, with a thread of its own, and
/// makes the network as bad as it is told. May be called from any thread.
class TcpProxy {
 public:
  /// To the server at this address.
  TcpProxy(const std::string& host, unsigned short port);
  TcpProxy(const TcpProxy&) = delete;
  TcpProxy& operator=(const TcpProxy&) = delete;
  ~TcpProxy();

  [[nodiscard]] unsigned short port() const noexcept;

  /// Connections are taken and stay open, but no byte passes.
  void stall(bool stalled);

  /// Every byte takes so much longer, each way.
  void delay(std::chrono::milliseconds delay);

  /// Each connection passes so many more bytes from the server and is then reset, new ones as well;
  /// nothing = no more of that.
  void cut_after(std::optional<std::size_t> bytes);

  /// Resets what is open.
  void reset_all();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

/// A "postgresql://USER@HOST:PORT/…" taken apart at its address.
struct PostgresAddress {
  std::string before{};
  std::string host{};
  unsigned short port{0};
  std::string after{};

  /// Throws `Error{invalid}` for an address of another kind.
  explicit PostgresAddress(const std::string& url);

  /// By way of that port of 127.0.0.1.
  [[nodiscard]] std::string with(unsigned short other_port) const;
  [[nodiscard]] std::string to_database(const std::string& name) const;
};

}  // namespace errand::torture
