#include "base/json_text.hpp"

#include <simdjson.h>

namespace errand {
namespace {

using simdjson::dom::element;
using simdjson::dom::element_type;

/// A parser keeps fifteen times as much as the longest text that it has read.
constexpr std::size_t kept_for_bytes_max = 64UL * 1024;

Json json_of(const element& value);

Json object_of(const simdjson::dom::object& members) {
  Json object = Json::object();
  for (const auto member : members)
    object[std::string{member.key}] = json_of(member.value);
  return object;
}

Json array_of(const simdjson::dom::array& values) {
  Json array = Json::array();
  array.get_ref<Json::array_t&>().reserve(values.size());
  for (const element value : values)
    array.push_back(json_of(value));
  return array;
}

/// Of what has been read without an error: its type is known, so that no access fails.
Json json_of(const element& value) {
  switch (value.type()) {
    case element_type::OBJECT:
      return object_of(value.get_object().value_unsafe());
    case element_type::ARRAY:
      return array_of(value.get_array().value_unsafe());
    case element_type::STRING:
      return std::string{value.get_string().value_unsafe()};
    case element_type::INT64: {
      const std::int64_t number = value.get_int64().value_unsafe();
      return number < 0 ? Json(number) : Json(static_cast<std::uint64_t>(number));
    }
    case element_type::UINT64:
      return value.get_uint64().value_unsafe();
    case element_type::DOUBLE:
      return value.get_double().value_unsafe();
    case element_type::BOOL:
      return value.get_bool().value_unsafe();
    case element_type::NULL_VALUE:
      break;
  }
  return nullptr;
}

/// What simdjson does not take (a number beyond 64 bits, more than 1,024 levels) or refuses is left
/// to nlohmann/json, which says why.
Json parse_with(simdjson::dom::parser& parser, std::string_view text) {
  const auto read = parser.parse(text.data(), text.size());
  return read.error() == simdjson::SUCCESS ? json_of(read.value_unsafe()) : Json::parse(text);
}

}  // namespace

Json parse_json(std::string_view text) {
  if (text.size() > kept_for_bytes_max) {
    simdjson::dom::parser parser;
    return parse_with(parser, text);
  }
  thread_local simdjson::dom::parser parser;
  return parse_with(parser, text);
}

}  // namespace errand
