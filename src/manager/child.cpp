#include "manager/child.hpp"

#include <csignal>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

namespace errand {
namespace {

namespace asio = boost::asio;

class ChildProcess final : public Child {
 public:
  ChildProcess(asio::io_context& context, Callbacks callbacks)
      : context_{context}, watch_{context}, callbacks_{std::move(callbacks)} {}

  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  ~ChildProcess() override {
    if (pid_ > 0 && !exit_status_)
      kill_and_reap(pid_);
  }

  void start(SpawnRequest request) {
    auto [own_end, other_end] = ipc::make_socketpair();
    recorder_ = ipc::FlightRecorder::create();
    channel_ =
        ipc::Channel::open(context_,
                           std::move(own_end),
                           {[this](const ipc::Message& message) { callbacks_.on_message(message); },
                            [this](const std::string& reason) {
                              hung_up_ = true;
                              const auto tell = callbacks_.on_hung_up;  // may destroy this object
                              tell(reason);
                            }});
    request.ipc_fd = other_end.get();
    request.flight_fd = recorder_->fd();
    SpawnedWorker worker = spawn_worker(request);
    pid_ = worker.pid;
    watch(std::move(worker.pidfd));
  }

  [[nodiscard]] int pid() const override { return pid_; }

  [[nodiscard]] ipc::Channel& channel() override { return *channel_; }

  [[nodiscard]] const ipc::FlightRecorder& recorder() const override { return *recorder_; }

  [[nodiscard]] bool is_watched() const override { return watch_.is_open(); }

  void look() override {
    if (exit_status_)
      return;
    if (const auto status = try_reap(pid_))
      ended(*status);
  }

  [[nodiscard]] const std::optional<ExitStatus>& exit_status() const override {
    return exit_status_;
  }

  [[nodiscard]] bool hung_up() const override { return hung_up_; }

  void signal(int number) override {
    if (exit_status_)
      return;
    if (number == SIGKILL)
      kill_group(pid_);
    else
      send_signal(pid_, number);
  }

 private:
  void watch(UniqueFd pidfd) {
    boost::system::error_code error;
    if (!pidfd)
      return;
    watch_.assign(pidfd.get(), error);
    if (error)
      return;
    static_cast<void>(pidfd.release());
    await_exit();
  }

  void await_exit() {
    watch_.async_wait(
        asio::posix::stream_descriptor::wait_read,
        [this, alive = std::weak_ptr{alive_}](const boost::system::error_code& error) {
          if (error || alive.expired())
            return;
          const std::optional<ExitStatus> status = try_reap(pid_);
          if (!status)
            return await_exit();
          ended(*status);
        });
  }

  void ended(const ExitStatus& status) {
    exit_status_ = status;
    const auto tell = callbacks_.on_exit;  // may destroy this object
    tell();
  }

  asio::io_context& context_;
  asio::posix::stream_descriptor watch_;
  Callbacks callbacks_;
  std::shared_ptr<int> alive_ = std::make_shared<int>(0);
  std::unique_ptr<ipc::FlightRecorder> recorder_{};
  std::shared_ptr<ipc::Channel> channel_{};
  int pid_{0};
  std::optional<ExitStatus> exit_status_{};
  bool hung_up_{false};
};

}  // namespace

std::unique_ptr<Child> Child::start(asio::io_context& context,
                                    const SpawnRequest& request,
                                    Callbacks callbacks) {
  auto child = std::make_unique<ChildProcess>(context, std::move(callbacks));
  child->start(request);
  return child;
}

}  // namespace errand
