#include <array>
#include <cmath>
#include <errand/error.hpp>
#include <limits>
#include <string>

#include "jobs/job_json.hpp"
#include "jobs/json_fields.hpp"
#include "jobs/retry_rules.hpp"

namespace errand {
namespace {

constexpr std::array<std::string_view, 5> retry_fields{
    "first", "factor", "longest", "jitter", "maxAttempts"};

[[noreturn]] void refuse(std::string_view field, std::string_view part, std::string_view why) {
  const std::string name = std::string{field} + "." + std::string{part};
  throw Error{ErrorKind::invalid, name + " " + std::string{why}, name};
}

}  // namespace

void check_retry(const RetryPolicy& policy, std::string_view field) {
  if (!policy.parameters())
    return;
  const Backoff& backoff = *policy.parameters();
  if (backoff.first < milliseconds{0})
    refuse(field, "first", "is negative; give 0 or more");
  if (backoff.longest < milliseconds{0})
    refuse(field, "longest", "is negative; give 0 or more");
  if (!std::isfinite(backoff.factor) || backoff.factor < 1)
    refuse(field, "factor", "is below 1 or not a number; 1 keeps the delay, 2 doubles it");
  if (!(backoff.jitter >= 0 && backoff.jitter <= 1))
    refuse(field, "jitter", "is not between 0 and 1");
  if (backoff.max_attempts < 0)
    refuse(field, "maxAttempts", "is negative; 0 means without end");
}

std::optional<milliseconds> constant_delay(const RetryPolicy& policy) {
  const auto& backoff = policy.parameters();
  const bool is_constant = backoff && backoff->max_attempts == 0 && backoff->jitter == 0 &&
                           backoff->factor == 1 && backoff->first == backoff->longest;
  return is_constant ? std::optional{backoff->first} : std::nullopt;
}

RetryPolicy retry_from_json(const Json& json, std::string_view field) {
  const JsonFields fields{json, field, retry_fields};
  Backoff backoff;
  if (const auto first = fields.duration("first"))
    backoff.first = *first;
  if (const auto factor = fields.number("factor"))
    backoff.factor = *factor;
  if (const auto longest = fields.duration("longest"))
    backoff.longest = *longest;
  if (const auto jitter = fields.number("jitter"))
    backoff.jitter = *jitter;
  if (const auto attempts = fields.integer("maxAttempts", std::numeric_limits<int>::max()))
    backoff.max_attempts = static_cast<int>(*attempts);
  RetryPolicy policy =
      backoff.max_attempts == 1 ? RetryPolicy::never() : RetryPolicy::backoff(backoff);
  check_retry(policy, field);
  return policy;
}

std::string retry_policy_text(const RetryPolicy& policy) {
  if (policy.is_custom())
    return {};
  if (!policy.parameters())
    return R"({"maxAttempts":1})";
  const Backoff& backoff = *policy.parameters();
  return Json{{"first", backoff.first.count()},
              {"factor", backoff.factor},
              {"longest", backoff.longest.count()},
              {"jitter", backoff.jitter},
              {"maxAttempts", backoff.max_attempts}}
      .dump();
}

std::optional<RetryPolicy> retry_policy_from_text(std::string_view text) {
  if (text.empty())
    return std::nullopt;
  try {
    return retry_from_json(Json::parse(text), "retry_policy");
  } catch (const std::exception&) {  // a row edited by hand must not keep its failure from being
                                     // recorded
    return std::nullopt;
  }
}

}  // namespace errand
