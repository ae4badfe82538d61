#include "store/sqlite/sqlite_statement.hpp"

#include <charconv>

#include <sqlite3.h>

#include "store/sqlite/sqlite_errors.hpp"

namespace errand::sql {
namespace {

/// "$12" → 12; an anonymous parameter has its own index as number.
int number_of(const char* name, int index) {
  if (name == nullptr)
    return index;
  const std::string_view text{name + 1};
  int number = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  return failure == std::errc{} && end == text.data() + text.size() && number > 0 ? number : 0;
}

bool is_blank(const char* text) {
  return std::string_view{text}.find_first_not_of(" \t\r\n;") == std::string_view::npos;
}

}  // namespace

SqliteStatement::SqliteStatement(sqlite3* handle,
                                 std::string_view sql,
                                 std::string what,
                                 const std::string& path)
    : handle_{handle}, what_{std::move(what)}, path_{path} {
  const char* tail = nullptr;
  sqlite3_stmt* prepared = nullptr;
  const int code = sqlite3_prepare_v3(handle_,
                                      sql.data(),
                                      static_cast<int>(sql.size()),
                                      SQLITE_PREPARE_PERSISTENT,
                                      &prepared,
                                      &tail);
  statement_.reset(prepared);
  if (code != SQLITE_OK)
    throw_sqlite_error(handle_, code, what_, path_);
  const std::string rest{tail, static_cast<std::size_t>(sql.data() + sql.size() - tail)};
  if (statement_ == nullptr || !is_blank(rest.c_str()))
    throw Error{ErrorKind::invalid, what_ + " must be exactly one SQL statement"};
  number_parameters();
}

void SqliteStatement::Finalize::operator()(sqlite3_stmt* statement) const noexcept {
  sqlite3_finalize(statement);
}

void SqliteStatement::number_parameters() {
  const int count = sqlite3_bind_parameter_count(statement_.get());
  for (int index = 1; index <= count; ++index) {
    const int number = number_of(sqlite3_bind_parameter_name(statement_.get(), index), index);
    if (number == 0 || number > count)
      throw Error{ErrorKind::invalid, what_ + " must name its parameters $1, $2, … without gaps"};
    highest_number_ = std::max(highest_number_, number);
    index_of_number_.resize(static_cast<std::size_t>(highest_number_) + 1, 0);
    index_of_number_[static_cast<std::size_t>(number)] = index;
  }
}

void SqliteStatement::set(int number, const Param& value) {
  if (number > highest_number_)
    throw Error{ErrorKind::bug, what_ + " has no parameter $" + std::to_string(number)};
  const int index = index_of_number_[static_cast<std::size_t>(number)];
  int code = SQLITE_OK;
  switch (value.kind()) {
    case Param::Kind::null:
      code = sqlite3_bind_null(statement_.get(), index);
      break;
    case Param::Kind::integer:
    case Param::Kind::time:
      code = sqlite3_bind_int64(statement_.get(), index, value.integer());
      break;
    case Param::Kind::real:
      code = sqlite3_bind_double(statement_.get(), index, value.real());
      break;
    case Param::Kind::text:
      code = sqlite3_bind_text64(statement_.get(),
                                 index,
                                 value.text().data() != nullptr ? value.text().data() : "",
                                 value.text().size(),
                                 SQLITE_STATIC,
                                 SQLITE_UTF8);
      break;
  }
  if (code != SQLITE_OK)
    throw_sqlite_error(handle_, code, what_, path_);
}

bool SqliteStatement::step() {
  const int code = sqlite3_step(statement_.get());
  if (code == SQLITE_ROW)
    return true;
  if (code != SQLITE_DONE)
    throw_sqlite_error(handle_, code, what_, path_);
  return false;
}

void SqliteStatement::reset() noexcept {
  sqlite3_reset(statement_.get());
}

bool SqliteStatement::is_null(int column) const {
  return sqlite3_column_type(statement_.get(), column) == SQLITE_NULL;
}

std::int64_t SqliteStatement::integer(int column) const {
  return sqlite3_column_int64(statement_.get(), column);
}

double SqliteStatement::real(int column) const {
  return sqlite3_column_double(statement_.get(), column);
}

std::string_view SqliteStatement::text(int column) const {
  const unsigned char* bytes = sqlite3_column_text(statement_.get(), column);
  if (bytes == nullptr)
    return {};
  const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column));
  return {reinterpret_cast<const char*>(bytes), size};
}

int SqliteStatement::column_count() const {
  return sqlite3_column_count(statement_.get());
}

std::string SqliteStatement::column_name(int column) const {
  return sqlite3_column_name(statement_.get(), column);
}

SqlValue SqliteStatement::value(int column) const {
  switch (sqlite3_column_type(statement_.get(), column)) {
    case SQLITE_NULL:
      return nullptr;
    case SQLITE_INTEGER:
      return integer(column);
    case SQLITE_FLOAT:
      return real(column);
    default:
      return std::string{text(column)};
  }
}

}  // namespace errand::sql
