#include <arpa/inet.h>
#include <errand/config.hpp>
#include <errand/error.hpp>
#include <fmt/format.h>

#include "app/config_sources.hpp"
#include "app/config_table.hpp"
#include "base/environment.hpp"

namespace errand {
namespace {

constexpr std::size_t public_token_bytes_min = 16;

bool is_loopback(const std::string& host) {
  in_addr address{};
  if (::inet_pton(AF_INET, host.c_str(), &address) == 1)
    return ntohl(address.s_addr) >> 24U == 127;
  in6_addr longer{};
  if (::inet_pton(AF_INET6, host.c_str(), &longer) == 1)
    return IN6_IS_ADDR_LOOPBACK(&longer);
  return host == "localhost";
}

class Mistakes {
 public:
  explicit Mistakes(const ConfigSources& sources) : sources_{sources}, lines_{sources.mistakes} {}

  void add(const ConfigVariable& variable, const std::string& value) {
    if (field_.empty())
      field_ = variable.name;
    const auto place = sources_.places.find(std::string{variable.name});
    lines_.push_back(fmt::format("{}={}{}: allowed is {}",
                                 variable.name,
                                 shown_value(variable, value),
                                 place == sources_.places.end() ? "" : " (" + place->second + ")",
                                 variable.allowed));
  }

  void add(std::string_view field, const std::string& line) {
    if (field_.empty())
      field_ = field;
    lines_.push_back(line);
  }

  void throw_if_any() const {
    if (lines_.empty())
      return;
    std::string message = fmt::format(
        "the configuration has {}",
        lines_.size() == 1 ? std::string{"a mistake"} : fmt::format("{} mistakes", lines_.size()));
    message += sources_.hints.empty() ? ":" : ", and what may be a slip:";
    for (const auto* list : {&lines_, &sources_.hints}) {
      for (const std::string& line : *list)
        message += "\n  " + line;
    }
    throw Error{ErrorKind::invalid, message, field_};
  }

 private:
  const ConfigSources& sources_;
  std::vector<std::string> lines_;
  std::string field_{};
};

/// A worker listens nowhere, so it needs no token.
bool is_open_to_others(const Config& config) {
  return config.web_enabled && !config.ipc_fd && !is_loopback(config.host);
}

void check_together(const Config& config, Mistakes& mistakes) {
  if (config.ipc_fd && !config.worker_id)
    mistakes.add("WORKER_ID",
                 "ERRAND_IPC_FD without WORKER_ID: only the manager sets them, and both");
  if (!is_open_to_others(config))
    return;
  if (config.admin_token.empty())
    mistakes.add("ADMIN_TOKEN",
                 fmt::format("HOST={} is reachable from other machines: set ADMIN_TOKEN, or listen "
                             "on 127.0.0.1",
                             config.host));
  else if (config.admin_token.size() < public_token_bytes_min)
    mistakes.add("ADMIN_TOKEN",
                 fmt::format("HOST={} is reachable from other machines: ADMIN_TOKEN must have {} "
                             "characters or more",
                             config.host,
                             public_token_bytes_min));
}

}  // namespace

Config build_config(const ConfigSources& sources) {
  Config config;
  Mistakes mistakes{sources};
  for (const ConfigVariable& variable : config_variables()) {
    const auto given = sources.variables.find(std::string{variable.name});
    if (given != sources.variables.end() && !given->second.empty() &&
        !variable.set(config, given->second))
      mistakes.add(variable, given->second);
  }
  check_together(config, mistakes);
  mistakes.throw_if_any();
  return config;
}

Config Config::from_env() {
  return build_config(gather_config(".", process_environment()));
}

Config Config::from_variables(const std::map<std::string, std::string>& variables) {
  return build_config({.variables = variables});
}

}  // namespace errand
