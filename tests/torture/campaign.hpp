#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "nemesis.hpp"
#include "producers.hpp"
#include "report.hpp"

namespace errand::torture {

struct CampaignOptions {
  std::string database_url{};
  std::uint64_t seed{1};
  int nodes{1};
  int workers{2};  ///< of each node
  int threads{1};  ///< of each worker
  bool crons{false};
  std::int64_t calm_before_us{0};  ///< submissions, no faults
  std::int64_t warm_up_us{0};      ///< of that, what is not measured; 0 = a third
  std::int64_t duration_us{60'000'000};
  std::int64_t calm_after_us{0};
  std::int64_t drain_limit_us{300'000'000};
  ProducerPlan producers{};
  std::optional<ProducerPlan> surge{};  ///< what is submitted besides, while there are faults
  std::int64_t recovery_skipped_us{10'000'000};  ///< after the faults, before the rate is taken
  NemesisPlan nemesis{};
  std::int64_t freeze_for_us{90'000'000};
  std::int64_t hold_for_us{5'000'000};  ///< every other fault that has a duration
  std::string restart_command{};        ///< restarts the database as after a crash
};

/// Produces under the nemesis, heals, drains, stops the nodes, and weighs what all wrote down in
/// `folder`.
[[nodiscard]] Report run_campaign(const CampaignOptions& options,
                                  const std::filesystem::path& folder);

}  // namespace errand::torture
