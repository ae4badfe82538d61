#include "helpers/postgres_guide.hpp"

#include <fstream>
#include <stdexcept>

#include "helpers/postgres_cluster.hpp"
#include "store/open_store.hpp"

namespace errand::testing {
namespace {

constexpr std::string_view administrator = "errand";

std::string role_of(const std::string& text) {
  constexpr std::string_view mark = "-- as ";
  if (!text.starts_with(mark))
    return std::string{administrator};
  return text.substr(mark.size(), text.find('\n') - mark.size());
}

GuideBlock read_block(std::istream& guide, const std::string& section, const std::string& fence) {
  GuideBlock block{.section = section, .language = fence.substr(3)};
  for (std::string line; std::getline(guide, line) && line != "```";)
    block.text += line + "\n";
  block.role = role_of(block.text);
  return block;
}

}  // namespace

std::vector<GuideBlock> postgres_guide() {
  std::ifstream guide{ERRAND_POSTGRES_GUIDE};
  if (!guide)
    throw std::runtime_error{"cannot read " ERRAND_POSTGRES_GUIDE};
  std::vector<GuideBlock> blocks;
  std::string section;
  for (std::string line; std::getline(guide, line);) {
    if (line.starts_with("## "))
      section = line.substr(3);
    if (line.starts_with("```"))
      blocks.push_back(read_block(guide, section, line));
  }
  return blocks;
}

std::string as_role(const std::string& superuser_url, const std::string& role) {
  const std::string before = "://";
  const auto start = superuser_url.find(before) + before.size();
  return superuser_url.substr(0, start) + role + superuser_url.substr(superuser_url.find('@'));
}

void make_roles_by_the_guide(const std::string& superuser_url) {
  for (const GuideBlock& block : postgres_guide()) {
    if (block.section != "Roles")
      continue;
    if (block.language == "sql")
      PostgresSession{as_role(superuser_url, block.role)}.run(block.text);
    else if (block.text.find(" migrate") != std::string::npos)
      open_store({.database_url = as_role(superuser_url, "errand_owner")})->migrate();
  }
}

}  // namespace errand::testing
