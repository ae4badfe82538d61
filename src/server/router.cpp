#include "server/router.hpp"

#include <algorithm>

namespace errand {
namespace {

std::string_view next_segment(std::string_view& rest) {
  rest.remove_prefix(1);  // the slash
  const std::size_t end = std::min(rest.find('/'), rest.size());
  const std::string_view segment = rest.substr(0, end);
  rest.remove_prefix(end);
  return segment;
}

/// What stands for the segments in braces, or nothing when the path is another one.
std::optional<std::vector<std::string>> match_pattern(std::string_view pattern,
                                                      std::string_view path) {
  std::vector<std::string> parameters;
  while (!pattern.empty() && !path.empty()) {
    const std::string_view expected = next_segment(pattern);
    const std::string_view given = next_segment(path);
    if (!expected.empty() && expected.front() == '{' && !given.empty())
      parameters.emplace_back(given);
    else if (expected != given)
      return std::nullopt;
  }
  if (!pattern.empty() || !path.empty())
    return std::nullopt;
  return parameters;
}

void add_method(std::string& allow, const std::string& method) {
  allow += (allow.empty() ? "" : ", ") + method;
  if (method == "GET")
    allow += ", HEAD";
}

}  // namespace

void Router::add(Route route) {
  routes_.push_back(std::move(route));
}

RouteMatch Router::match(std::string_view method, std::string_view path) const {
  const std::string_view wanted = method == "HEAD" ? "GET" : method;
  RouteMatch match;
  for (const Route& route : routes_) {
    auto parameters = match_pattern(route.pattern, path);
    if (!parameters)
      continue;
    if (route.method == wanted)
      return {&route, std::move(*parameters), {}};
    add_method(match.allow, route.method);
  }
  return match;
}

}  // namespace errand
