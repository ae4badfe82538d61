#pragma once

#include <errand/errand.hpp>
#include <string>
#include <string_view>

#include "jobs/samples.hpp"
#include "settings.hpp"

namespace demo {

struct PageRequest {
  std::string method{};
  std::string target{};  ///< path and query
  std::string body{};
};

struct PageAnswer {
  int status{200};
  std::string content_type{"application/json"};
  std::string body{};
};

/// What the example's own page asks for, apart from sockets: its files, a user's token, and buttons
/// that submit jobs. Every visitor may be any user: it is a demonstration on one's own machine.
class DemoApi {
 public:
  DemoApi(errand::ServerApp& app, Settings settings, Samples samples)
      : app_{app}, settings_{std::move(settings)}, samples_{std::move(samples)} {}

  /// Never throws: a failure is an answer.
  [[nodiscard]] PageAnswer answer(const PageRequest& request);

 private:
  [[nodiscard]] PageAnswer route(const PageRequest& request);
  [[nodiscard]] PageAnswer session(std::string_view query);
  [[nodiscard]] PageAnswer ended(std::string_view id) const;
  [[nodiscard]] PageAnswer submit(std::string_view kind, const errand::Json& wish);
  [[nodiscard]] PageAnswer file(std::string_view path) const;
  [[nodiscard]] errand::NewJob job_of(std::string_view kind, const errand::Json& wish) const;

  errand::ServerApp& app_;
  Settings settings_;
  Samples samples_;
};

}  // namespace demo
