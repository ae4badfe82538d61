#include "hygiene.hpp"

#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <fstream>
#include <iterator>
#include <string_view>

#include "pause.hpp"
#include "sessions.hpp"

namespace errand::torture {
namespace {

constexpr std::int64_t patience_us = 10'000'000;

std::size_t entries(const std::string& folder) {
  std::error_code gone;
  const std::filesystem::directory_iterator all{folder, gone};
  return gone ? 0 : static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

/// A connection that was reset is in no table of the system's, but its descriptor knows what it
/// was.
bool is_tcp(const std::string& descriptor) {
  std::array<char, 16> protocol{};
  return ::getxattr(descriptor.c_str(), "system.sockprotoname", protocol.data(), protocol.size()) >
             0 &&
         std::string_view{protocol.data()}.starts_with("TCP");
}

bool is_zombie(pid_t process) {
  std::ifstream file{"/proc/" + std::to_string(process) + "/stat"};
  const std::string text{std::istreambuf_iterator<char>{file}, {}};
  const std::size_t name_end = text.rfind(')');
  return name_end != std::string::npos && text.substr(name_end + 1, 2) == " Z";
}

/// "socket" of "socket:[4711]".
std::string kind_of(const std::string& link) {
  const std::size_t number = link.find(":[");
  const bool is_numbered = number != std::string::npos && link.find("anon_inode") != 0;
  return is_numbered ? link.substr(0, number) : link;
}

std::size_t beyond(std::size_t then, std::size_t now) {
  return now > then ? now - then : 0;
}

/// The answer to a question, once it is "0" or the patience is over.
template <typename Session>
std::size_t comes_to_nothing(Session& session, const std::string& question) {
  const std::int64_t deadline = now_us() + patience_us;
  const std::atomic<bool> never{false};
  std::size_t found = 0;
  while ((found = std::stoul(session.ask(question))) != 0 && now_us() < deadline)
    pause_until(now_us() + 100'000, never);
  return found;
}

void inspect_postgresql(Hygiene& hygiene, const std::string& url) {
  PostgresSession session{url};
  const std::string of_this_database = " datname = current_database()";
  hygiene.open_transactions = comes_to_nothing(
      session,
      "SELECT count(*) FROM pg_stat_activity WHERE xact_start IS NOT NULL AND pid <> "
      "pg_backend_pid() AND backend_type = 'client backend' AND" +
          of_this_database);
  hygiene.advisory_locks =
      comes_to_nothing(session,
                       "SELECT count(*) FROM pg_locks JOIN pg_database ON database = "
                       "pg_database.oid WHERE locktype = 'advisory' AND" +
                           of_this_database);
  hygiene.wal_bytes = std::stoll(session.ask("SELECT sum(size) FROM pg_ls_waldir()"));
  try {
    session.run("CREATE EXTENSION IF NOT EXISTS amcheck");
    session.run(
        "SELECT bt_index_check(pg_index.indexrelid, true) FROM pg_index JOIN pg_class ON "
        "pg_class.oid = indexrelid JOIN pg_am ON pg_am.oid = relam WHERE amname = 'btree' AND "
        "relpersistence = 'p' AND indisvalid AND indrelid::regclass::text LIKE 'worker%'");
    session.run(
        "SELECT verify_heapam(oid) FROM pg_class WHERE relkind = 'r' AND relname LIKE 'worker%'");
  } catch (const Error& damage) {
    hygiene.damage = damage.what();
  }
}

void inspect_sqlite(Hygiene& hygiene, const std::string& url) {
  std::error_code none;
  const auto wal = std::filesystem::file_size(path_of(url) + "-wal", none);
  hygiene.wal_bytes = none ? 0 : static_cast<std::int64_t>(wal);
  SqliteSession session{url};
  hygiene.open_transactions = comes_to_nothing(session, "PRAGMA wal_checkpoint(TRUNCATE)");
  const std::string verdict = session.ask("PRAGMA integrity_check");
  hygiene.damage = verdict == "ok" ? "" : verdict;
}

Holding holding_of(pid_t process, const std::string& database_file) {
  const std::string folder = "/proc/" + std::to_string(process);
  Holding held;
  std::error_code gone;
  for (const auto& entry : std::filesystem::directory_iterator{folder + "/fd", gone}) {
    const std::string link = std::filesystem::read_symlink(entry.path(), gone).string();
    if (gone)
      continue;
    const bool is_connection = is_tcp(entry.path().string()) ||
                               (!database_file.empty() && link.starts_with(database_file));
    (is_connection ? held.connections : held.descriptors) += 1;
    if (!is_connection)
      ++held.kinds[kind_of(link)];
  }
  held.threads = entries(folder + "/task");
  return held;
}

/// For whoever must find the leak: what there is more of.
std::string more_of(std::string_view who, const Holding& then, const Holding& now) {
  std::string more;
  for (const auto& [kind, count] : now.kinds) {
    const auto before = then.kinds.find(kind);
    const std::size_t grown = beyond(before == then.kinds.end() ? 0 : before->second, count);
    if (grown > 0)
      more += fmt::format("; {}: {} {}", who, grown, kind);
  }
  return more;
}

}  // namespace

void Holding::raise_to(Holding other) {
  connections = std::max(connections, other.connections);
  threads = std::max(threads, other.threads);
  if (other.descriptors > descriptors) {
    descriptors = other.descriptors;
    kinds = std::move(other.kinds);
  }
}

Holding most_held(const std::vector<pid_t>& processes, const std::string& database_file) {
  Holding most;
  for (const pid_t process : processes)
    most.raise_to(holding_of(process, database_file));
  return most;
}

Census Census::of(const Fleet& fleet, const std::string& database_file) {
  return {most_held({::getpid()}, database_file),
          most_held(fleet.main_processes(), database_file),
          most_held(fleet.workers(), database_file)};
}

void Census::raise_to(Census other) {
  driver.raise_to(std::move(other.driver));
  nodes.raise_to(std::move(other.nodes));
  workers.raise_to(std::move(other.workers));
}

void add_leaks(Hygiene& hygiene, const Census& then, const Census& now) {
  // Two pools of eight, each connection three files on SQLite.
  constexpr std::size_t connections_kept = 48;
  constexpr std::array<std::pair<std::string_view, Holding Census::*>, 3> kinds{
      {{"driver", &Census::driver}, {"a node", &Census::nodes}, {"a worker", &Census::workers}}};
  for (const auto& [who, kind] : kinds) {
    const Holding& before = then.*kind;
    const Holding& after = now.*kind;
    const std::size_t leaked = beyond(before.descriptors, after.descriptors);
    hygiene.descriptors_leaked += leaked;
    if (leaked > 0)
      hygiene.leaked += more_of(who, before, after);
    hygiene.descriptors_leaked += beyond(before.connections + connections_kept, after.connections);
    hygiene.threads_leaked += beyond(before.threads, after.threads);
  }
}

std::size_t zombies(const Fleet& fleet) {
  const auto living = fleet.processes();
  return static_cast<std::size_t>(std::count_if(living.begin(), living.end(), is_zombie));
}

std::size_t files_in(const std::filesystem::path& folder) {
  return entries(folder.string());
}

void inspect_database(Hygiene& hygiene, const std::string& url) {
  is_sqlite(url) ? inspect_sqlite(hygiene, url) : inspect_postgresql(hygiene, url);
}

}  // namespace errand::torture
