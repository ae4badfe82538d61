#pragma once

#include <string>

namespace errand {

inline constexpr const char* version_text = ERRAND_VERSION;

/// This machine's name, for people.
[[nodiscard]] std::string host_name();

/// 128 random bits in hexadecimal, from the kernel: names of nodes, secrets (twice).
[[nodiscard]] std::string random_hex128();

}  // namespace errand
