#pragma once

#include <chrono>
#include <errand/errand.hpp>
#include <string>
#include <vector>

#include "jobs/samples.hpp"
#include "once/http_client.hpp"
#include "once/watcher.hpp"

namespace demo {

/// One job of the demonstration: what was asked for, what must come of it.
struct Assignment {
  std::int64_t user_id{0};
  std::string type{};
  std::string tag{};
  errand::Json data = errand::Json::object();
  std::string notification{};  ///< its type; empty = none is expected
  int runs{1};                 ///< attempts that end it
  bool succeeds{true};
  errand::JobId id{0};  ///< once submitted
};

/// The jobs of the demonstration. The report is not among them: it is about these.
[[nodiscard]] std::vector<Assignment> all_assignments(const Samples& samples,
                                                      std::int64_t first_user,
                                                      std::int64_t second_user);

[[nodiscard]] Assignment report_assignment(std::int64_t user);

/// Over HTTP; fills in `id`.
void submit(const HttpClient& http, Assignment& assignment);

/// The last attempt as its user's WebSocket told it. Throws `Error{timed_out}` when it was not told
/// before the deadline, `Error{bug}` when the job ended otherwise than it should.
[[nodiscard]] errand::Json await_end(const Assignment& assignment,
                                     const Watcher& watcher,
                                     std::chrono::steady_clock::time_point deadline);

/// Throws `Error{bug}` when this user was told of something that is not this user's, or was not
/// told of something that is.
void check_news(const std::vector<Assignment>& assignments,
                const Watcher& watcher,
                std::chrono::steady_clock::time_point deadline);

}  // namespace demo
