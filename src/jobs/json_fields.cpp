#include "jobs/json_fields.hpp"

#include <algorithm>
#include <errand/error.hpp>

#include "base/time_text.hpp"
#include "jobs/payload.hpp"

namespace errand {
namespace {

constexpr std::size_t quoted_bytes_max = 64;

std::string joined(std::span<const std::string_view> names) {
  std::string text;
  for (const std::string_view name : names)
    text += (text.empty() ? "" : ", ") + std::string{name};
  return text;
}

}  // namespace

JsonFields::JsonFields(const Json& object,
                       std::string_view parent,
                       std::span<const std::string_view> allowed)
    : object_{object}, parent_{parent} {
  if (!object.is_object())
    throw Error{ErrorKind::invalid,
                (parent.empty() ? "a job" : std::string{parent}) +
                    " is a JSON object with the fields " + joined(allowed) + ", not " +
                    object.type_name(),
                std::string{parent}};
  for (const auto& [name, value] : object.items())
    if (std::find(allowed.begin(), allowed.end(), name) == allowed.end())
      refuse(sanitise_text(name, quoted_bytes_max),
             "is not a known field; the known ones are " + joined(allowed));
}

std::string JsonFields::full_name(std::string_view name) const {
  return parent_.empty() ? std::string{name} : std::string{parent_} + "." + std::string{name};
}

void JsonFields::refuse(std::string_view name, std::string_view why) const {
  const std::string field = full_name(name);
  throw Error{ErrorKind::invalid, field + " " + std::string{why}, field};
}

const Json* JsonFields::find(std::string_view name) const {
  const auto found = object_.find(name);
  return found == object_.end() || found->is_null() ? nullptr : &*found;
}

std::string JsonFields::text(std::string_view name) const {
  const Json* value = find(name);
  if (value == nullptr)
    return {};
  if (!value->is_string())
    refuse(name, std::string{"is a string, not "} + value->type_name());
  return value->get<std::string>();
}

bool JsonFields::flag(std::string_view name) const {
  const Json* value = find(name);
  if (value != nullptr && !value->is_boolean())
    refuse(name, std::string{"is true or false, not "} + value->type_name());
  return value != nullptr && value->get<bool>();
}

std::optional<double> JsonFields::number(std::string_view name) const {
  const Json* value = find(name);
  if (value == nullptr)
    return std::nullopt;
  if (!value->is_number())
    refuse(name, std::string{"is a number, not "} + value->type_name());
  return value->get<double>();
}

std::optional<std::int64_t> JsonFields::integer(std::string_view name, std::int64_t most) const {
  const Json* value = find(name);
  if (value == nullptr)
    return std::nullopt;
  if (!value->is_number_integer())
    refuse(name,
           value->is_number() ? "is a whole number"
                              : std::string{"is a whole number, not "} + value->type_name());
  const bool too_large =
      value->is_number_unsigned() && value->get<std::uint64_t>() > static_cast<std::uint64_t>(most);
  if (too_large || value->get<std::int64_t>() < -most || value->get<std::int64_t>() > most)
    refuse(name, "is not between " + std::to_string(-most) + " and " + std::to_string(most));
  return value->get<std::int64_t>();
}

std::optional<milliseconds> JsonFields::duration(std::string_view name) const {
  const Json* value = find(name);
  if (value == nullptr)
    return std::nullopt;
  std::optional<milliseconds> duration;
  if (value->is_number_unsigned() || value->is_number_integer())
    duration = milliseconds{integer(name, std::int64_t{1} << 53).value_or(0)};
  else if (value->is_string())
    duration = parse_duration(value->get_ref<const std::string&>());
  if (!duration || *duration < milliseconds{0})
    refuse(name, "is a duration such as \"5s\", \"10m\", \"7d\", or a number of milliseconds");
  return duration;
}

}  // namespace errand
