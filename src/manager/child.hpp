#pragma once

#include <functional>
#include <memory>
#include <string>

#include "ipc/channel.hpp"
#include "ipc/flight_recorder.hpp"
#include "manager/spawner.hpp"

namespace errand {

/// One life of one worker process, with its line and its flight recorder. For the io_context's one
/// thread. Destroying it kills and reaps the process if it still lives; no callback comes after.
class Child {
 public:
  struct Callbacks {
    std::function<void(const ipc::Message&)> on_message{};
    /// The line is over; an empty reason = closed by the worker.
    std::function<void(const std::string& reason)> on_hung_up{};
    /// It ended and was reaped: `exit_status()` says how. Messages may still follow until
    /// `on_hung_up`.
    std::function<void()> on_exit{};
  };

  /// Throws `Error{unavailable}`: nothing was started then.
  static std::unique_ptr<Child> start(boost::asio::io_context& context,
                                      const SpawnRequest& request,
                                      Callbacks callbacks);

  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  virtual ~Child() = default;

  [[nodiscard]] virtual int pid() const = 0;
  [[nodiscard]] virtual ipc::Channel& channel() = 0;
  [[nodiscard]] virtual const ipc::FlightRecorder& recorder() const = 0;

  /// False where the kernel cannot tell of its end: then `look` must be called now and again.
  [[nodiscard]] virtual bool is_watched() const = 0;
  virtual void look() = 0;

  [[nodiscard]] virtual const std::optional<ExitStatus>& exit_status() const = 0;
  [[nodiscard]] virtual bool hung_up() const = 0;

  virtual void signal(int number) = 0;

 protected:
  Child() = default;
};

}  // namespace errand
