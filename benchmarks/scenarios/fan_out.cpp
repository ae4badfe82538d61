// How long the end of a job takes to reach the browser of its user.
#include <chrono>

#include "common/measure.hpp"
#include "helpers/http_client.hpp"
#include "scenarios/scenarios.hpp"

namespace errand::bench {
namespace {

constexpr std::int64_t user = 42;

Json read_message(testing::WebSocketClient& client, const std::string& type) {
  while (const auto message = client.read())
    if (message->at("type") == type)
      return *message;
  throw std::runtime_error{"the WebSocket closed before a message " + type};
}

/// Handler's end to the client's frame, in milliseconds.
double fan_out_of_one(ServerApp& app, testing::WebSocketClient& client) {
  const Job job =
      app.worker_manager().submit_job({.tag = "closing", .type = "closing", .user_id = user});
  while (true) {
    const Json told = read_message(client, "job_finished").at("data");
    const std::int64_t received = now_us();
    if (told.at("id") == Json(job.id))
      return static_cast<double>(received - told.at("result").at("at").get<std::int64_t>()) / 1000;
  }
}

Report fan_out(const Wishes& wishes, const std::string& folder) {
  Report report{"fan-out", std::to_string(wishes.samples) + " samples"};
  Stage stage{wishes, folder, "fan_out"};
  stage.play(wishes.workers, [&](ServerApp& app) {
    testing::WebSocketClient client{app.port()};
    client.register_as(app.create_user_token(user));
    static_cast<void>(read_message(client, "registered"));
    for (int run = 0; run < wishes.runs; ++run) {
      std::vector<double> delays;
      for (int sample = 0; sample < wishes.samples; ++sample)
        delays.push_back(fan_out_of_one(app, client));
      add_spread(report, delays);
    }
  });
  return report;
}

}  // namespace

std::vector<Scenario> fan_out_scenarios() {
  return {{"fan-out", fan_out}};
}

}  // namespace errand::bench
