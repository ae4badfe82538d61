#include "jobs/job_json.hpp"
#include "server/api/api.hpp"
#include "server/response.hpp"

namespace errand {

void add_cron_routes(Router& router, const WebServerBackend& backend) {
  Route route;
  route.method = "GET";
  route.pattern = "/api/v1/crons";
  route.handle = [&manager = backend.worker_manager](const Request& request) {
    check_query(request, {});
    Json crons = Json::array();
    for (const CronInfo& cron : manager.list_crons())
      crons.push_back(to_json(cron));
    return json_response({{"crons", crons}});
  };
  router.add(std::move(route));
}

}  // namespace errand
