#include "migration.hpp"

#include <signal.h>
#include <sys/wait.h>

#include <cstdlib>
#include <fmt/format.h>
#include <iostream>

#include "ambush.hpp"
#include "history_folder.hpp"
#include "sessions.hpp"
#include "spawn.hpp"
#include "tcp_proxy.hpp"

namespace errand::torture {
namespace {

constexpr const char* variable = "TORTURE_MIGRATION_STEP";

const char* instructions() {
  return std::getenv(variable);  // NOLINT(concurrency-mt-unsafe): nobody writes the environment
}

/// A new, empty database; it goes with this object.
class NewDatabase {
 public:
  NewDatabase(const std::string& beside, int number)
      : beside_{beside}, name_{fmt::format("migration_{}", number)} {
    if (is_sqlite(beside))
      url_ = fmt::format("{}.{}", beside, name_);
    else
      url_ = PostgresAddress{beside}.to_database(name_);
    if (!is_sqlite(beside))
      PostgresSession{beside}.run("CREATE DATABASE " + name_);
  }

  NewDatabase(const NewDatabase&) = delete;
  NewDatabase& operator=(const NewDatabase&) = delete;

  ~NewDatabase() {
    try {
      if (!is_sqlite(beside_))
        PostgresSession{beside_}.run("DROP DATABASE " + name_ + " WITH (FORCE)");
    } catch (const std::exception& failure) {
      std::cerr << "errand-torture: " << failure.what() << "\n";
    }
  }

  [[nodiscard]] const std::string& url() const noexcept { return url_; }

 private:
  std::string beside_;
  std::string name_;
  std::string url_{};
};

/// The status that `waitpid` tells.
int migrate(const NewDatabase& database, int die_at_step, const std::filesystem::path& log) {
  const pid_t migrator =
      spawn_self({"migrate"},
                 {{"DATABASE_URL", database.url()}, {variable, std::to_string(die_at_step)}},
                 log);
  int status = 0;
  ::waitpid(migrator, &status, 0);
  return status;
}

bool did_well(int status) {
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

}  // namespace

void declare(CLI::App& arguments, MigrationPlan& plan) {
  arguments.add_option("--database", plan.database_url, "the tables are made in others beside it")
      ->required();
}

bool run_migration(const MigrationPlan& plan) {
  constexpr int never = 0;
  HistoryFolder folder{""};
  const std::filesystem::path log = folder.path() / "migrations.log";
  for (int step = 1;; ++step) {
    const NewDatabase database{plan.database_url, step};
    const int status = migrate(database, step, log);
    const bool killed = WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
    if (did_well(killed ? migrate(database, never, log) : status)) {
      if (killed)
        continue;
      std::cout << fmt::format(
          "killed at each of {} steps of the migration, finished by the next "
          "program each time\n",
          step - 1);
      return step > 1;
    }
    folder.keep(true);
    std::cout << fmt::format(
        "after a kill at step {} of the migration, the next program could not "
        "finish it; it says in {} why\n",
        step,
        log.string());
    return false;
  }
}

bool is_migrator() {
  return instructions() != nullptr;
}

void prepare_to_die() {
  die_at_migration_step(std::stoi(instructions()));
}

}  // namespace errand::torture
