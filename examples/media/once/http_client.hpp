#pragma once

#include <errand/log.hpp>
#include <string>

namespace demo {

/// Speaks to errand's HTTP interface as any other program would: one connection a call, ten seconds
/// of patience. Throws `Error{unavailable}` when there is no answer, and with the server's sentence
/// when the answer is an error.
class HttpClient {
 public:
  HttpClient(int port, std::string token) : port_{port}, token_{std::move(token)} {}

  [[nodiscard]] errand::Json get(const std::string& path) const;
  [[nodiscard]] errand::Json post(const std::string& path, const errand::Json& body) const;

 private:
  int port_;
  std::string token_;
};

}  // namespace demo
