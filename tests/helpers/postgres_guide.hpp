#pragma once

#include <string>
#include <vector>

namespace errand::testing {

/// A fenced block of docs/postgresql.md.
struct GuideBlock {
  std::string section{};   ///< the heading above it
  std::string language{};  ///< as the fence says
  std::string role{};      ///< of `-- as ROLE` in its first line; the administrator's otherwise
  std::string text{};
};

[[nodiscard]] std::vector<GuideBlock> postgres_guide();

/// The same database as another role.
[[nodiscard]] std::string as_role(const std::string& superuser_url, const std::string& role);

/// Does in this database what the guide's section "Roles" says.
void make_roles_by_the_guide(const std::string& superuser_url);

}  // namespace errand::testing
