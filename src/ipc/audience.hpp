#pragma once

#include <cstdint>
#include <errand/clock.hpp>
#include <memory>

namespace errand::ipc {

/// Which users look: a worker tells nothing of jobs whose users would not see it. In memory that
/// the manager writes and all of its workers read, so that who came a moment ago is known before
/// the next job ends. Users who share one of its 16,384 places are taken for one: somebody who
/// looks is always found, and seldom somebody who does not. User 0, whose jobs are nobody's, stands
/// for those who wait for a job's end, whosever it is. Any thread.
class Audience {
 public:
  static constexpr std::int64_t who_waits = 0;

  /// In the manager: nobody looks. Throws `Error{unavailable}`.
  static std::unique_ptr<Audience> create();
  /// In a worker: what is behind an inherited descriptor, which is closed. With an fd of -1 all
  /// users look: the manager has not said.
  static std::unique_ptr<Audience> attach(int fd);

  Audience() = default;
  Audience(const Audience&) = delete;
  Audience& operator=(const Audience&) = delete;
  virtual ~Audience() = default;

  /// For the spawner; -1 in a worker.
  [[nodiscard]] virtual int fd() const = 0;

  // manager side
  virtual void came(std::int64_t user) = 0;
  /// As often as `came`.
  virtual void left(std::int64_t user) = 0;
  /// At another node, which says so again before then, or not.
  virtual void is_elsewhere(std::int64_t user, SteadyPoint until) = 0;

  // worker side
  [[nodiscard]] virtual bool looks(std::int64_t user, SteadyPoint now) const = 0;
};

}  // namespace errand::ipc
