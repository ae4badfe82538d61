#include "server/api/api.hpp"
#include "server/response.hpp"

namespace errand {
namespace {

Json text_or_null(const std::string& text) {
  return text.empty() ? Json(nullptr) : Json(text);
}

Json milliseconds_or_null(const std::optional<milliseconds>& duration) {
  return duration ? Json(duration->count()) : Json(nullptr);
}

Json describe(const JobType& type) {
  const JobOptions& options = type.options;
  return {{"name", type.name},
          {"queue", options.queue},
          {"priority", options.priority},
          {"maxAttempts", options.retry.max_attempts()},
          {"timeout", milliseconds_or_null(options.timeout)},
          {"cronSchedule", text_or_null(options.cron)},
          {"timezone", text_or_null(options.timezone)},
          {"persistent", options.persistent},
          {"removeDelay", milliseconds_or_null(options.remove_delay)}};
}

}  // namespace

void add_type_routes(Router& router, const WebServerBackend& backend) {
  Route route;
  route.method = "GET";
  route.pattern = "/api/v1/types";
  route.on_loop = true;
  route.handle = [&registry = backend.registry](const Request& request) {
    check_query(request, {});
    Json types = Json::array();
    for (const auto& [name, type] : registry.types())
      types.push_back(describe(type));
    return json_response({{"types", types}});
  };
  router.add(std::move(route));
}

}  // namespace errand
