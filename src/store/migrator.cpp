#include "store/migrator.hpp"

#include <algorithm>
#include <map>

namespace errand::sql {
namespace {

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

bool Migrator::apply_next(std::string& name) {
  bool applied = false;
  pool_.write([&](Connection& connection) {
    const auto missing = missing_from(connection);
    applied = !missing.empty();
    if (!applied)
      return;
    const Migration& next = *missing.front();
    connection.run_script(statements_.setup());
    connection.run_script(next.text);
    connection.execute(Query::note_migration, next.name, next.checksum, connection.now());
    name = next.name;
  });
  return applied;
}

std::vector<std::string> Migrator::migrate() {
  if (pending().empty())
    return {};
  std::vector<std::string> names;
  for (std::string name; apply_next(name);)
    names.push_back(name);
  return names;
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
