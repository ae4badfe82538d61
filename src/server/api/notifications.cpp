#include "jobs/job_json.hpp"
#include "server/api/api.hpp"
#include "server/response.hpp"

namespace errand {
namespace {

/// A user's token speaks for that user alone; the operator says for whom.
std::int64_t user_of(const Request& request) {
  const auto asked = query_number(request, "userId", 1, INT64_MAX);
  if (request.identity.kind == Identity::Kind::user) {
    if (asked.value_or(request.identity.user_id) != request.identity.user_id)
      throw Error{ErrorKind::not_found, "there are no notifications of that user for this token"};
    return request.identity.user_id;
  }
  if (!asked)
    throw Error{ErrorKind::invalid, "with the operator's token, userId must be given", "userId"};
  return *asked;
}

Response list(NotificationStore& store, const Request& request) {
  check_query(request, {"userId", "cursor", "limit"});
  const auto before = query_number(request, "cursor", 1, INT64_MAX);
  const auto limit = query_number(request, "limit", 1, 1000).value_or(50);
  const auto page = store.list(user_of(request), before, static_cast<int>(limit));
  Json notifications = Json::array();
  for (const Notification& notification : page)
    notifications.push_back(to_json(notification));
  const bool full = std::cmp_equal(page.size(), limit);
  return json_response(
      {{"notifications", notifications}, {"next", full ? Json(page.back().id) : Json(nullptr)}});
}

Response read_one(NotificationStore& store, const Request& request) {
  check_query(request, {"userId"});
  const std::int64_t id = path_id(request);
  if (!store.mark_read(user_of(request), id))
    throw Error{ErrorKind::not_found, "there is no notification " + std::to_string(id)};
  return json_response({{"id", id}, {"read", true}});
}

Response read_all(NotificationStore& store, const Request& request) {
  check_query(request, {"userId"});
  return json_response({{"marked", store.mark_all_read(user_of(request))}});
}

}  // namespace

void add_notification_routes(Router& router, const WebServerBackend& backend) {
  using Handler = Response (*)(NotificationStore&, const Request&);
  const auto add = [&](const char* method, const char* pattern, Handler handler) {
    Route route;
    route.method = method;
    route.pattern = pattern;
    route.access = Access::user;
    route.handle = [&store = backend.notifications, handler](const Request& request) {
      return handler(store, request);
    };
    router.add(std::move(route));
  };
  add("GET", "/api/v1/notifications", &list);
  add("POST", "/api/v1/notifications/read-all", &read_all);
  add("POST", "/api/v1/notifications/{id}/read", &read_one);
}

}  // namespace errand
