#pragma once

#include <errand/job.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace errand {

/// Reads a JSON object field by field. A missing field and null are nothing; one of another type
/// throws `Error{invalid}` that names it and says what is expected. Keeps references to what it is
/// given.
class JsonFields {
 public:
  /// Refuses what is no object, and fields that are not in `allowed`. `parent` is empty for the
  /// outermost object.
  JsonFields(const Json& object,
             std::string_view parent,
             std::span<const std::string_view> allowed);

  [[nodiscard]] const Json* find(std::string_view name) const;
  [[nodiscard]] std::string text(std::string_view name) const;  ///< empty when missing
  [[nodiscard]] bool flag(std::string_view name) const;         ///< false when missing
  [[nodiscard]] std::optional<double> number(std::string_view name) const;
  [[nodiscard]] std::optional<std::int64_t> integer(std::string_view name, std::int64_t most) const;

  /// "5s" or milliseconds.
  [[nodiscard]] std::optional<milliseconds> duration(std::string_view name) const;

  [[noreturn]] void refuse(std::string_view name, std::string_view why) const;

 private:
  [[nodiscard]] std::string full_name(std::string_view name) const;

  const Json& object_;
  std::string_view parent_;
};

}  // namespace errand
