#include <errand/log.hpp>

namespace errand {

struct Log::Core {
  std::shared_ptr<LogSink> sink{};
  LogLevel level{LogLevel::info};
  std::string category{};
  Json fields = nullptr;
};

namespace {

/// Fields by name. A value that is no object (`{"a", "b"}` is an array to Json) is kept under one
/// name, not lost.
Json as_object(const Json& fields) {
  if (fields.is_object() || fields.is_null())
    return Json(fields);
  return Json{{"fields", fields}};
}

Json merged(const Json& own, const Json& more) {
  Json all = as_object(more);
  if (own.is_null())
    return all;
  if (all.is_null())
    return Json(own);
  for (const auto& [name, value] : own.items())
    all.emplace(name, value);
  return all;
}

std::string joined(const std::string& parent, std::string_view child) {
  if (parent.empty() || child.empty())
    return parent + std::string{child};
  return parent + "/" + std::string{child};
}

}  // namespace

Log::Log(std::shared_ptr<LogSink> sink, LogLevel level, std::string category, Json fields) {
  if (sink)
    core_ = std::make_shared<const Core>(
        Core{std::move(sink), level, std::move(category), as_object(fields)});
}

Log Log::child(std::string_view category, const Json& fields) const {
  if (!core_)
    return {};
  return Log{
      core_->sink, core_->level, joined(core_->category, category), merged(core_->fields, fields)};
}

bool Log::enabled(LogLevel level) const noexcept {
  return core_ && level >= core_->level;
}

void Log::write(LogLevel level, std::string_view message, const Json& fields) const {
  if (!enabled(level))
    return;
  LogRecord record{.level = level, .category = core_->category, .message = message};
  if (fields.is_null()) {
    record.fields = core_->fields.is_null() ? nullptr : &core_->fields;
    core_->sink->write(record);
    return;
  }
  const Json all = merged(core_->fields, fields);
  record.fields = &all;
  core_->sink->write(record);
}

void Log::trace(std::string_view message, const Json& fields) const {
  write(LogLevel::trace, message, fields);
}

void Log::debug(std::string_view message, const Json& fields) const {
  write(LogLevel::debug, message, fields);
}

void Log::info(std::string_view message, const Json& fields) const {
  write(LogLevel::info, message, fields);
}

void Log::warn(std::string_view message, const Json& fields) const {
  write(LogLevel::warn, message, fields);
}

void Log::error(std::string_view message, const Json& fields) const {
  write(LogLevel::error, message, fields);
}

}  // namespace errand
