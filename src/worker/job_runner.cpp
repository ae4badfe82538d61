#include "worker/job_runner.hpp"

#include <cxxabi.h>
#include <typeinfo>

#include "base/time_text.hpp"
#include "jobs/payload.hpp"
#include "jobs/policy_of.hpp"
#include "worker/job_context.hpp"

namespace errand {
namespace {

std::string demangled(const std::type_info& type) {
  int status = 0;
  const std::unique_ptr<char, void (*)(void*)> name{
      abi::__cxa_demangle(type.name(), nullptr, nullptr, &status), std::free};
  return status == 0 ? name.get() : type.name();
}

Json error_object(std::string_view sentence, std::string_view exception = {}) {
  Json error = {{"error", sanitise_text(sentence)}};
  if (!exception.empty())
    error["exception"] = exception;
  return error;
}

std::string timeout_sentence(const ClaimedJob& job, const JobRegistry& registry) {
  const auto timeout = timeout_of(job, registry).value_or(milliseconds{0});
  return "the job ran longer than its timeout of " + duration_text(timeout) + " and was stopped";
}

/// An exception after a stop request is the handler's way of obeying it.
RunResult stopped_result(const ActiveRun& run, const JobRegistry& registry) {
  switch (run.stop_reason()) {
    case StopReason::timed_out:
      return {RunEnd::timed_out, {}, error_object(timeout_sentence(run.job(), registry)), {}};
    case StopReason::shutdown:
      return {RunEnd::released, {}, nullptr, {}};
    case StopReason::none:
    case StopReason::cancelled:
      break;
  }
  return {RunEnd::cancelled, {}, error_object("the job was cancelled while it ran"), {}};
}

RunResult thrown_result(const ActiveRun& run, const JobRegistry& registry, Json error) {
  if (run.stop_reason() != StopReason::none)
    return stopped_result(run, registry);
  return {RunEnd::failed, {}, std::move(error), {}};
}

RunResult returned_result(Outcome outcome) {
  switch (outcome.kind()) {
    case Outcome::Kind::snooze:
      return {RunEnd::snoozed, {}, nullptr, outcome.delay()};
    case Outcome::Kind::give_up:
      return {RunEnd::gave_up, {}, error_object(outcome.reason()), {}};
    case Outcome::Kind::success:
      break;
  }
  return {RunEnd::succeeded,
          outcome.result().is_null() ? std::string{} : result_text(outcome.result()),
          nullptr,
          {}};
}

RunResult call_handler(ActiveRun& run, const RunTools& tools) {
  // Asked for while an earlier claim of it ran, which ended without obeying.
  if (run.job().cancel_requested)
    return stopped_result(run, tools.registry);
  const JobType* type = tools.registry.find(run.job().type);
  if (type == nullptr) {
    return {RunEnd::unknown_type, {}, error_object("Unknown job type: " + run.job().type), {}};
  }
  try {
    RunContext context{run, tools};
    return returned_result(type->handler(context));
  } catch (const Error& error) {
    // The registry's decoder throws this one: the same payload will not fit next time either.
    if (error.kind() == ErrorKind::invalid && error.field() == "data") {
      return {RunEnd::gave_up, {}, error_object(error.what()), {}};
    }
    return thrown_result(run, tools.registry, error_object(error.what(), "errand::Error"));
  } catch (const std::exception& error) {
    return thrown_result(run, tools.registry, error_object(error.what(), demangled(typeid(error))));
  } catch (abi::__forced_unwind&) {
    throw;  // the thread is being ended: swallowing it would abort the process
  } catch (...) {
    return thrown_result(run,
                         tools.registry,
                         error_object("the handler threw something that is not a std::exception"));
  }
}

}  // namespace

RunResult run_job(ActiveRun& run, const RunTools& tools) {
  try {
    return call_handler(run, tools);
  } catch (const std::bad_alloc&) {  // no memory even to say what went wrong
    return {RunEnd::failed, {}, nullptr, {}};
  }
}

Transition decide_run(const ClaimedJob& job,
                      const RunResult& result,
                      const JobRegistry& registry,
                      SteadyPoint now,
                      double random) {
  const bool may_retry = result.end == RunEnd::failed || result.end == RunEnd::timed_out;
  const RetryPolicy policy =
      may_retry ? policy_of(job.retry_policy, job.auto_reschedule_delay, registry, job.type)
                : RetryPolicy::never();
  return decide(job.facts(), result, policy, job.database_time(now), random);
}

std::optional<milliseconds> timeout_of(const ClaimedJob& job, const JobRegistry& registry) {
  if (job.timeout)
    return job.timeout;
  const JobType* type = registry.find(job.type);
  return type == nullptr ? std::nullopt : type->options.timeout;
}

}  // namespace errand
