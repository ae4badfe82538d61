#include "app/child_environment.hpp"

#include <fstream>

#include "base/log_sinks.hpp"
#include "base/time_text.hpp"

namespace errand {
namespace {

std::string queues_text(const std::vector<QueueLimit>& queues) {
  std::string text;
  for (const QueueLimit& queue : queues) {
    if (!text.empty())
      text += ',';
    text += queue.queue;
    if (queue.limit > 0)
      text += ':' + std::to_string(queue.limit);
  }
  return text;
}

}  // namespace

std::vector<std::pair<std::string, std::string>> child_environment(const Config& config) {
  std::vector<std::pair<std::string, std::string>> variables = {
      {"ERRAND_ENV", config.environment},
      {"DATABASE_URL", config.database_url},
      {"WORKER_CONCURRENCY", std::to_string(config.worker_concurrency)},
      {"WORKER_LOG_LEVEL", std::string{to_text(config.worker_log_level)}},
      {"LOG_FORMAT", config.log_json ? "json" : "text"},
      {"POLL_INTERVAL", duration_text(config.poll_interval)},
      {"SHUTDOWN_GRACE", duration_text(config.shutdown_grace)},
      {"REMOVE_DELAY_SUCCEEDED", duration_text(config.remove_delay_succeeded)},
      {"REMOVE_DELAY_FAILED", duration_text(config.remove_delay_failed)},
  };
  if (config.worker_max_jobs > 0)
    variables.emplace_back("WORKER_MAX_JOBS", std::to_string(config.worker_max_jobs));
  if (config.worker_max_rss_bytes > 0) {
    variables.emplace_back("WORKER_MAX_RSS", std::to_string(config.worker_max_rss_bytes));
  }
  if (config.worker_max_age.count() > 0)
    variables.emplace_back("WORKER_MAX_AGE", duration_text(config.worker_max_age));
  if (!config.worker_queues.empty())
    variables.emplace_back("WORKER_QUEUES", queues_text(config.worker_queues));
  return variables;
}

std::vector<std::string> own_arguments() {
  std::ifstream file{"/proc/self/cmdline", std::ios::binary};
  std::vector<std::string> arguments;
  for (std::string argument; std::getline(file, argument, '\0');)
    arguments.push_back(argument);
  return arguments;
}

}  // namespace errand
