#pragma once

#include <span>
#include <string>
#include <vector>

#include "store/database.hpp"
#include "store/postgresql/postgres_types.hpp"

namespace errand::sql {

/// The values of one execution in the form that libpq takes.
class EncodedValues {
 public:
  /// Room for so many.
  void reserve(std::size_t values);

  void add_null();
  /// Its text; the server reads it as the type it knows.
  void add_text(std::string_view text);
  /// Binary: as `types` says, or as text where that type is unknown here.
  void add(Oid type, const Param& value);
  void add_array(Oid element, std::span<const Param> values);

  [[nodiscard]] int size() const noexcept { return static_cast<int>(lengths_.size()); }

  /// Valid until the next change.
  [[nodiscard]] std::vector<const char*> values() const;

  [[nodiscard]] const int* lengths() const noexcept { return lengths_.data(); }

  [[nodiscard]] const int* formats() const noexcept { return formats_.data(); }

 private:
  void end_value(std::size_t start, int format);

  static constexpr std::size_t null_start = static_cast<std::size_t>(-1);

  std::string bytes_{};
  std::vector<std::size_t> starts_{};
  std::vector<int> lengths_{};
  std::vector<int> formats_{};
};

/// Collects `$1`, `$2`, …; how they are sent is decided by the types that the server told.
///
/// A statement with array parameters takes many rows: their parameters are numbered on from row to
/// row, `$k` of each row becomes an element of the k-th array, and those that all rows share come
/// last.
class PostgresParameters final : public Parameters {
 public:
  PostgresParameters() = default;

  /// With room for so many.
  explicit PostgresParameters(std::size_t expected) { params_.reserve(expected); }

  void set(int number, const Param& value) override;

  [[nodiscard]] std::span<const Param> values() const noexcept { return params_; }

  /// What was not set is NULL. Throws `Error{bug}` when the numbers do not fit the statement named
  /// `what`.
  [[nodiscard]] EncodedValues encode(std::span<const Oid> types, std::string_view what) const;

 private:
  [[nodiscard]] EncodedValues encode_rows(std::span<const Oid> types, std::size_t arrays) const;

  std::vector<Param> params_{};
};

}  // namespace errand::sql
