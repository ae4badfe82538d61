#pragma once

#include <filesystem>
#include <memory>
#include <string>

namespace boost::asio {
class io_context;
}

namespace demo {

/// A mail server for trying things out, on 127.0.0.1: it stores each message as an .eml file and
/// delivers to nobody. Mailboxes exist in example.com and example.org; others are refused with 550.
/// An address that begins with "later" is refused with 451 every other time, as greylisting servers
/// do.
class SmtpSink {
 public:
  /// Listens from here on; port 0 = any. Throws `Error{unavailable}`.
  SmtpSink(boost::asio::io_context& context, int port, std::filesystem::path folder);
  SmtpSink(const SmtpSink&) = delete;
  SmtpSink& operator=(const SmtpSink&) = delete;
  ~SmtpSink();

  [[nodiscard]] int port() const noexcept;

 private:
  class Listener;
  std::shared_ptr<Listener> listener_;
};

}  // namespace demo
