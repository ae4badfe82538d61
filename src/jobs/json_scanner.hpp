#pragma once

#include <string>
#include <string_view>

namespace errand {

/// Reads a JSON text once, front to back, without building values. Throws `Error{invalid, …,
/// field}` with the byte unless every rule of payload.hpp but the length holds.
void scan_json(std::string_view text, std::string_view field);

/// The sentence for a value of `field` that may not be stored.
[[noreturn]] void refuse_json(std::string_view field, const std::string& why);

}  // namespace errand
