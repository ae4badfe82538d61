#include "server/api/api.hpp"
#include "server/response.hpp"

namespace errand {

void add_stats_routes(Router& router, const WebServerBackend& backend) {
  Route route;
  route.method = "GET";
  route.pattern = "/api/v1/stats";
  route.handle = [&reader = backend.reader,
                  status = backend.worker_status](const Request& request) {
    check_query(request, {});
    Json stats{{"jobs", reader.counts()}};
    stats["workers"] = status ? status() : Json(nullptr);
    return json_response(stats);
  };
  router.add(std::move(route));
}

}  // namespace errand
