#pragma once

#include <initializer_list>
#include <optional>
#include <string_view>

#include "server/router.hpp"
#include "server/web_server.hpp"

namespace errand {

/// Every route under /api/v1, and /livez and /readyz. The handlers keep references into `backend`.
void add_api_routes(Router& router, const WebServerBackend& backend);

void add_job_routes(Router& router, const WebServerBackend& backend);
void add_worker_routes(Router& router, const WebServerBackend& backend);
void add_cron_routes(Router& router, const WebServerBackend& backend);
void add_type_routes(Router& router, const WebServerBackend& backend);
void add_stats_routes(Router& router, const WebServerBackend& backend);
void add_notification_routes(Router& router, const WebServerBackend& backend);
void add_health_routes(Router& router, const WebServerBackend& backend);

/// The operator's page.
void add_page_routes(Router& router);

/// Throws `Error{invalid}` naming the first query parameter that is not one of `known`.
void check_query(const Request& request, std::initializer_list<std::string_view> known);

/// The parameter, or empty.
[[nodiscard]] std::string query_text(const Request& request, std::string_view name);

/// Nothing when it is not given. Throws `Error{invalid}` naming the parameter for anything but a
/// whole number from `least` to `most`.
[[nodiscard]] std::optional<std::int64_t> query_number(const Request& request,
                                                       std::string_view name,
                                                       std::int64_t least,
                                                       std::int64_t most);

/// The id in the path. Throws `Error{not_found}` for anything that cannot be one.
[[nodiscard]] std::int64_t path_id(const Request& request);

}  // namespace errand
