#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <random>
#include <string>

#include "fleet.hpp"
#include "tcp_proxy.hpp"

namespace errand::torture {

/// One way to do harm, again and again.
class Harm {
 public:
  Harm() = default;
  Harm(const Harm&) = delete;
  Harm& operator=(const Harm&) = delete;
  virtual ~Harm() = default;

  /// Does it. Returns for how long, in microseconds, until `relieve` must be called: 0 = it is over
  /// already, or cannot be done now.
  virtual std::int64_t strike(std::mt19937_64& random) = 0;

  /// Ends what `strike` began and writes it down.
  virtual void relieve() {}
};

/// Where harm is done.
struct Ground {
  Fleet& fleet;
  const HistoryFile& history;
  std::string database_url{};                         ///< straight, never by way of the proxy
  std::string restart_command{};                      ///< restarts the database as after a crash
  TcpProxy* proxy{nullptr};                           ///< between errand and PostgreSQL
  std::function<bool(pid_t worker)> take_for_dead{};  ///< false: it could not be done
  std::int64_t freeze_for_us{90'000'000};
  std::int64_t hold_for_us{5'000'000};  ///< everything else that has a duration
};

/// Throws `Error{invalid}` when the kind cannot be done on this ground.
[[nodiscard]] std::unique_ptr<Harm> make_harm(FaultKind kind, const Ground& ground);

/// The parts of `make_harm`; null = not theirs.
[[nodiscard]] std::unique_ptr<Harm> make_fleet_harm(FaultKind kind, const Ground& ground);
[[nodiscard]] std::unique_ptr<Harm> make_crash_harm(FaultKind kind, const Ground& ground);
[[nodiscard]] std::unique_ptr<Harm> make_session_harm(FaultKind kind, const Ground& ground);
[[nodiscard]] std::unique_ptr<Harm> make_network_harm(FaultKind kind, const Ground& ground);
[[nodiscard]] std::unique_ptr<Harm> make_machine_harm(FaultKind kind, const Ground& ground);

/// Runs the command until it succeeds: while processes of a server that was killed still hold its
/// shared memory, none can be started.
void restart_database(const std::string& command);

/// For harm that lasts: remembers when it began and writes it down at its end.
class LastingHarm : public Harm {
 public:
  std::int64_t strike(std::mt19937_64& random) final;
  void relieve() final;

 protected:
  LastingHarm(FaultKind kind, const Ground& ground) : ground_{ground}, kind_{kind} {}

  /// False: it cannot be done now.
  virtual bool begin(std::mt19937_64& random) = 0;
  virtual void end() = 0;

  /// For `begin`: whom it is done to, if not to the database.
  void meets(pid_t node, pid_t worker) noexcept {
    node_ = node;
    worker_ = worker;
  }

  [[nodiscard]] const Ground& ground() const noexcept { return ground_; }

 private:
  const Ground& ground_;
  FaultKind kind_;
  pid_t node_{0};
  pid_t worker_{0};
  std::int64_t began_{0};
};

}  // namespace errand::torture
