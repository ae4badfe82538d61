#include "common/report.hpp"

#include <algorithm>
#include <cstdio>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "common/measure.hpp"

namespace errand::bench {
namespace {

/// Enough digits to compare, none that are noise.
std::string readable(double value) {
  return value >= 1000 ? grouped(value) : fmt::format("{:.3g}", value);
}

}  // namespace

void add(Report& report, const std::string& name, const std::string& unit, double value) {
  const auto known = std::find_if(report.figures.begin(),
                                  report.figures.end(),
                                  [&](const Figure& figure) { return figure.name == name; });
  if (known != report.figures.end())
    known->values.push_back(value);
  else
    report.figures.push_back({name, unit, {value}});
}

void add_spread(Report& report, const std::vector<double>& milliseconds) {
  const Spread spread = spread_of(milliseconds);
  add(report, "p50", "ms", spread.median);
  add(report, "p95", "ms", spread.p95);
  add(report, "p99", "ms", spread.p99);
  add(report, "max", "ms", spread.maximum);
}

std::string to_json(const Report& report) {
  std::vector<std::string> figures;
  for (const Figure& figure : report.figures)
    figures.push_back(fmt::format(R"("{}":{{"unit":"{}","values":[{:.6g}]}})",
                                  figure.name,
                                  figure.unit,
                                  fmt::join(figure.values, ",")));
  return fmt::format(R"({{"scenario":"{}","note":"{}","figures":{{{}}}}})",
                     report.scenario,
                     report.note,
                     fmt::join(figures, ","));
}

std::string markdown_head() {
  return "| what | figure | spread |\n|---|---|---|\n";
}

std::string to_markdown(const Report& report) {
  std::string lines;
  for (const Figure& figure : report.figures) {
    const Spread spread = spread_of(figure.values);
    lines += fmt::format("| {} {}{} | {} {} | {} to {}, {} runs |\n",
                         report.scenario,
                         figure.name,
                         report.note.empty() ? "" : ", " + report.note,
                         readable(spread.median),
                         figure.unit,
                         readable(spread.minimum),
                         readable(spread.maximum),
                         figure.values.size());
  }
  return lines;
}

void print(const Report& report, bool json) {
  std::fputs(json ? (to_json(report) + "\n").c_str() : to_markdown(report).c_str(), stdout);
  std::fflush(stdout);
}

}  // namespace errand::bench
