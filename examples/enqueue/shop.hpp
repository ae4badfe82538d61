#pragma once

#include <errand/errand.hpp>
#include <string>

/// What the two programs have in common: the job that ships an order.
namespace shop {

inline errand::JobRegistry make_jobs() {
  errand::JobRegistry jobs;
  jobs.add("shipOrder", [](errand::JobContext& context, const errand::Json& data) {
    context.log().info("shipped", {{"order", data.at("order")}});
  });
  return jobs;
}

inline errand::NewJob ship_order(int order) {
  using namespace std::chrono_literals;
  return {.tag = "ship:" + std::to_string(order),
          .type = "shipOrder",
          .user_id = 42,
          .data = {{"order", order}, {"note", "Grüße an \"Ada\""}},
          .due = 10min,
          .queue = "shipping",
          .priority = 5,
          .retry = errand::RetryPolicy::backoff({.first = 5s, .max_attempts = 5}),
          .timeout = 1min,
          .remove_delay = 168h,
          .meta = {{"by", "shop"}}};
}

}  // namespace shop
