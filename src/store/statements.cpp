#include "store/statements.hpp"

#include <errand/error.hpp>

#include "sql_files.hpp"

namespace errand::sql {
namespace {

std::string_view file_text(const std::string& path) {
  for (const EmbeddedFile& file : sql_files())
    if (file.path == path)
      return file.text;
  throw Error{ErrorKind::bug, "the SQL file " + path + " is not compiled into this program"};
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == ' '))
    text.remove_suffix(1);
  return text;
}

/// `{{name}}` stands for the text of fragments/name.sql, so that a list of columns is written once.
std::string with_fragments(std::string_view dialect, std::string_view text) {
  std::string whole;
  for (auto open = text.find("{{"); open != std::string_view::npos; open = text.find("{{")) {
    const auto close = text.find("}}", open);
    const std::string name{text.substr(open + 2, close - open - 2)};
    whole.append(text.substr(0, open));
    whole.append(trimmed(file_text(std::string{dialect} + "/fragments/" + name + ".sql")));
    text.remove_prefix(close + 2);
  }
  return whole.append(trimmed(text));
}

/// FNV-1a: tells an edited migration from the applied one; it guards against mistakes, not malice.
std::string checksum_of(std::string_view text) {
  std::uint64_t hash = 14695981039346656037U;
  for (const char byte : text)
    hash = (hash ^ static_cast<unsigned char>(byte)) * 1099511628211U;
  constexpr std::string_view digits = "0123456789abcdef";
  std::string hex;
  for (int shift = 60; shift >= 0; shift -= 4)
    hex.push_back(digits[(hash >> static_cast<unsigned>(shift)) & 15U]);
  return hex;
}

std::string_view stem(std::string_view path) {
  path.remove_prefix(path.rfind('/') + 1);
  return path.substr(0, path.rfind('.'));
}

}  // namespace

Statements::Statements(std::string_view dialect) {
  const std::string folder{dialect};
  for (std::size_t index = 0; index < query_names.size(); ++index) {
    const std::string path = folder + "/queries/" + std::string{query_names[index]} + ".sql";
    texts_[index] = with_fragments(dialect, file_text(path));
  }
  for (const EmbeddedFile& file : sql_files())  // sorted by path, so by number
    if (file.path.starts_with(folder + "/migrations/"))
      migrations_.push_back({stem(file.path), file.text, checksum_of(file.text)});
  setup_ = file_text(folder + "/setup/errand_migrations.sql");
}

const Statements& Statements::of_sqlite() {
  static const Statements statements{"sqlite"};
  return statements;
}

}  // namespace errand::sql
