#include "store/statements.hpp"

#include <algorithm>
#include <charconv>
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

bool is_embedded(const std::string& path) {
  const auto& files = sql_files();
  return std::any_of(
      files.begin(), files.end(), [&](const EmbeddedFile& file) { return file.path == path; });
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == ' '))
    text.remove_suffix(1);
  return text;
}

/// `$1, $2` with every number raised by `offset`.
std::string shifted(std::string_view text, int offset) {
  std::string result;
  while (!text.empty()) {
    const auto dollar = std::min(text.find('$'), text.size());
    result.append(text.substr(0, dollar));
    text.remove_prefix(dollar);
    if (text.empty())
      break;
    int number = 0;
    const char* end = std::from_chars(text.data() + 1, text.data() + text.size(), number).ptr;
    result.append("$" + std::to_string(number + offset));
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  }
  return result;
}

int highest_number(std::string_view text) {
  int highest = 0;
  for (auto at = text.find('$'); at != std::string_view::npos; at = text.find('$', at + 1)) {
    int number = 0;
    std::from_chars(text.data() + at + 1, text.data() + text.size(), number);
    highest = std::max(highest, number);
  }
  return highest;
}

std::string repeated(std::string_view text, int times) {
  const int stride = highest_number(text);
  std::string result;
  for (int index = 0; index < times; ++index)
    result.append(index == 0 ? "" : ", ").append(shifted(text, index * stride));
  return result;
}

/// A fragment may begin by saying why it is there: that is for its file, not for the statement.
std::string_view without_reason(std::string_view text) {
  while (text.starts_with("--"))
    text.remove_prefix(std::min(text.find('\n'), text.size() - 1) + 1);
  return text;
}

std::string with_fragments(std::string_view dialect, std::string_view text);

/// What stands between the braces: a fragment's name, after a number if it is repeated with
/// parameters of its own each time.
std::string expanded(std::string_view dialect, std::string_view reference) {
  const auto space = reference.find(' ');
  const std::string name{space == std::string_view::npos ? reference : reference.substr(space + 1)};
  const std::string text = with_fragments(
      dialect, without_reason(file_text(std::string{dialect} + "/fragments/" + name + ".sql")));
  if (space == std::string_view::npos)
    return text;
  int times = 0;
  std::from_chars(reference.data(), reference.data() + space, times);
  return repeated(text, times);
}

/// `{{name}}` stands for the text of fragments/name.sql, so that a list of columns is written once.
std::string with_fragments(std::string_view dialect, std::string_view text) {
  std::string whole;
  for (auto open = text.find("{{"); open != std::string_view::npos; open = text.find("{{")) {
    const auto close = text.find("}}", open);
    whole.append(text.substr(0, open));
    whole.append(expanded(dialect, text.substr(open + 2, close - open - 2)));
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
    if (is_of_one_dialect(static_cast<Query>(index)) && !is_embedded(path))
      continue;
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

const Statements& Statements::of_postgresql() {
  static const Statements statements{"postgresql"};
  return statements;
}

}  // namespace errand::sql
