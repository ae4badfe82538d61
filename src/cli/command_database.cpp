#include <fmt/format.h>
#include <ostream>

#include "app/config_sources.hpp"
#include "app/config_table.hpp"
#include "base/environment.hpp"
#include "base/system_clock.hpp"
#include "base/text.hpp"
#include "cli/exit_code.hpp"
#include "cli/program.hpp"
#include "cli/show.hpp"
#include "store/open_store.hpp"

namespace errand::cli {
namespace {

std::unique_ptr<Store> store_of(const Config& config) {
  StoreOptions options;
  options.database_url = config.database_url;
  options.clock = std::make_shared<SystemClock>();
  return open_store(options);
}

void print_names(const Terminal& terminal,
                 std::string_view word,
                 const std::vector<std::string>& names) {
  if (terminal.json) {
    print_json(terminal, {{std::string{word}, names}});
    return;
  }
  for (const std::string& name : names)
    terminal.out << word << ' ' << escaped(name) << '\n';
  if (names.empty())
    terminal.out << "the tables are up to date\n";
}

/// What `check` found, in the order in which it looked.
struct Findings {
  std::vector<std::string> good{};
  std::vector<std::string> problems{};
};

/// Runs one part of the check; what it throws is a problem, and the others go on.
template <typename Part>
void look(Findings& findings, std::string_view subject, const Part& part) {
  try {
    findings.good.push_back(fmt::format("{}: {}", subject, part()));
  } catch (const std::exception& failure) {
    findings.problems.push_back(fmt::format("{}: {}", subject, failure.what()));
  }
}

std::string look_at_database(const Config& config) {
  const auto store = store_of(config);
  const std::vector<std::string> pending = store->pending_migrations();
  const std::string shown = shown_value(*find_config_variable("DATABASE_URL"), config.database_url);
  if (pending.empty())
    return shown + " answers, its tables are up to date";
  throw Error{
      ErrorKind::conflict,
      fmt::format("{} answers, but its tables are {} migrations behind; run 'errand migrate'",
                  shown,
                  pending.size())};
}

std::string look_at_registry(const Config& config, JobRegistry jobs) {
  const ServerApp app{config, std::move(jobs)};
  std::string names;
  for (const auto& [name, type] : app.registry().types())
    names += (names.empty() ? "" : ", ") + name;
  return fmt::format("{} job types: {}", app.registry().types().size(), names);
}

void print_findings(const Terminal& terminal, const Findings& findings) {
  if (terminal.json) {
    print_json(terminal,
               {{"ok", findings.problems.empty()},
                {"good", findings.good},
                {"problems", findings.problems}});
    return;
  }
  for (const std::string& line : findings.good)
    terminal.out << "good     " << escaped(line) << '\n';
  for (const std::string& line : findings.problems)
    terminal.out << "problem  " << shown_lines(line) << '\n';
}

}  // namespace

int migrate(const Terminal& terminal, const Config& config, bool only_check) {
  const auto store = store_of(config);
  if (!only_check) {
    const auto told = [&](const std::string& why) {
      terminal.err << "waiting: " << escaped(why) << std::endl;
    };
    print_names(terminal, "applied", store->migrate(told));
    return exit_done;
  }
  const std::vector<std::string> pending = store->pending_migrations();
  print_names(terminal, "pending", pending);
  return pending.empty() ? exit_done : exit_failed;
}

int check(const Terminal& terminal, JobRegistry jobs) {
  Findings findings;
  std::optional<Config> config;
  const ConfigSources sources = gather_config(".", process_environment());
  look(findings, "configuration", [&] {
    config = build_config(sources);
    const std::size_t count = sources.variables.size();
    return fmt::format("{} {} set", count, count == 1 ? "variable is" : "variables are");
  });
  if (config) {
    for (const std::string& hint : sources.hints)
      findings.problems.push_back("configuration: " + hint);
    look(findings, "database", [&] { return look_at_database(*config); });
    look(findings, "registry", [&] { return look_at_registry(*config, std::move(jobs)); });
  }
  print_findings(terminal, findings);
  return findings.problems.empty() ? exit_done : exit_failed;
}

}  // namespace errand::cli
