#pragma once

#include <optional>
#include <span>
#include <string>

#include "store/database.hpp"
#include "store/postgresql/postgres_types.hpp"

namespace errand::sql {

/// Appends the value in the server's binary form of `type`. False, and nothing appended, when that
/// type has no such value or is not one that errand knows: the server is then asked to read the
/// text. NULL is not a value. Throws `Error{invalid}` for an integer that does not fit.
[[nodiscard]] bool append_binary(std::string& out, Oid type, const Param& value);

/// What the server reads for a type that it knows better.
[[nodiscard]] std::string text_form(const Param& value);

/// Appends the length and the binary form, or that it is NULL. Throws `Error{bug}` for a value that
/// the type cannot hold.
void append_field(std::string& out, Oid type, const Param& value);

/// Appends a one-dimensional array. Throws `Error{bug}` for an element that the type cannot hold.
void append_array(std::string& out, Oid element, std::span<const Param> values);

/// The binary form read back; nothing for a type that holds no number.
[[nodiscard]] std::optional<std::int64_t> integer_from(Oid type, std::string_view bytes);
[[nodiscard]] std::optional<double> real_from(Oid type, std::string_view bytes);
[[nodiscard]] std::optional<std::string_view> text_from(Oid type, std::string_view bytes);

}  // namespace errand::sql
