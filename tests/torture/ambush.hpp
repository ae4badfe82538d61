#pragma once

#include <filesystem>
#include <string>

namespace errand::torture {

/// Kills at named points of the code (base/probe.hpp). The nemesis lays an ambush for a point; the
/// first process of a node that comes there walks into it, writes that down and dies.
void lay_ambush(const std::filesystem::path& folder, const std::string& point);

/// Takes away what nobody walked into.
void lift_ambush(const std::filesystem::path& folder, const std::string& point);

/// In a node or a worker, before its first thread: from now on it walks into what is laid in that
/// folder.
void walk_into_ambushes(const std::filesystem::path& folder);

/// In a process that migrates: it dies at the so-manieth step. One that takes fewer steps lives.
void die_at_migration_step(int step);

}  // namespace errand::torture
