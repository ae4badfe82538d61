#include "server/response.hpp"

#include <array>

namespace errand {
namespace {

Refusal refusal_of(const Error& error) {
  const auto with = [&error](int status, const char* code) {
    return Refusal{status, code, error.what(), error.field()};
  };
  switch (error.kind()) {
    case ErrorKind::invalid:
      return with(400, "invalid");
    case ErrorKind::not_found:
      return with(404, "not_found");
    case ErrorKind::conflict:
      return with(409, "conflict");
    case ErrorKind::cancelled:
      return with(409, "cancelled");
    case ErrorKind::unavailable:
      return with(503, "unavailable");
    case ErrorKind::timed_out:
      return with(503, "timed_out");
    case ErrorKind::bug:
      break;
  }
  return {500, "internal", {}, {}};
}

}  // namespace

Response json_response(const Json& body, int status) {
  Response response;
  response.status = status;
  response.body = body.dump(-1, ' ', false, Json::error_handler_t::replace);
  return response;
}

Response error_response(const Refusal& refusal) {
  Json error{{"code", refusal.code}, {"message", refusal.message}};
  if (!refusal.field.empty())
    error["field"] = refusal.field;
  Response response = json_response({{"error", error}}, refusal.status);
  if (refusal.status == 503)
    response.headers.emplace_back("Retry-After", "1");
  if (refusal.status == 401)
    response.headers.emplace_back("WWW-Authenticate", "Bearer");
  return response;
}

Response error_response(const Error& error, std::string_view id) {
  const Refusal refusal = refusal_of(error);
  return refusal.status == 500 ? internal_error_response(id) : error_response(refusal);
}

Response internal_error_response(std::string_view id) {
  return error_response(
      Refusal{500,
              "internal",
              "the server failed to answer; its log has the reason under id " + std::string{id},
              {}});
}

std::span<const std::pair<std::string_view, std::string_view>> security_headers() {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 5> headers{{
      {"Content-Security-Policy",
       "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
       "img-src 'self' data:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; "
       "object-src 'none'; require-trusted-types-for 'script'"},
      {"X-Content-Type-Options", "nosniff"},
      {"Referrer-Policy", "no-referrer"},
      {"Cross-Origin-Opener-Policy", "same-origin"},
      {"Cross-Origin-Resource-Policy", "same-origin"},
  }};
  return headers;
}

}  // namespace errand
