#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "fleet.hpp"

namespace errand::torture {

/// What a campaign leaves behind. All but the size of the WAL must be zero.
struct Hygiene {
  std::size_t zombies{0};
  std::size_t descriptors_leaked{0};
  std::size_t threads_leaked{0};
  std::string leaked{};  ///< who holds which descriptors beyond what was held in the beginning
  std::size_t files_left{0};
  std::size_t open_transactions{0};
  std::size_t advisory_locks{0};
  std::string damage{};  ///< what the database says of its own files; empty = they are whole
  std::int64_t wal_bytes{0};
};

/// What one process of a kind holds at most, counted from /proc.
struct Holding {
  std::size_t descriptors{0};  ///< without its connections
  std::size_t connections{0};  ///< TCP, or open files of the SQLite database
  std::size_t threads{0};
  std::map<std::string, std::size_t> kinds{};  ///< of the descriptors: "socket", "pipe", a path…

  /// Takes over what the other one has more of.
  void raise_to(Holding other);
};

/// `database_file` is empty on PostgreSQL.
[[nodiscard]] Holding most_held(const std::vector<pid_t>& processes,
                                const std::string& database_file);

/// Holdings of the driver, the main processes and the workers.
struct Census {
  Holding driver{};
  Holding nodes{};
  Holding workers{};

  [[nodiscard]] static Census of(const Fleet& fleet, const std::string& database_file);

  /// One look may meet a node that is just replacing a worker, and holds less than it needs.
  void raise_to(Census other);
};

/// What there is now beyond what there was then. Connections are opened when they are first needed
/// and kept: only what is beyond what is ever kept is leaked.
void add_leaks(Hygiene& hygiene, const Census& then, const Census& now);

/// Descendants of this process that ended and were not waited for.
[[nodiscard]] std::size_t zombies(const Fleet& fleet);

[[nodiscard]] std::size_t files_in(const std::filesystem::path& folder);

/// Asks the database once the nodes are gone: what sessions of theirs are still at work, and
/// whether its files are whole. Sessions that are just ending get some seconds.
void inspect_database(Hygiene& hygiene, const std::string& url);

}  // namespace errand::torture
