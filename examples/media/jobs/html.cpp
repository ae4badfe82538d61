#include "jobs/html.hpp"

namespace demo {
namespace {

constexpr std::string_view style = R"(
  body { font: 15px/1.5 system-ui, sans-serif; margin: 2.5rem auto; max-width: 60rem; padding: 0 1rem;
         color: #1d2433; background: #fff; }
  h1 { font-size: 1.6rem; margin-bottom: .2rem; }
  h2 { font-size: 1.1rem; margin-top: 2rem; }
  table { border-collapse: collapse; width: 100%; }
  th, td { text-align: left; padding: .4rem .7rem; border-bottom: 1px solid #e3e7ef;
           vertical-align: top; overflow-wrap: anywhere; }
  th { color: #5b6478; font-weight: 600; }
  @media (prefers-color-scheme: dark) {
    body { color: #dfe4ee; background: #12161f; }
    th, td { border-color: #2a3140; }
    th { color: #98a2b8; }
  }
)";

std::string row_of(const std::vector<std::string>& cells, std::string_view tag) {
  std::string row = "<tr>";
  for (const std::string& cell : cells)
    row.append("<")
        .append(tag)
        .append(">")
        .append(escape_html(cell))
        .append("</")
        .append(tag)
        .append(">");
  return row + "</tr>\n";
}

}  // namespace

std::string escape_html(std::string_view text) {
  std::string result;
  for (const char c : text) {
    switch (c) {
      case '&':
        result += "&amp;";
        break;
      case '<':
        result += "&lt;";
        break;
      case '>':
        result += "&gt;";
        break;
      case '"':
        result += "&quot;";
        break;
      case '\'':
        result += "&#39;";
        break;
      default:
        result += c;
    }
  }
  return result;
}

std::string html_table(const std::vector<std::string>& heads,
                       const std::vector<std::vector<std::string>>& rows) {
  if (rows.empty())
    return "<p>None.</p>\n";
  std::string table = "<table>\n<thead>" + row_of(heads, "th") + "</thead>\n<tbody>\n";
  for (const auto& row : rows)
    table += row_of(row, "td");
  return table + "</tbody>\n</table>\n";
}

std::string html_page(std::string_view title, std::string_view body) {
  const std::string name = escape_html(title);
  return "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<title>" + name +
         "</title>\n<style>" + std::string{style} + "</style>\n<h1>" + name + "</h1>\n" +
         std::string{body} + "</html>\n";
}

}  // namespace demo
