#pragma once

#include <filesystem>
#include <optional>

namespace errand {

/// Processors that this process may run on (sched_getaffinity). At least 1.
[[nodiscard]] int affinity_cpus();

/// Processors' worth of time that the control group and its parents allow (cgroup v1 and v2), or
/// nothing when there is no limit or no cgroup. `root` is where /proc and /sys are.
[[nodiscard]] std::optional<double> cgroup_cpus(const std::filesystem::path& root = "/");

/// What `WORKER_COUNT=cpus` means: the smaller of the two, a started processor counted whole. At
/// least 1.
[[nodiscard]] int usable_cpus(int affinity, std::optional<double> cgroup);

}  // namespace errand
