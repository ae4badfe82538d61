#include "server/api/api.hpp"

#include <algorithm>
#include <charconv>

namespace errand {
namespace {

std::optional<std::int64_t> parse_number(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size())
    return std::nullopt;
  return number;
}

}  // namespace

void add_api_routes(Router& router, const WebServerBackend& backend) {
  add_job_routes(router, backend);
  add_worker_routes(router, backend);
  add_cron_routes(router, backend);
  add_type_routes(router, backend);
  add_stats_routes(router, backend);
  add_notification_routes(router, backend);
  add_health_routes(router, backend);
}

void check_query(const Request& request, std::initializer_list<std::string_view> known) {
  for (const auto& [name, value] : request.query) {
    if (std::find(known.begin(), known.end(), name) != known.end())
      continue;
    std::string list;
    for (const std::string_view one : known)
      list.append(list.empty() ? "" : ", ").append(one);
    throw Error{ErrorKind::invalid,
                "there is no query parameter '" + name + "' here; there is " +
                    (list.empty() ? "none" : list),
                name};
  }
}

std::string query_text(const Request& request, std::string_view name) {
  const auto found = request.query.find(std::string{name});
  return found == request.query.end() ? std::string{} : found->second;
}

std::optional<std::int64_t> query_number(const Request& request,
                                         std::string_view name,
                                         std::int64_t least,
                                         std::int64_t most) {
  const auto found = request.query.find(std::string{name});
  if (found == request.query.end())
    return std::nullopt;
  const auto number = parse_number(found->second);
  if (number && *number >= least && *number <= most)
    return number;
  throw Error{ErrorKind::invalid,
              std::string{name} + " must be a whole number from " + std::to_string(least) + " to " +
                  std::to_string(most),
              std::string{name}};
}

std::int64_t path_id(const Request& request) {
  const std::string& text = request.parameters.at(0);
  const auto id = parse_number(text);
  if (!id || *id <= 0)
    throw Error{ErrorKind::not_found, "there is nothing with id '" + text + "'"};
  return *id;
}

}  // namespace errand
