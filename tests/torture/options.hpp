#pragma once

#include <CLI/CLI.hpp>
#include <map>
#include <string>

#include "campaign.hpp"

namespace errand::torture {

/// The command line's words for a campaign.
class CampaignArguments {
 public:
  explicit CampaignArguments(CLI::App& arguments);

  /// Once they have been parsed.
  [[nodiscard]] CampaignOptions options() const;

  [[nodiscard]] const Bars& bars() const noexcept { return bars_; }

 private:
  /// As they are written.
  struct Seconds {
    double run{60};
    double calm_before{0};
    double calm_after{0};
    double nodes_safe_after{0};
    double freeze_for{90};
    double hold_for{5};
    double drain{300};
    std::map<FaultKind, double> every{};
  };

  void declare_work(CLI::App& arguments);
  void declare_faults(CLI::App& arguments);
  void declare_bars(CLI::App& arguments);

  CampaignOptions options_{};
  Seconds seconds_{};
  Bars bars_{};
};

}  // namespace errand::torture
