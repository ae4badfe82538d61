#pragma once

#include <cstdint>
#include <errand/job.hpp>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace errand::ipc {

/// One JSON object a line, `{"type":"…", …}`; these are the objects.

// worker → manager
struct Hello {
  int protocol{1};
  std::string version{};
  std::int64_t pid{0};
};

struct WorkerStarted {
  std::int64_t pid{0};
  std::int64_t process{0};
};  ///< ready: `process` is its row of worker_processes

struct WorkerShutdown {
  std::int64_t pid{0};
  std::string reason{};
};  ///< leaves on its own accord: "stopped", "recycled"

struct WorkerError {
  std::string error{};
  std::int64_t pid{0};
};

struct Heartbeat {
  std::int64_t rss_bytes{0};
};

struct SendToUser {
  std::int64_t user_id{0};
  Json message = nullptr;
};

struct Broadcast {
  Json message = nullptr;
};

struct JobStarted {
  JobId id{0};
  std::int64_t user_id{0};
};

struct JobProgress {
  JobId id{0};
  std::int64_t user_id{0};
  Progress progress{};
};

/// Ends of jobs that belong to a user, coalesced with the batch that recorded them. Each is the job
/// object of the API.
struct JobFinished {
  std::vector<Json> jobs{};
};

// both ways
/// Jobs may be due: worker → manager after it submitted some, manager → idle workers.
struct Wake {};

// manager → worker
/// The node has looked for all its workers, and wakes one of them when something is due: then that
/// one is to see whether it can have it.
struct NodeLooked {
  bool due{false};
};

struct CancelJob {
  JobId id{0};
};

struct Drain {};  ///< take no more, finish what runs, leave

struct Stop {};  ///< put back what runs, leave now

/// A type that this version does not know: ignored by the receiver, with a debug line.
struct Unknown {
  std::string type{};
};

using Message = std::variant<Hello,
                             WorkerStarted,
                             WorkerShutdown,
                             WorkerError,
                             Heartbeat,
                             SendToUser,
                             Broadcast,
                             JobStarted,
                             JobProgress,
                             JobFinished,
                             Wake,
                             NodeLooked,
                             CancelJob,
                             Drain,
                             Stop,
                             Unknown>;

inline constexpr int protocol_version = 1;
inline constexpr std::size_t line_bytes_max = 1 << 20;

/// One line with its newline. Throws `Error{invalid}` when it would be over the limit. Invalid
/// UTF-8 is replaced.
[[nodiscard]] std::string encode(const Message& message);

/// One line without its newline. Throws `Error{invalid}` for anything that is not such an object.
[[nodiscard]] Message decode(std::string_view line);

}  // namespace errand::ipc
