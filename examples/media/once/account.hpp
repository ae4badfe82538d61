#pragma once

#include <errand/errand.hpp>
#include <string>
#include <vector>

#include "once/scenario.hpp"
#include "settings.hpp"

namespace demo {

struct FinishedAssignment {
  Assignment assignment{};
  errand::Job job{};  ///< the last attempt
  int pid{0};         ///< of the process that ran it
};

/// Tells a person what happened, on standard output.
void print_account(const std::vector<FinishedAssignment>& finished,
                   const std::vector<const Watcher*>& watchers,
                   const Settings& settings);

}  // namespace demo
