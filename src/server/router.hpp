#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/request.hpp"

namespace errand {

/// Who may use a route. `user` is a user's token, or the operator's on that user's behalf.
enum class Access { admin, user, anyone };

struct Route {
  using Handler = std::function<Response(const Request&)>;
  /// Asked again and again until it answers; with `last` it must.
  using Poll = std::function<std::optional<Response>(const Request&, bool last)>;
  using Patience = std::function<std::chrono::milliseconds(const Request&)>;

  std::string method{};
  std::string pattern{};  ///< "/api/v1/jobs/{id}": a segment in braces stands for any one segment
  Access access{Access::admin};
  Handler handle{};
  bool on_loop{false};  ///< answers from memory: runs on the event loop, works without a database
  std::size_t body_bytes_max{64 * 1024};

  Poll poll{};  ///< instead of `handle`, for as long as `patience` says
  Patience patience{};
};

struct RouteMatch {
  const Route* route{nullptr};
  std::vector<std::string> parameters{};
  std::string allow{};  ///< without a route: the methods that the path has; empty = no such path
};

/// Which handler a request goes to. What was not added does not exist, and needs the operator's
/// token unless the route says otherwise.
class Router {
 public:
  void add(Route route);

  /// HEAD is GET. The match lives as long as the router.
  [[nodiscard]] RouteMatch match(std::string_view method, std::string_view path) const;

  [[nodiscard]] const std::vector<Route>& routes() const noexcept { return routes_; }

 private:
  std::vector<Route> routes_{};
};

}  // namespace errand
