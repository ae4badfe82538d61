#include "store/sql_script.hpp"

#include <algorithm>

namespace errand::sql {
namespace {

constexpr std::string_view directive = "-- errand: statements run one by one";

/// Past the quoted text or the comment that begins at `at`, or past one ordinary byte.
std::size_t after_token(std::string_view text, std::size_t at) {
  const auto past = [&](std::size_t end) {
    return std::min(end, text.size() - 1) + 1;
  };
  if (text[at] == '\'' || text[at] == '"')
    return past(text.find(text[at], at + 1));
  if (text.substr(at, 2) == "--")
    return past(text.find('\n', at));
  return at + 1;
}

bool is_blank(std::string_view text) {
  std::size_t at = text.find_first_not_of(" \n");
  while (at < text.size() && text.substr(at, 2) == "--")
    at = text.find_first_not_of(" \n", after_token(text, at));
  return at >= text.size();
}

}  // namespace

bool runs_outside_transaction(std::string_view script) noexcept {
  return script.starts_with(directive);
}

std::vector<std::string> statements_of(std::string_view script) {
  std::vector<std::string> statements;
  std::size_t start = 0;
  for (std::size_t at = 0; at < script.size(); at = after_token(script, at)) {
    if (script[at] != ';')
      continue;
    statements.emplace_back(script.substr(start, at - start));
    start = at + 1;
  }
  if (!is_blank(script.substr(start)))
    statements.emplace_back(script.substr(start));
  return statements;
}

void run_one_by_one(Connection& connection, std::string_view script) {
  std::int64_t changed = 0;
  for (const std::string& statement : statements_of(script)) {
    const SqlRows made = connection.run_text(statement, {}, changed);
    for (std::size_t row = 0; row < made.size(); ++row)
      connection.run_script(made.get<std::string>(row, 0));
  }
}

}  // namespace errand::sql
