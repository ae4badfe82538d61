#include "store/migrator.hpp"

#include <algorithm>
#include <chrono>
#include <map>
#include <random>
#include <thread>

#include "base/probe.hpp"
#include "store/sql_script.hpp"

namespace errand::sql {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;

constexpr auto look_again_after = 50ms;
/// Long enough for the traffic that queued behind a statement which waited in vain.
constexpr auto make_way_for = 2s;

/// Passes through the pool, which would try again at once.
struct Blocked {
  std::string why{};
};

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

ToldToWait once(const ToldToWait& told) {
  return [&told, was_told = false](const std::string& why) mutable {
    if (told && !std::exchange(was_told, true))
      told(why);
  };
}

std::string reason_to_wait(bool locked, const std::string& why) {
  return locked ? "another process is changing the database's schema"
                : "another session is using the tables that must change (" + why + ")";
}

[[noreturn]] void give_up(bool locked, const std::string& why) {
  if (locked)
    throw Error{ErrorKind::unavailable,
                "another process has been changing the database's schema for too long; wait until "
                "it is done and start again"};
  throw Error{ErrorKind::unavailable,
              "the database's schema cannot be changed because another session has been using its "
              "tables for too long (" +
                  why + "); end that transaction and start again"};
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
  probe("migration");
  if (runs_outside_transaction(migration.text))
    pool_.apart([&](Connection& beside) { run_one_by_one(beside, migration.text); });
  else
    connection.run_script(migration.text);
  probe("migration");
  connection.execute(Query::note_migration, migration.name, migration.checksum, connection.now());
  probe("migration");
}

Migrator::Step Migrator::try_next(Connection& connection, std::string& name) {
  if (!connection.select_integer(Query::lock_migrations))
    return Step::locked;
  const auto missing = missing_from(connection);
  if (missing.empty())
    return Step::nothing_left;
  apply(connection, *missing.front());
  name = missing.front()->name;
  return Step::applied;
}

Migrator::Step Migrator::apply_next(std::string& name) {
  Step step = Step::locked;
  try {
    pool_.write([&](Connection& connection) {
      try {
        step = try_next(connection, name);
      } catch (const TransientError& failure) {
        throw Blocked{failure.what()};
      }
    });
  } catch (const Blocked& blocked) {
    name = blocked.why;
    return Step::blocked;
  }
  return step;
}

/// Before the next try; others have their turn, and many processes do not look in step.
void Migrator::wait_after(Step step) {
  thread_local std::minstd_rand random{std::random_device{}()};
  const std::chrono::milliseconds pause = step == Step::locked ? look_again_after : make_way_for;
  std::this_thread::sleep_for(pause * std::uniform_real_distribution{0.5, 1.5}(random));
}

std::vector<std::string> Migrator::migrate(const ToldToWait& told) {
  const ToldToWait tell = once(told);
  std::vector<std::string> names;
  if (pending_once_started(tell).empty())
    return names;
  auto deadline = steady_clock::now() + patience_;
  for (std::string text;;) {
    const Step step = apply_next(text);
    if (step == Step::nothing_left)
      return names;
    if (step == Step::applied) {
      names.push_back(text);
      deadline = steady_clock::now() + patience_;
      continue;
    }
    tell(reason_to_wait(step == Step::locked, text));
    if (steady_clock::now() > deadline)
      give_up(step == Step::locked, text);
    wait_after(step);
  }
}

/// A program that starts with its database, or while that recovers from a crash.
std::vector<std::string> Migrator::pending_once_started(const ToldToWait& tell) {
  for (const auto deadline = steady_clock::now() + patience_;;) {
    try {
      return pending();
    } catch (const TransientError& starting) {
      if (steady_clock::now() > deadline)
        throw;
      tell(starting.what());
    }
    wait_after(Step::locked);
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
