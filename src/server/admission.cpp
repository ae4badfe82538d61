#include "server/admission.hpp"

#include <algorithm>

#include "server/ascii.hpp"

namespace errand {
namespace {

/// Without the port; an IPv6 address keeps its brackets.
std::string_view host_name(std::string_view host_field) {
  const std::size_t bracket = host_field.rfind(']');
  const std::size_t colon = host_field.find(':', bracket == std::string_view::npos ? 0 : bracket);
  return host_field.substr(0, std::min(colon, host_field.size()));
}

bool has_suffix(std::string_view text, std::string_view suffix) {
  return text.size() >= suffix.size() && text.substr(text.size() - suffix.size()) == suffix;
}

std::string without_port(std::string_view host_field, std::string_view port) {
  const std::string suffix = ":" + std::string{port};
  if (has_suffix(host_field, suffix))
    host_field.remove_suffix(suffix.size());
  return lowered(host_field);
}

bool is_safe(std::string_view method) {
  return method == "GET" || method == "HEAD";
}

/// Same-site is not enough: another port of this machine is the same site.
bool is_foreign_page(const RequestHead& head) {
  const std::string site = lowered(head.field("sec-fetch-site"));
  return !site.empty() && site != "same-origin" && site != "none";
}

bool is_json(std::string_view content_type) {
  const std::string type = lowered(content_type.substr(0, content_type.find(';')));
  const std::size_t end = type.find_last_not_of(" \t");
  return end != std::string::npos && type.substr(0, end + 1) == "application/json";
}

std::optional<Refusal> check_body_kind(const RequestHead& head) {
  if (!head.has_body())
    return std::nullopt;
  if (is_safe(head.method))
    return Refusal{400, "bad_request", "a " + head.method + " request has no body", {}};
  if (head.has("content-encoding"))
    return Refusal{415, "unsupported_media_type", "compressed bodies are not accepted", {}};
  if (!is_json(head.field("content-type")))
    return Refusal{415,
                   "unsupported_media_type",
                   "the body must be JSON, with Content-Type: application/json",
                   "Content-Type"};
  return std::nullopt;
}

std::optional<Refusal> check_access(const Route& route, const Identity& identity) {
  if (route.access == Access::anyone || identity.kind == Identity::Kind::admin)
    return std::nullopt;
  if (identity.kind == Identity::Kind::nobody)
    return Refusal{401,
                   "unauthorized",
                   "this needs a token: send Authorization: Bearer TOKEN with one that is valid",
                   {}};
  if (route.access == Access::user)
    return std::nullopt;
  return Refusal{403, "forbidden", "this needs the operator's token, not a user's", {}};
}

std::optional<Refusal> check_idempotency_key(std::string_view key) {
  const bool printable =
      std::all_of(key.begin(), key.end(), [](char c) { return c > 0x20 && c < 0x7F; });
  if (printable && !key.empty() && key.size() <= 255)
    return std::nullopt;
  return Refusal{400,
                 "invalid",
                 "Idempotency-Key must be 1 to 255 printable ASCII characters without spaces",
                 "Idempotency-Key"};
}

std::optional<Refusal> no_route(Admission& admission, RouteMatch& match) {
  // Without a token nobody learns which paths exist.
  const bool hidden = admission.request.path.rfind(api_prefix, 0) == 0 &&
                      admission.request.identity.kind == Identity::Kind::nobody;
  if (hidden)
    return check_access(Route{}, admission.request.identity);
  admission.allow = std::move(match.allow);
  if (!admission.allow.empty())
    return Refusal{405, "method_not_allowed", "this path has " + admission.allow + " only", {}};
  return Refusal{404, "not_found", "there is nothing at this path", {}};
}

std::optional<Refusal> admit_websocket(const RequestHead& head, Admission& admission) {
  if (head.method != "GET") {
    admission.allow = "GET";
    return Refusal{405, "method_not_allowed", "this path has GET only", {}};
  }
  const bool upgrade = lowered(head.field("upgrade")) == "websocket" &&
                       head.lists("connection", "upgrade") && !head.http_1_0 && !head.has_body();
  if (!upgrade)
    return Refusal{400, "bad_request", "/ws speaks WebSocket only (RFC 6455)", {}};
  if (head.has("origin") && !origin_allowed(head.field("origin"), head.field("host")))
    return Refusal{403, "forbidden", "WebSockets are open to pages of this host only", "Origin"};
  admission.websocket = true;
  return std::nullopt;
}

std::optional<Refusal> admit_route(const RequestHead& head,
                                   const AdmissionRules& rules,
                                   Admission& admission) {
  RouteMatch match = rules.router.match(head.method, admission.request.path);
  if (match.route == nullptr)
    return no_route(admission, match);
  if (auto refusal = check_access(*match.route, admission.request.identity))
    return refusal;
  if (!is_safe(head.method) && is_foreign_page(head))
    return Refusal{403, "forbidden", "this request comes from a page of another site", {}};
  if (auto refusal = check_body_kind(head))
    return refusal;
  if (head.has("idempotency-key")) {
    admission.request.idempotency_key = head.field("idempotency-key");
    if (auto refusal = check_idempotency_key(admission.request.idempotency_key))
      return refusal;
  }
  admission.request.parameters = std::move(match.parameters);
  admission.route = match.route;
  return std::nullopt;
}

}  // namespace

bool host_allowed(std::string_view host_field, std::string_view configured) {
  const std::string name = lowered(host_name(host_field));
  const std::string own = lowered(configured);
  return name == "localhost" || name == "127.0.0.1" || name == "[::1]" || name == own ||
         name == "[" + own + "]";
}

bool origin_allowed(std::string_view origin, std::string_view host_field) {
  for (const auto& [scheme, port] : {std::pair{"http://", "80"}, std::pair{"https://", "443"}}) {
    const std::string_view prefix = scheme;
    if (lowered(origin.substr(0, prefix.size())) == prefix)
      return without_port(origin.substr(prefix.size()), port) == without_port(host_field, port);
  }
  return false;
}

Admission admit(const RequestHead& head, const AdmissionRules& rules, TimePoint now) {
  Admission admission;
  if (rules.loopback && !host_allowed(head.field("host"), rules.host)) {
    admission.refusal = Refusal{403,
                                "forbidden",
                                "this server is reached as localhost, 127.0.0.1 or [::1], not by "
                                "the name in the Host header",
                                "Host"};
    return admission;
  }
  auto target = parse_target(head.target);
  if (!target) {
    admission.refusal = Refusal{400, "bad_request", "the request target is not well-formed", {}};
    return admission;
  }
  admission.request.method = head.method;
  admission.request.path = std::move(target->path);
  admission.request.query = std::move(target->query);
  admission.request.identity =
      rules.authenticator.identify(bearer_token(head.field("authorization")), now);
  admission.refusal = admission.request.path == websocket_path
                          ? admit_websocket(head, admission)
                          : admit_route(head, rules, admission);
  return admission;
}

}  // namespace errand
