#include "jobs/job_json.hpp"
#include "server/api/api.hpp"
#include "server/response.hpp"

namespace errand {

void add_worker_routes(Router& router, const WebServerBackend& backend) {
  Route route;
  route.method = "GET";
  route.pattern = "/api/v1/workers";
  route.handle = [&manager = backend.worker_manager](const Request& request) {
    check_query(request, {});
    Json workers = Json::array();
    for (const WorkerInfo& worker : manager.list_workers())
      workers.push_back(to_json(worker));
    return json_response({{"workers", workers}});
  };
  router.add(std::move(route));
}

}  // namespace errand
