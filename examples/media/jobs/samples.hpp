#pragma once

#include <string>
#include <vector>

#include "settings.hpp"

namespace demo {

struct SampleSizes {
  int picture_width{1600};
  int picture_height{1200};
  int table_rows{20000};
};

/// Files to work on, drawn and invented by the example itself; those that exist stay as they are.
/// Paths are relative to the example's folder.
struct Samples {
  std::vector<std::string> pictures{};
  std::string table{};
};

[[nodiscard]] Samples make_samples(const Settings& settings, const SampleSizes& sizes = {});

}  // namespace demo
