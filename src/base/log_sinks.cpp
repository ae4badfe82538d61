#include "base/log_sinks.hpp"

#include <array>
#include <fmt/format.h>
#include <spdlog/logger.h>
#include <spdlog/sinks/base_sink.h>

#include "base/line_writer.hpp"
#include "base/text.hpp"
#include "base/time_text.hpp"

namespace errand {
namespace {

constexpr std::array<std::string_view, 5> level_names{"trace", "debug", "info", "warn", "error"};

/// A payload that found its way into a message must not make a line of megabytes.
constexpr std::size_t text_bytes_max = 16 * 1024;

void append_limited(std::string& out, std::string_view text, Escape escape) {
  const std::string_view kept = utf8_prefix(text, text_bytes_max);
  append_escaped(out, kept, escape);
  if (kept.size() < text.size())
    fmt::format_to(std::back_inserter(out), "… ({} bytes more)", text.size() - kept.size());
}

void append_json_string(std::string& out, std::string_view text) {
  out += '"';
  append_limited(out, text, Escape::json);
  out += '"';
}

std::string dumped(const Json& value) {
  return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

/// A word that needs no quotes: visible, and without the characters that end or split a field.
bool is_plain_word(std::string_view text) {
  return !text.empty() && text.find_first_of(" \"=\\") == std::string_view::npos &&
         escaped(text) == text;
}

void append_word(std::string& out, std::string_view text) {
  if (is_plain_word(text) && text.size() <= text_bytes_max) {
    out += text;
    return;
  }
  out += '"';
  append_limited(out, text, Escape::quoted);
  out += '"';
}

void append_text_value(std::string& out, const Json& value) {
  if (const auto* text = value.get_ptr<const std::string*>())
    append_word(out, *text);
  else
    append_word(out, dumped(value));
}

/// Texts are escaped by our own rule, which hides more than JSON asks for, at every depth.
void append_json_value(std::string& out, const Json& value) {
  if (const auto* text = value.get_ptr<const std::string*>()) {
    append_json_string(out, *text);
    return;
  }
  if (!value.is_structured()) {
    out += dumped(value);
    return;
  }
  out += value.is_object() ? '{' : '[';
  std::string_view separator;
  for (const auto& item : value.items()) {
    out += separator;
    separator = ",";
    if (value.is_object()) {
      append_json_string(out, item.key());
      out += ':';
    }
    append_json_value(out, item.value());
  }
  out += value.is_object() ? '}' : ']';
}

std::string text_line(const LogRecord& record, TimePoint now) {
  std::string line = fmt::format("{} [{}] ", iso8601(now), to_text(record.level));
  if (!record.category.empty()) {
    line += '<';
    append_limited(line, record.category, Escape::line);
    line += "> ";
  }
  append_limited(line, record.message, Escape::line);
  if (record.fields == nullptr)
    return line;
  for (const auto& [name, value] : record.fields->items()) {
    line += ' ';
    append_word(line, name);
    line += '=';
    append_text_value(line, value);
  }
  return line;
}

/// A field with the name of a fixed member would make the object ambiguous.
bool is_fixed_member(std::string_view name) {
  return name == "time" || name == "level" || name == "category" || name == "message";
}

std::string json_line(const LogRecord& record, TimePoint now) {
  std::string line =
      fmt::format(R"({{"time":"{}","level":"{}","category":)", iso8601(now), to_text(record.level));
  append_json_string(line, record.category);
  line += R"(,"message":)";
  append_json_string(line, record.message);
  if (record.fields != nullptr) {
    for (const auto& [name, value] : record.fields->items()) {
      line += ',';
      append_json_string(line, is_fixed_member(name) ? name + "_" : name);
      line += ':';
      append_json_value(line, value);
    }
  }
  line += '}';
  return line;
}

class DescriptorSink final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  explicit DescriptorSink(int fd) : writer_{fd} {}

 protected:
  void sink_it_(const spdlog::details::log_msg& message) override {
    writer_.write({message.payload.data(), message.payload.size()});
  }

  void flush_() override {}

 private:
  LineWriter writer_;
};

class SpdlogSink final : public LogSink {
 public:
  SpdlogSink(int fd, LogFormat format, std::shared_ptr<const Clock> clock)
      : logger_{"errand", std::make_shared<DescriptorSink>(fd)},
        format_{format},
        clock_{std::move(clock)} {}

  void write(const LogRecord& record) override {
    logger_.log(spdlog::level::critical, format_log_line(record, format_, clock_->wall_now()));
  }

 private:
  spdlog::logger logger_;
  LogFormat format_;
  std::shared_ptr<const Clock> clock_;
};

}  // namespace

std::shared_ptr<LogSink> make_log_sink(int fd,
                                       LogFormat format,
                                       std::shared_ptr<const Clock> clock) {
  return std::make_shared<SpdlogSink>(fd, format, std::move(clock));
}

std::string format_log_line(const LogRecord& record, LogFormat format, TimePoint now) {
  return format == LogFormat::json ? json_line(record, now) : text_line(record, now);
}

std::string_view to_text(LogLevel level) {
  return level_names.at(static_cast<std::size_t>(level));
}

std::optional<LogLevel> log_level_from_text(std::string_view text) {
  for (std::size_t i = 0; i < level_names.size(); ++i) {
    if (level_names.at(i) == text)
      return static_cast<LogLevel>(i);
  }
  return std::nullopt;
}

}  // namespace errand
