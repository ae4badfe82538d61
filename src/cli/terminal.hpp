#pragma once

#include <cstddef>
#include <errand/log.hpp>
#include <iosfwd>

namespace errand::cli {

/// Where a command reads and writes. The streams must outlive it.
struct Terminal {
  std::istream& in;
  std::ostream& out;
  std::ostream& err;
  std::size_t width{0};  ///< columns; 0 = not a terminal, nothing is cut
  bool json{false};
};

/// One JSON document and a newline.
void print_json(const Terminal& terminal, const Json& json);

}  // namespace errand::cli
