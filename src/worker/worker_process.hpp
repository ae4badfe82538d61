#pragma once

#include <errand/config.hpp>
#include <errand/server_app.hpp>
#include <memory>

#include "store/open_store.hpp"
#include "worker/worker_sockets.hpp"

namespace errand {

struct WorkerProcessParts {
  ServerApp& app;
  const Config& config;
  const JobRegistry& registry;
  Store& store;
  WorkerSockets& sockets;
  std::shared_ptr<const Clock> clock;
  Log log;
  std::string node{};
};

/// The life of a child process: announces itself, runs jobs until told to stop, by IPC, by SIGTERM
/// or by the manager's death, and returns the exit code.
///
///   drain    (Drain, SIGTERM, recycling)  takes no more, puts back what was not begun, finishes
///   what runs stop     (Stop)                       asks what runs to stop and puts back what does
///   not within a second orphaned (the manager's end is closed) same, and is gone within a second
///   whatever happens
[[nodiscard]] int run_worker_process(const WorkerProcessParts& parts);

}  // namespace errand
