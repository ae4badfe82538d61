#include "server/api/submission.hpp"

#include <errand/error.hpp>

#include "base/text.hpp"
#include "jobs/job_json.hpp"
#include "jobs/payload.hpp"

namespace errand {
namespace {

/// Index after the string that begins at `at`.
std::size_t skip_string(std::string_view text, std::size_t at) {
  for (++at; at < text.size() && text[at] != '"'; ++at) {
    if (text[at] == '\\')
      ++at;
  }
  return at + 1;
}

/// Index of the comma or bracket that ends the element that begins at `at`.
std::size_t element_end(std::string_view text, std::size_t at) {
  int depth = 0;
  while (at < text.size()) {
    const char c = text[at];
    if (c == '"') {
      at = skip_string(text, at);
      continue;
    }
    if (depth == 0 && (c == ',' || c == ']'))
      return at;
    if (c == '{' || c == '[')
      ++depth;
    if (c == '}' || c == ']')
      --depth;
    ++at;
  }
  return std::string_view::npos;
}

NewJob parse_job(std::string_view text, const std::string& where) {
  const std::string prefix = where.empty() ? "" : where + ".";
  try {
    return new_job_from_json(parse_payload(text, where.empty() ? "body" : where));
  } catch (const Error& error) {
    const bool own = error.field().empty() || error.field() == where;
    throw Error{error.kind(), error.what(), own ? error.field() : prefix + error.field()};
  }
}

}  // namespace

std::optional<std::vector<std::string_view>> split_array(std::string_view text) {
  text = trimmed(text);
  if (text.size() < 2 || text.front() != '[')
    return std::nullopt;
  std::vector<std::string_view> elements;
  std::size_t begin = 1;
  for (;;) {
    const std::size_t end = element_end(text, begin);
    if (end == std::string_view::npos)
      return std::nullopt;
    const std::string_view element = trimmed(text.substr(begin, end - begin));
    const bool last = text[end] == ']';
    if (element.empty() && !(last && elements.empty()))
      return std::nullopt;
    if (!element.empty())
      elements.push_back(element);
    begin = end + 1;
    if (last)
      break;
  }
  if (begin != text.size())
    return std::nullopt;
  return elements;
}

Submission parse_submission(std::string_view body) {
  Submission submission;
  const std::string_view text = trimmed(body);
  submission.many = !text.empty() && text.front() == '[';
  if (!submission.many) {
    submission.jobs.push_back(parse_job(text, {}));
    return submission;
  }
  const auto elements = split_array(text);
  if (!elements)
    throw Error{ErrorKind::invalid, "the body is not a JSON array of jobs", "body"};
  for (std::size_t at = 0; at < elements->size(); ++at)
    submission.jobs.push_back(parse_job((*elements)[at], "jobs[" + std::to_string(at) + "]"));
  return submission;
}

}  // namespace errand
