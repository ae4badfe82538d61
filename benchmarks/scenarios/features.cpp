// What a feature costs where it is used: jobs with it, by plain ones.
#include <algorithm>
#include <fmt/format.h>

#include "scenarios/growth.hpp"
#include "scenarios/scenarios.hpp"

namespace errand::bench {
namespace {

using namespace std::chrono_literals;

struct Feature {
  const char* name{""};
  const char* note{""};
  void (*use)(NewJob& job, std::size_t number){nullptr};
  const char* outcome{"succeeded"};
  int fewer{1};  ///< so many times fewer jobs
};

constexpr int users = 1'000;
constexpr int in_the_handler = 10;

template <const Feature& feature>
Report play(const Wishes& wishes, const std::string& folder) {
  Growth growth;
  growth.name = fmt::format("feature.{}", feature.name);
  growth.note = feature.note;
  growth.outcome = feature.outcome;
  growth.small_jobs = growth.grown_jobs = std::max(1, wishes.jobs / feature.fewer);
  growth.grown_shape = [](std::vector<NewJob>& jobs) {
    for (std::size_t number = 0; number < jobs.size(); ++number)
      feature.use(jobs[number], number);
  };
  return play_growth(growth, wishes, folder);
}

constexpr Feature priority{"priority", "another priority than usual", [](NewJob& job, std::size_t) {
                             job.priority = 1;
                           }};
constexpr Feature retry{"retry", "a retry policy of its own", [](NewJob& job, std::size_t) {
                          job.retry = RetryPolicy::backoff({.first = 2s});
                        }};
constexpr Feature timeout{"timeout", "a timeout of its own", [](NewJob& job, std::size_t) {
                            job.timeout = 1min;
                          }};
constexpr Feature unique{"unique", "a unique key", [](NewJob& job, std::size_t number) {
                           job.unique_key = fmt::format("key{}", number);
                         }};
constexpr Feature meta{"meta", "100 bytes of meta", [](NewJob& job, std::size_t) {
                         job.meta = job.data;
                       }};
constexpr Feature user{"user", "each told to its user", [](NewJob& job, std::size_t number) {
                         job.user_id = static_cast<std::int64_t>(1 + number % users);
                       }};
constexpr Feature result{"result", "a result of 100 bytes", [](NewJob& job, std::size_t) {
                           job.type = "answer";
                         }};
constexpr Feature progress{"progress", "progress told once", [](NewJob& job, std::size_t) {
                             job.type = "progress";
                           }};
constexpr Feature failure{"failure",
                          "an exception from the handler",
                          [](NewJob& job, std::size_t) { job.type = "failure"; },
                          "failed"};
constexpr Feature notification{"notification",
                               "a notification from the handler",
                               [](NewJob& job, std::size_t) { job.type = "notification"; },
                               "succeeded",
                               in_the_handler};
constexpr Feature transaction{"transaction",
                              "its end in a transaction of the handler's",
                              [](NewJob& job, std::size_t) { job.type = "transaction"; },
                              "succeeded",
                              in_the_handler};

template <const Feature& feature>
Scenario scenario() {
  return {fmt::format("feature.{}", feature.name), play<feature>};
}

}  // namespace

std::vector<Scenario> feature_scenarios() {
  return {scenario<priority>(),
          scenario<retry>(),
          scenario<timeout>(),
          scenario<unique>(),
          scenario<meta>(),
          scenario<user>(),
          scenario<result>(),
          scenario<progress>(),
          scenario<failure>(),
          scenario<notification>(),
          scenario<transaction>()};
}

}  // namespace errand::bench
