#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "checker.hpp"
#include "nemesis.hpp"
#include "producers.hpp"

namespace errand::torture {

struct CampaignOptions {
  std::string database_url{};
  std::uint64_t seed{1};
  int nodes{1};
  int workers{2};  ///< of each node
  int threads{1};  ///< of each worker
  bool crons{false};
  std::int64_t duration_us{60'000'000};
  std::int64_t drain_limit_us{300'000'000};
  ProducerPlan producers{};
  NemesisPlan nemesis{};
};

struct Report {
  Findings findings{};
  std::uint64_t answered{0};
  std::uint64_t unanswered{0};
  double produced_for_s{0};
  double drained_in_s{0};
  bool drained{false};
  int nodes_that_did_not_end_well{0};

  [[nodiscard]] bool clean() const noexcept {
    return findings.clean() && drained && nodes_that_did_not_end_well == 0;
  }
};

/// Produces under the nemesis, heals, drains, stops the nodes, and weighs what all wrote down in
/// `folder`.
[[nodiscard]] Report run_campaign(const CampaignOptions& options,
                                  const std::filesystem::path& folder);

[[nodiscard]] std::string text_of(const Report& report);

}  // namespace errand::torture
