#include "hygiene.hpp"

#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <sstream>

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

/// What the descriptors of a process are.
std::vector<std::string> links_in(const std::string& folder) {
  std::vector<std::string> links;
  std::error_code gone;
  for (const auto& entry : std::filesystem::directory_iterator{folder, gone}) {
    const auto link = std::filesystem::read_symlink(entry.path(), gone);
    if (!gone)
      links.push_back(link.string());
  }
  return links;
}

/// As they are named among a process's descriptors.
std::set<std::string> tcp_sockets() {
  constexpr int column_of_inode = 9;
  std::set<std::string> sockets;
  for (const char* table : {"/proc/self/net/tcp", "/proc/self/net/tcp6"}) {
    std::ifstream lines{table};
    for (std::string line; std::getline(lines, line);) {
      std::istringstream words{line};
      std::string word;
      for (int column = 0; column <= column_of_inode; ++column)
        words >> word;
      sockets.insert("socket:[" + word + "]");
    }
  }
  return sockets;
}

bool is_zombie(pid_t process) {
  std::ifstream file{"/proc/" + std::to_string(process) + "/stat"};
  const std::string text{std::istreambuf_iterator<char>{file}, {}};
  const std::size_t name_end = text.rfind(')');
  return name_end != std::string::npos && text.substr(name_end + 1, 2) == " Z";
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

}  // namespace

Holding most_held(const std::vector<pid_t>& processes, const std::string& database_file) {
  const std::set<std::string> sockets = tcp_sockets();
  Holding most;
  for (const pid_t process : processes) {
    const std::string folder = "/proc/" + std::to_string(process);
    std::size_t connections = 0;
    const std::vector<std::string> held = links_in(folder + "/fd");
    for (const std::string& each : held)
      connections +=
          sockets.contains(each) || (!database_file.empty() && each.starts_with(database_file))
              ? 1U
              : 0U;
    most.descriptors = std::max(most.descriptors, held.size() - connections);
    most.connections = std::max(most.connections, connections);
    most.threads = std::max(most.threads, entries(folder + "/task"));
  }
  return most;
}

Census Census::of(const Fleet& fleet, const std::string& database_file) {
  return {most_held({::getpid()}, database_file),
          most_held(fleet.main_processes(), database_file),
          most_held(fleet.workers(), database_file)};
}

void add_leaks(Hygiene& hygiene, const Census& then, const Census& now) {
  // Two pools of eight, each connection three files on SQLite.
  constexpr std::size_t connections_kept = 48;
  for (const auto kind : {&Census::driver, &Census::nodes, &Census::workers}) {
    const Holding& before = then.*kind;
    const Holding& after = now.*kind;
    hygiene.descriptors_leaked += beyond(before.descriptors, after.descriptors);
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
