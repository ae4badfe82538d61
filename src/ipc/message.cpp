#include "ipc/message.hpp"

#include <algorithm>
#include <array>
#include <errand/error.hpp>
#include <limits>

namespace errand::ipc {
namespace {

// A payload may have 64 levels; a job object and the message around it add a few. Copying and
// printing a Json value recurses, so a hostile line must not decide how deep.
constexpr int depth_max = 96;

[[noreturn]] void refuse(const std::string& why) {
  throw Error{ErrorKind::invalid, "a message between manager and worker is malformed: " + why};
}

int nesting_depth(std::string_view text) {
  int depth = 0;
  int deepest = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string && c == '\\')
      ++i;
    else if (c == '"')
      in_string = !in_string;
    else if (!in_string && (c == '{' || c == '['))
      deepest = std::max(deepest, ++depth);
    else if (!in_string && (c == '}' || c == ']'))
      --depth;
  }
  return deepest;
}

/// Reads fields of one message, and says which one is wrong.
class Fields {
 public:
  explicit Fields(const Json& json) : json_{json} {}

  [[nodiscard]] std::string text(const char* key) const {
    const Json* value = find(key);
    if (value == nullptr)
      return {};
    if (!value->is_string())
      refuse_type(key, "text");
    return value->get<std::string>();
  }

  [[nodiscard]] std::int64_t whole(const char* key, std::int64_t otherwise = 0) const {
    const Json* value = find(key);
    if (value == nullptr)
      return otherwise;
    const bool too_big =
        value->is_number_unsigned() &&
        value->get<std::uint64_t>() > std::uint64_t{std::numeric_limits<std::int64_t>::max()};
    if (!value->is_number_integer() || too_big)
      refuse_type(key, "a whole number");
    return value->get<std::int64_t>();
  }

  [[nodiscard]] std::int64_t required_id(const char* key) const {
    const std::int64_t id = whole(key);
    if (id <= 0)
      refuse_type(key, "a positive whole number");
    return id;
  }

  [[nodiscard]] int small(const char* key, int otherwise) const {
    const std::int64_t value = whole(key, otherwise);
    if (value < 0 || value > std::numeric_limits<int>::max())
      refuse_type(key, "a small whole number");
    return static_cast<int>(value);
  }

  [[nodiscard]] bool flag(const char* key) const {
    const Json* value = find(key);
    if (value != nullptr && !value->is_boolean())
      refuse_type(key, "true or false");
    return value != nullptr && value->get<bool>();
  }

  [[nodiscard]] Json any(const char* key) const {
    const auto found = json_.find(key);
    if (found == json_.end())
      refuse_type(key, "given");
    return Json(*found);
  }

  [[nodiscard]] Progress progress(const char* key) const {
    const Json* value = find(key);
    if (value == nullptr || !value->is_object())
      refuse_type(key, "an object");
    const auto done = value->find("done");
    if (done == value->end() || !done->is_number())
      refuse_type("progress.done", "a number");
    return {std::clamp(done->get<double>(), 0.0, 1.0), Fields{*value}.text("note")};
  }

  [[nodiscard]] std::vector<Json> objects(const char* key) const {
    const Json* value = find(key);
    const auto is_object = [](const Json& item) {
      return item.is_object();
    };
    if (value == nullptr || !value->is_array() ||
        !std::all_of(value->begin(), value->end(), is_object))
      refuse_type(key, "an array of objects");
    return {value->begin(), value->end()};
  }

 private:
  [[nodiscard]] const Json* find(const char* key) const {
    const auto found = json_.find(key);
    return found == json_.end() || found->is_null() ? nullptr : &*found;
  }

  [[noreturn]] static void refuse_type(const std::string& key, const std::string& wanted) {
    refuse("its field " + key + " is not " + wanted);
  }

  const Json& json_;
};

struct ToJson {
  Json operator()(const Hello& m) const {
    return {{"type", "hello"}, {"protocol", m.protocol}, {"version", m.version}, {"pid", m.pid}};
  }

  Json operator()(const WorkerStarted& m) const {
    return {{"type", "worker-started"}, {"pid", m.pid}, {"process", m.process}};
  }

  Json operator()(const WorkerShutdown& m) const {
    return {{"type", "worker-shutdown"}, {"pid", m.pid}, {"reason", m.reason}};
  }

  Json operator()(const WorkerError& m) const {
    return {{"type", "worker-error"}, {"error", m.error}, {"pid", m.pid}};
  }

  Json operator()(const Heartbeat& m) const {
    return {{"type", "heartbeat"}, {"rssBytes", m.rss_bytes}};
  }

  Json operator()(const SendToUser& m) const {
    return {{"type", "send-to-user"}, {"userId", m.user_id}, {"message", m.message}};
  }

