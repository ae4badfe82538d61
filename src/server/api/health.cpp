#include "server/api/api.hpp"
#include "server/response.hpp"

namespace errand {
namespace {

Route open_route(const char* pattern, Route::Handler handle) {
  Route route;
  route.method = "GET";
  route.pattern = pattern;
  route.access = Access::anyone;
  route.handle = std::move(handle);
  return route;
}

Response ok() {
  return json_response({{"status", "ok"}});
}

}  // namespace

void add_health_routes(Router& router, const WebServerBackend& backend) {
  Route alive = open_route("/livez", [](const Request&) { return ok(); });
  alive.on_loop = true;
  router.add(std::move(alive));
  router.add(open_route("/readyz", [not_ready = backend.not_ready](const Request&) {
    const std::string sentence = not_ready ? not_ready() : std::string{};
    return sentence.empty() ? ok() : error_response(Refusal{503, "unavailable", sentence, {}});
  }));
}

}  // namespace errand
