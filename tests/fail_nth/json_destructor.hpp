#pragma once

namespace errand::testing {

/// Whether the caller is, however deep, inside the destructor of a Json array or object. That one
/// asks for memory, so a program that has none ends there: as by a crash, which is what the manager
/// is for. Failing there would show nothing but that.
[[nodiscard]] bool is_inside_json_destructor() noexcept;

}  // namespace errand::testing
