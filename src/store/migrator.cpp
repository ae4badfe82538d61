#include "store/migrator.hpp"

#include <algorithm>
#include <chrono>
#include <map>
#include <thread>

#include "store/sql_script.hpp"

namespace errand::sql {
namespace {

using namespace std::chrono_literals;

constexpr auto patience = 1min;
constexpr auto look_again_after = 50ms;

using Checksums = std::map<std::string, std::string, std::less<>>;

Checksums applied_to(Connection& connection) {
  Checksums applied;
  connection.select(Query::applied_migrations,
                    [&](const Row& row) { applied.emplace(row.text(0), row.text(1)); });
  return applied;
}

void refuse_unknown(const Checksums& applied, const std::vector<Migration>& known) {
  for (const auto& [name, checksum] : applied) {
    const auto found =
        std::find_if(known.begin(), known.end(), [&, &wanted = name](const Migration& migration) {
          return migration.name == wanted;
        });
    if (found == known.end())
      throw Error{ErrorKind::invalid,
                  "the database's schema is newer than this program: it has the migration " + name +
                      ", which this version does not know; install the newer errand"};
    if (found->checksum != checksum)
      throw Error{ErrorKind::invalid,
                  "the database's schema was made by another text of the migration " + name +
                      " than this program has; use the errand version that made it"};
  }
}

}  // namespace

std::vector<const Migration*> Migrator::missing_from(Connection& connection) const {
  Checksums applied;
  if (connection.select_integer(Query::migrations_table_exists))
    applied = applied_to(connection);
  refuse_unknown(applied, statements_.migrations());
  std::vector<const Migration*> missing;
  for (const Migration& migration : statements_.migrations())
    if (!applied.contains(migration.name))
      missing.push_back(&migration);
  return missing;
}

void Migrator::apply(Connection& connection, const Migration& migration) {
  connection.run_script(statements_.setup());
  if (runs_outside_transaction(migration.text))
    pool_.apart([&](Connection& beside) { run_one_by_one(beside, migration.text); });
  else
    connection.run_script(migration.text);
  connection.execute(Query::note_migration, migration.name, migration.checksum, connection.now());
}

Migrator::Step Migrator::apply_next(std::string& name) {
  Step step = Step::locked;
  pool_.write([&](Connection& connection) {
    step = Step::locked;
    if (!connection.select_integer(Query::lock_migrations))
      return;
    const auto missing = missing_from(connection);
    step = missing.empty() ? Step::nothing_left : Step::applied;
    if (missing.empty())
      return;
    apply(connection, *missing.front());
    name = missing.front()->name;
  });
  return step;
}

std::vector<std::string> Migrator::migrate() {
  if (pending().empty())
    return {};
  std::vector<std::string> names;
  std::string name;
  auto deadline = std::chrono::steady_clock::now() + patience;
  for (;;) {
    switch (apply_next(name)) {
      case Step::nothing_left:
        return names;
      case Step::applied:
        names.push_back(name);
        deadline = std::chrono::steady_clock::now() + patience;
        break;
      case Step::locked:
        if (std::chrono::steady_clock::now() > deadline)
          throw Error{ErrorKind::unavailable,
                      "another process has been changing the database's schema for a minute; wait "
                      "until it is done and start again"};
        std::this_thread::sleep_for(look_again_after);
    }
  }
}

std::vector<std::string> Migrator::pending() {
  std::vector<std::string> names;
  pool_.read([&](Connection& connection) {
    for (const Migration* migration : missing_from(connection))
      names.emplace_back(migration->name);
  });
  return names;
}

}  // namespace errand::sql
