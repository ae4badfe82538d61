#pragma once

#include <errand/errand.hpp>
#include <string>
#include <vector>

namespace errand::torture {

inline constexpr int cron_count = 10;

/// "cron0" …: one run each second, none left out however late.
[[nodiscard]] std::string cron_tag(int number);

/// What the nodes run. Their handlers write the history into the folder that TORTURE_HISTORY names.
/// With TORTURE_CRONS set, the crons are declared.
[[nodiscard]] JobRegistry torture_types();

/// The mix: most jobs do nothing, some take a while, one in `crash_every` ends its worker at the
/// first attempt (0 = none does).
[[nodiscard]] NewJob job_number(std::uint64_t number, std::uint64_t crash_every);

}  // namespace errand::torture