  Json operator()(const Broadcast& m) const {
    return {{"type", "broadcast"}, {"message", m.message}};
  }

  Json operator()(const JobStarted& m) const {
    return {{"type", "job-started"}, {"id", m.id}, {"userId", m.user_id}};
  }

  Json operator()(const JobProgress& m) const {
    return {{"type", "job-progress"},
            {"id", m.id},
            {"userId", m.user_id},
            {"progress", {{"done", m.progress.done}, {"note", m.progress.note}}}};
  }

  Json operator()(const JobFinished& m) const {
    Json jobs = Json::array();
    for (const Json& job : m.jobs)
      jobs.push_back(job);
    return {{"type", "job-finished"}, {"jobs", std::move(jobs)}};
  }

  Json operator()(const Wake& /*m*/) const { return {{"type", "wake"}}; }

  Json operator()(const NodeLooked& m) const { return {{"type", "node-looked"}, {"due", m.due}}; }

  Json operator()(const CancelJob& m) const { return {{"type", "cancel-job"}, {"id", m.id}}; }

  Json operator()(const Drain& /*m*/) const { return {{"type", "drain"}}; }

  Json operator()(const Stop& /*m*/) const { return {{"type", "stop"}}; }

  Json operator()(const Unknown& m) const { return {{"type", m.type}}; }
};

using Read = Message (*)(const Fields&);

struct Kind {
  std::string_view type;
  Read read;
};

constexpr std::array kinds{
    Kind{"hello",
         [](const Fields& f) -> Message {
           return Hello{f.small("protocol", 0), f.text("version"), f.whole("pid")};
         }},
    Kind{"worker-started",
         [](const Fields& f) -> Message {
           return WorkerStarted{f.whole("pid"), f.whole("process")};
         }},
    Kind{"worker-shutdown",
         [](const Fields& f) -> Message {
           return WorkerShutdown{f.whole("pid"), f.text("reason")};
         }},
    Kind{"worker-error",
         [](const Fields& f) -> Message {
           return WorkerError{f.text("error"), f.whole("pid")};
         }},
    Kind{"heartbeat",
         [](const Fields& f) -> Message {
           return Heartbeat{f.whole("rssBytes")};
         }},
    Kind{"send-to-user",
         [](const Fields& f) -> Message {
           return SendToUser{f.whole("userId"), f.any("message")};
         }},
    Kind{"broadcast",
         [](const Fields& f) -> Message {
           return Broadcast{f.any("message")};
         }},
    Kind{"job-started",
         [](const Fields& f) -> Message {
           return JobStarted{f.required_id("id"), f.whole("userId")};
         }},
    Kind{"job-progress",
         [](const Fields& f) -> Message {
           return JobProgress{f.required_id("id"), f.whole("userId"), f.progress("progress")};
         }},
    Kind{"job-finished",
         [](const Fields& f) -> Message {
           return JobFinished{f.objects("jobs")};
         }},
    Kind{"wake",
         [](const Fields&) -> Message {
           return Wake{};
         }},
    Kind{"node-looked",
         [](const Fields& f) -> Message {
           return NodeLooked{f.flag("due")};
         }},
    Kind{"cancel-job",
         [](const Fields& f) -> Message {
           return CancelJob{f.required_id("id")};
         }},
    Kind{"drain",
         [](const Fields&) -> Message {
           return Drain{};
         }},
    Kind{"stop",
         [](const Fields&) -> Message {
           return Stop{};
         }},
};

}  // namespace

std::string encode(const Message& message) {
  const Json json = std::visit(ToJson{}, message);
  std::string line = json.dump(-1, ' ', false, Json::error_handler_t::replace);
  if (line.size() >= line_bytes_max)
    refuse("it has " + std::to_string(line.size() + 1) + " bytes, more than the " +
           std::to_string(line_bytes_max) + " that a line may have; send less at once");
  if (nesting_depth(line) > depth_max)
    refuse("it has more than " + std::to_string(depth_max) + " levels");
  line += '\n';
  return line;
}

Message decode(std::string_view line) {
  if (nesting_depth(line) > depth_max)
    refuse("it has more than " + std::to_string(depth_max) + " levels");
  const Json json = Json::parse(line, nullptr, false);
  if (!json.is_object())
    refuse("it is not a JSON object");
  const auto type = json.find("type");
  if (type == json.end() || !type->is_string())
    refuse("it has no type");
  const auto& name = type->get_ref<const std::string&>();
  const auto* const kind = std::find_if(
      std::begin(kinds), std::end(kinds), [&](const Kind& k) { return k.type == name; });
  return kind == std::end(kinds) ? Message{Unknown{name}} : kind->read(Fields{json});
}

}  // namespace errand::ipc
