#include "server/response_writer.hpp"

#include <algorithm>
#include <string_view>

#include "server/response.hpp"

namespace errand {
namespace {

std::string_view reason_of(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 202:
      return "Accepted";
    case 204:
      return "No Content";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 409:
      return "Conflict";
    case 413:
      return "Payload Too Large";
    case 414:
      return "URI Too Long";
    case 415:
      return "Unsupported Media Type";
    case 422:
      return "Unprocessable Entity";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 503:
      return "Service Unavailable";
    default:
      return "Status";
  }
}

void add_header(std::string& bytes, std::string_view name, std::string_view value) {
  const bool plain = std::none_of(value.begin(), value.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
  });
  if (plain)
    bytes.append(name).append(": ").append(value).append("\r\n");
}

bool has_header(const Response& response, std::string_view name) {
  return std::any_of(response.headers.begin(), response.headers.end(), [name](const auto& header) {
    return header.first == name;
  });
}

}  // namespace

std::string response_bytes(const Response& response, bool head_only, bool keep_alive) {
  std::string bytes = "HTTP/1.1 " + std::to_string(response.status) + " ";
  bytes.append(reason_of(response.status)).append("\r\n");
  for (const auto& [name, value] : security_headers())
    add_header(bytes, name, value);
  for (const auto& [name, value] : response.headers)
    add_header(bytes, name, value);
  if (!has_header(response, "Cache-Control"))
    add_header(bytes, "Cache-Control", "no-store");
  if (response.status != 204) {
    add_header(bytes, "Content-Type", response.content_type);
    add_header(bytes, "Content-Length", std::to_string(response.body.size()));
  }
  add_header(bytes, "Connection", keep_alive ? "keep-alive" : "close");
  bytes.append("\r\n");
  if (!head_only && response.status != 204)
    bytes.append(response.body);
  return bytes;
}

}  // namespace errand
