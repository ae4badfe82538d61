#include <cstdint>

#include "base/text.hpp"
#include "jobs/payload.hpp"

namespace errand {
namespace {

constexpr std::int64_t integer_max = std::int64_t{1} << 53;

/// Half of the limit, because quotes and backslashes double when text becomes a JSON string.
constexpr std::size_t start_bytes_max = result_bytes_max / 2 - 256;

bool is_too_large(const Json& value) {
  if (value.is_number_unsigned())
    return value.get<std::uint64_t>() > static_cast<std::uint64_t>(integer_max);
  return value.is_number_integer() &&
         (value.get<std::int64_t>() > integer_max || value.get<std::int64_t>() < -integer_max);
}

Json sanitised(const Json& value, int depth);

Json sanitised_members(const Json& value, int depth) {
  Json result = value.is_array() ? Json::array() : Json::object();
  if (value.is_array())
    for (const Json& member : value)
      result.push_back(sanitised(member, depth + 1));
  else
    for (const auto& [key, member] : value.items())
      result[sanitise_text(key, payload_bytes_max)] = sanitised(member, depth + 1);
  return result;
}

Json sanitised(const Json& value, int depth) {
  if (value.is_structured())
    return depth < payload_depth_max ? sanitised_members(value, depth)
                                     : Json("… [nested deeper than 64 levels]");
  if (value.is_string())
    return sanitise_text(value.get_ref<const std::string&>(), payload_bytes_max);
  if (is_too_large(value))
    return value.dump();
  if (value.is_binary() || value.is_discarded())
    return nullptr;
  return value;
}

std::string dumped(const Json& value) {
  return sanitised(value, 0).dump();
}

std::string shortened(const std::string& text) {
  const Json note{{"truncated", true},
                  {"bytes", text.size()},
                  {"start", std::string{utf8_prefix(text, start_bytes_max)}}};
  return note.dump();
}

}  // namespace

std::string result_text(const Json& result) {
  std::string text = dumped(result);
  return text.size() <= result_bytes_max ? text : shortened(text);
}

std::string error_text(const Json& error) {
  Json told = error.is_null() ? Json::object() : error;
  if (!told.is_object())
    told = Json{{"error", told.is_string() ? told : Json(dumped(told))}};
  if (!told.contains("error"))
    told["error"] = "no reason was given";
  std::string text = dumped(told);
  if (text.size() <= result_bytes_max)
    return text;
  const Json& sentence = told["error"];
  const std::string full = sentence.is_string() ? sentence.get<std::string>() : dumped(sentence);
  const Json note{
      {"truncated", true}, {"bytes", text.size()}, {"error", sanitise_text(full, start_bytes_max)}};
  return note.dump();
}

}  // namespace errand
