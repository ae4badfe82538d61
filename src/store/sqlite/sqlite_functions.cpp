#include "store/sqlite/sqlite_functions.hpp"

#include <exception>
#include <memory>
#include <new>

#include <sqlite3.h>

#include "store/id_runs.hpp"

namespace errand::sql {
namespace {

using Runs = std::vector<IdRun>;

std::unique_ptr<Runs> parse(sqlite3_value* value) {
  const auto* text = reinterpret_cast<const char*>(sqlite3_value_text(value));
  if (text == nullptr)  // it is no text without its end, and there was no memory for that
    throw std::bad_alloc{};
  return std::make_unique<Runs>(runs_from(text));
}

void is_in_runs(sqlite3_context* context, int, sqlite3_value** values) {
  if (sqlite3_value_type(values[0]) == SQLITE_NULL)
    return sqlite3_result_null(context);
  try {
    const auto* runs = static_cast<const Runs*>(sqlite3_get_auxdata(context, 0));
    std::unique_ptr<Runs> parsed = runs == nullptr ? parse(values[0]) : nullptr;
    if (parsed)
      runs = parsed.get();
    sqlite3_result_int(context, is_in(*runs, sqlite3_value_int64(values[1])) ? 1 : 0);
    if (parsed)
      sqlite3_set_auxdata(
          context, 0, parsed.release(), [](void* kept) { delete static_cast<Runs*>(kept); });
  } catch (const std::bad_alloc&) {
    sqlite3_result_error_nomem(context);
  } catch (const std::exception& failure) {
    sqlite3_result_error(context, failure.what(), -1);
  }
}

}  // namespace

int add_is_in_runs(sqlite3& connection) {
  return sqlite3_create_function_v2(&connection,
                                    "is_in_runs",
                                    2,
                                    SQLITE_UTF8 | SQLITE_DETERMINISTIC,
                                    nullptr,
                                    is_in_runs,
                                    nullptr,
                                    nullptr,
                                    nullptr);
}

}  // namespace errand::sql
