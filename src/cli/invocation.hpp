#pragma once

#include <chrono>
#include <errand/job.hpp>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace errand::cli {

enum class Verb {
  serve,
  work,
  submit,
  jobs,
  job,
  retry,
  cancel,
  remove,
  workers,
  crons,
  cron_next,
  migrate,
  check,
  token,
};

struct SubmitArguments {
  NewJob job{};            ///< all but `data`
  std::string data{"{}"};  ///< JSON, or "-" for standard input
  std::optional<milliseconds> wait{};
};

struct CronNextArguments {
  std::string expression{};
  std::string timezone{};
  int count{10};
};

struct TokenArguments {
  std::int64_t user_id{0};
  milliseconds lifetime{std::chrono::hours{24}};
};

/// A command line, understood: what to do, and with what.
struct Invocation {
  Verb verb{Verb::serve};
  std::map<std::string, std::string> variables{};  ///< flags that stand for variables
  bool json{false};
  SubmitArguments submit{};
  std::vector<JobId> ids{};  ///< of job, retry, cancel, delete
  JobFilter filter{};
  bool all{false};  ///< retry, cancel, delete: whatever `filter` finds
  CronNextArguments cron_next{};
  bool only_check{false};  ///< migrate --check
  TokenArguments token{};
};

}  // namespace errand::cli
