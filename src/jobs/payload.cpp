#include "jobs/payload.hpp"

#include <cmath>

#include "base/json_text.hpp"
#include "base/text.hpp"
#include "jobs/json_scanner.hpp"

namespace errand {
namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD";  // U+FFFD

void check_length(std::string_view text, std::string_view field) {
  if (text.size() > payload_bytes_max)
    refuse_json(field,
                "it has " + std::to_string(text.size()) + " bytes, more than " +
                    std::to_string(payload_bytes_max) +
                    "; store it elsewhere and send a reference");
}

/// What serialising would hide (NaN becomes null, bytes become an object) or not survive: a value
/// nested without end.
void check_value(const Json& value, std::string_view field, int depth) {
  if (value.is_number_float() && !std::isfinite(value.get<double>()))
    refuse_json(field, "it holds a number that is infinite or NaN");
  if (value.is_binary() || value.is_discarded())
    refuse_json(field, "it holds bytes or a discarded value, which JSON cannot say");
  if (!value.is_structured())
    return;
  if (depth == payload_depth_max)
    refuse_json(field, "it is nested deeper than " + std::to_string(payload_depth_max) + " levels");
  for (const Json& member : value)
    check_value(member, field, depth + 1);
}

std::string serialised(const Json& value, std::string_view field) {
  try {
    return value.dump();
  } catch (const Json::exception&) {
    refuse_json(field, "it holds text that is not UTF-8");
  }
}

std::string cut_note(std::size_t bytes) {
  return "… [cut, " + std::to_string(bytes) + " bytes in all]";
}

std::string with_replacements(std::string_view text) {
  std::string clean;
  clean.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = utf8_character_bytes(text.substr(at));
    const bool kept = length > 0 && text[at] != '\0';
    clean += kept ? text.substr(at, length) : replacement;
    at += kept ? length : 1;
  }
  return clean;
}

}  // namespace

void check_payload_text(std::string_view text, std::string_view field) {
  check_length(text, field);
  scan_json(text, field);
}

std::string payload_text(const Json& value, std::string_view field) {
  check_value(value, field, 0);
  std::string text = serialised(value, field);
  check_payload_text(text, field);
  return text;
}

Json parse_payload(std::string_view text, std::string_view field) {
  check_payload_text(text, field);
  return parse_json(text);
}

bool has_text(const Json& object, const char* name, std::string_view text) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() &&
         found->get_ref<const std::string&>() == text;
}

bool is_storable_text(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = utf8_character_bytes(text.substr(at));
    if (length == 0 || text[at] == '\0')
      return false;
    at += length;
  }
  return true;
}

std::string sanitise_text(std::string_view text, std::size_t bytes_max) {
  // Replacing makes text longer, never shorter: what lies beyond the limit is cut anyway.
  std::string clean = with_replacements(text.substr(0, bytes_max + 1));
  if (clean.size() <= bytes_max)
    return clean;
  const std::string note = cut_note(text.size());
  if (note.size() >= bytes_max)
    return std::string{utf8_prefix(clean, bytes_max)};
  return std::string{utf8_prefix(clean, bytes_max - note.size())} + note;
}

}  // namespace errand
