#pragma once

#include <optional>
#include <string>

#include <boost/asio/awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>

#include "server/request_check.hpp"
#include "server/router.hpp"
#include "server/server_context.hpp"

namespace errand {

struct BodyResult {
  std::string text{};
  std::optional<Refusal> refusal{};
  bool gone{false};  ///< the client left, or the body did not come in time
};

/// Takes one request, whose checked head stands at the front of `buffer`, out of the connection.
boost::asio::awaitable<BodyResult> read_body(ServerContext& context,
                                             boost::beast::tcp_stream& stream,
                                             boost::beast::flat_buffer& buffer,
                                             const Route& route,
                                             const RequestHead& head);

}  // namespace errand
