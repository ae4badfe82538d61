#include <errand/error.hpp>
#include <errand/job_registry.hpp>

#include "base/json_text.hpp"
#include "jobs/payload.hpp"
#include "jobs/submission_rules.hpp"

namespace errand {

void JobRegistry::add_type(JobType type) {
  check_type(type);
  const std::string name = type.name;
  if (!types_.try_emplace(name, std::move(type)).second)
    throw Error{ErrorKind::invalid,
                "the job type \"" + name + "\" is registered twice; give one of them another name",
                "type"};
}

const JobType* JobRegistry::find(std::string_view name) const {
  const auto found = types_.find(name);
  return found == types_.end() ? nullptr : &found->second;
}

/// Rows that other programs insert may have no payload; the rules for submissions are not repeated.
Json JobRegistry::parse_data(std::string_view text) {
  if (text.empty())
    return Json::object();
  try {
    return parse_json(text);
  } catch (const Json::exception& failure) {
    refuse_payload(failure.what());
  }
}

void JobRegistry::refuse_payload(const std::string& why) {
  throw Error{ErrorKind::invalid,
              "the payload does not fit the job's type: " + sanitise_text(why, 1024) +
                  "; running it again would not help",
              "data"};
}

}  // namespace errand
