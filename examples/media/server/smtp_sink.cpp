#include "server/smtp_sink.hpp"

#include <errand/errand.hpp>
#include <set>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>

#include "jobs/files.hpp"
#include "server/listen.hpp"
#include "server/smtp_dialogue.hpp"

namespace demo {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

constexpr std::size_t line_bytes_max = 4096;
constexpr std::chrono::seconds idle_limit{30};

/// Mail that arrived, as files numbered in the order of arrival.
class MailFolder {
 public:
  explicit MailFolder(std::filesystem::path folder) : folder_{std::move(folder)} {}

  void store(const ReceivedMail& mail) {
    std::filesystem::path path;
    do {
      path = folder_ / ("mail-" + std::to_string(++number_) + ".eml");
    } while (std::filesystem::exists(path));
    write_file(path, "Return-Path: <" + mail.from + ">\r\n" + mail.text);
  }

 private:
  std::filesystem::path folder_;
  int number_{0};
};

class Session : public std::enable_shared_from_this<Session> {
 public:
  Session(tcp::socket socket, RecipientRule rule, std::shared_ptr<MailFolder> folder)
      : socket_{std::move(socket)},
        idle_{socket_.get_executor()},
        dialogue_{std::move(rule)},
        folder_{std::move(folder)} {}

  void start() { say(SmtpDialogue::greeting(), false); }

 private:
  void read() {
    auto self = shared_from_this();
    idle_.expires_after(idle_limit);
    idle_.async_wait([self](error_code failed) {
      if (!failed)
        self->close();
    });
    asio::async_read_until(socket_,
                           asio::dynamic_buffer(input_, line_bytes_max),
                           '\n',
                           [self](error_code failed, std::size_t size) {
                             if (failed)
                               self->close();
                             else
                               self->on_line(size);
                           });
  }

  void on_line(std::size_t size) {
    std::string line = input_.substr(0, size - 1);
    input_.erase(0, size);
    if (line.ends_with('\r'))
      line.pop_back();
    SmtpDialogue::Step step = dialogue_.take(line);
    if (step.mail)
      step.reply = store(*step.mail, std::move(step.reply));
    if (step.reply.empty())
      read();
    else
      say(step.reply, step.close);
  }

  std::string store(const ReceivedMail& mail, std::string reply) {
    try {
      folder_->store(mail);
      return reply;
    } catch (const std::exception& error) {
      return std::string{"451 the message could not be stored: "} + error.what();
    }
  }

  void say(const std::string& reply, bool then_close) {
    output_ = reply + "\r\n";
    asio::async_write(
        socket_,
        asio::buffer(output_),
        [self = shared_from_this(), then_close](error_code failed, std::size_t /*size*/) {
          if (failed || then_close)
            self->close();
          else
            self->read();
        });
  }

  void close() {
    error_code ignored;
    socket_.close(ignored);
    idle_.cancel();
  }

  tcp::socket socket_;
  asio::steady_timer idle_;
  SmtpDialogue dialogue_;
  std::shared_ptr<MailFolder> folder_;
  std::string input_{};
  std::string output_{};
};

}  // namespace

class SmtpSink::Listener : public std::enable_shared_from_this<Listener> {
 public:
  Listener(asio::io_context& context, int port, std::filesystem::path folder)
      : acceptor_{listen_on_loopback(context, port, "mail")},
        port_{acceptor_.local_endpoint().port()},
        folder_{std::make_shared<MailFolder>(std::move(folder))} {}

  [[nodiscard]] int port() const noexcept { return port_; }

  void accept() {
    acceptor_.async_accept([self = shared_from_this()](error_code failed, tcp::socket socket) {
      if (failed == asio::error::operation_aborted)
        return;
      if (!failed)
        std::make_shared<Session>(
            std::move(socket),
            [self](const std::string& address) { return self->answer(address); },
            self->folder_)
            ->start();
      self->accept();
    });
  }

  void stop() {
    asio::post(acceptor_.get_executor(), [self = shared_from_this()] {
      error_code ignored;
      self->acceptor_.close(ignored);
    });
  }

 private:
  std::string answer(const std::string& address) {
    if (!address.ends_with("@example.com") && !address.ends_with("@example.org"))
      return "550 no mailbox of this name here";
    if (address.starts_with("later") && deferred_.insert(address).second)
      return "451 not now, try again in a moment";
    deferred_.erase(address);
    return "250 go on";
  }

  tcp::acceptor acceptor_;
  int port_;
  std::shared_ptr<MailFolder> folder_;
  std::set<std::string> deferred_{};
};

SmtpSink::SmtpSink(asio::io_context& context, int port, std::filesystem::path folder)
    : listener_{std::make_shared<Listener>(context, port, std::move(folder))} {
  listener_->accept();
}

SmtpSink::~SmtpSink() {
  listener_->stop();
}

int SmtpSink::port() const noexcept {
  return listener_->port();
}

}  // namespace demo
