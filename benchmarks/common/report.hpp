#pragma once

#include <string>
#include <vector>

namespace errand::bench {

/// One thing that was measured, once for each run.
struct Figure {
  std::string name{};
  std::string unit{};
  std::vector<double> values{};
};

/// What a scenario measured.
struct Report {
  std::string scenario{};
  std::string note{};
  std::vector<Figure> figures{};
};

/// Adds a value to the figure of this name, which is made when it is not there.
void add(Report& report, const std::string& name, const std::string& unit, double value);

/// Figures p50, p95, p99 and max of one run's latencies.
void add_spread(Report& report, const std::vector<double>& milliseconds);

/// `{"scenario":"drain","note":"","figures":{"rate":{"unit":"jobs/s","values":[151000]}}}`
[[nodiscard]] std::string to_json(const Report& report);

/// Lines of a Markdown table: what, median, smallest to largest.
[[nodiscard]] std::string to_markdown(const Report& report);

/// The head of the table that `to_markdown` continues.
[[nodiscard]] std::string markdown_head();

/// Prints at once, as JSON or as lines of the table.
void print(const Report& report, bool json);

}  // namespace errand::bench
