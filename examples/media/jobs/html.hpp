#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace demo {

/// Text that means itself in HTML, in an attribute too.
[[nodiscard]] std::string escape_html(std::string_view text);

/// A table; every cell is escaped. No rows: a sentence that says so.
[[nodiscard]] std::string html_table(const std::vector<std::string>& heads,
                                     const std::vector<std::vector<std::string>>& rows);

/// A whole page around `body`, which is HTML already.
[[nodiscard]] std::string html_page(std::string_view title, std::string_view body);

}  // namespace demo
