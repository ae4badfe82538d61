#include "server/demo_api.hpp"

#include <charconv>

#include "demo_page.hpp"
#include "jobs/files.hpp"
#include "jobs/jobs.hpp"

namespace demo {
namespace {

using errand::Error;
using errand::ErrorKind;
using errand::Json;

constexpr int thumbnail_width = 320;

PageAnswer error_answer(int status, std::string_view sentence) {
  return {status, "application/json", Json{{"error", {{"message", sentence}}}}.dump()};
}

int status_of(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::invalid:
      return 400;
    case ErrorKind::not_found:
      return 404;
    case ErrorKind::conflict:
      return 409;
    default:
      return 503;
  }
}

std::string_view content_type_of(std::string_view name) {
  if (name.ends_with(".html"))
    return "text/html; charset=utf-8";
  if (name.ends_with(".js"))
    return "text/javascript; charset=utf-8";
  if (name.ends_with(".css"))
    return "text/css; charset=utf-8";
  if (name.ends_with(".png"))
    return "image/png";
  return "text/plain; charset=utf-8";
}

std::int64_t number_of(std::string_view text, const std::string& what) {
  std::int64_t number = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failed != std::errc{} || end != text.data() + text.size() || number < 1)
    throw Error{ErrorKind::invalid, "the " + what + " must be a positive whole number", what};
  return number;
}

// Only what the jobs wrote for people to look at, by its plain name.
bool is_shown_file(std::string_view path) {
  const std::size_t slash = path.find('/');
  if (slash == std::string_view::npos)
    return false;
  const std::string_view folder = path.substr(0, slash);
  const std::string_view name = path.substr(slash + 1);
  const auto plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
  };
  return (folder == "thumbnails" || folder == "reports" || folder == "mail") && !name.empty() &&
         name.front() != '.' && std::all_of(name.begin(), name.end(), plain);
}

std::string thumbnail_of(const std::string& picture, std::int64_t user) {
  const std::string stem = std::filesystem::path{picture}.stem().string();
  return "thumbnails/" + stem + "-" + std::to_string(user) + ".png";
}

}  // namespace

PageAnswer DemoApi::answer(const PageRequest& request) {
  try {
    return route(request);
  } catch (const Error& error) {
    return error_answer(status_of(error.kind()), error.what());
  } catch (const Json::exception&) {
    return error_answer(400, "the body must be a JSON object with a userId");
  } catch (const std::exception& error) {
    return error_answer(500, error.what());
  }
}

PageAnswer DemoApi::route(const PageRequest& request) {
  const std::string_view target = request.target;
  const std::string_view path = target.substr(0, target.find('?'));
  if (request.method == "POST" && path.starts_with("/jobs/"))
    return submit(path.substr(6), Json::parse(request.body));
  if (request.method != "GET")
    return error_answer(405, "only GET, and POST below /jobs/, are answered here");
  if (path == "/session")
    return session(target.substr(std::min(path.size() + 1, target.size())));
  if (path.starts_with("/jobs/"))
    return ended(path.substr(6));
  if (path.starts_with("/files/"))
    return file(path.substr(7));
  const std::string_view name = path == "/" ? "demo.html" : path.substr(1);
  for (const EmbeddedFile& embedded : demo_page())
    if (embedded.path == "page/" + std::string{name})
      return {200, std::string{content_type_of(name)}, std::string{embedded.text}};
  return error_answer(404, "there is nothing at this address");
}

PageAnswer DemoApi::session(std::string_view query) {
  if (!query.starts_with("user="))
    return error_answer(400, "say which user: /session?user=42");
  const std::int64_t user = number_of(query.substr(5), "user");
  const Json answer{
      {"userId", user},
      {"token", app_.create_user_token(user)},
      {"dashboard",
       "http://127.0.0.1:" + std::to_string(app_.port()) + "/#token=" + app_.config().admin_token},
      {"pictures", samples_.pictures}};
  return {200, "application/json", answer.dump()};
}

// For a page that was cut off while its job ended; "started" means no more than not yet.
PageAnswer DemoApi::ended(std::string_view id) const {
  const auto job = app_.worker_manager().find_job(number_of(id, "job"));
  if (!job)
    return error_answer(404, "there is no such job");
  const Json answer{{"id", job->id},
                    {"type", job->type},
                    {"state", job->finished ? job->outcome : "started"},
                    {"attempt", job->attempt},
                    {"maxAttempts", job->max_attempts},
                    {"reason", job->reason},
                    {"error", Json(job->error)}};
  return {200, "application/json", answer.dump()};
}

PageAnswer DemoApi::submit(std::string_view kind, const Json& wish) {
  const errand::Job job = app_.worker_manager().submit_job(job_of(kind, wish));
  return {
      201, "application/json", Json{{"id", job.id}, {"type", job.type}, {"tag", job.tag}}.dump()};
}

errand::NewJob DemoApi::job_of(std::string_view kind, const Json& wish) const {
  const auto user = wish.at("userId").get<std::int64_t>();
  errand::NewJob job{.type = std::string{kind}, .user_id = user};
  if (kind == ResizeImage::job_type) {
    const auto& picture =
        samples_.pictures.at(wish.value("picture", 0U) % samples_.pictures.size());
    job.tag = "resize:" + picture;
    job.data = Json(ResizeImage{picture, thumbnail_width, thumbnail_of(picture, user)});
  } else if (kind == ImportCsv::job_type) {
    job.tag = "import:" + samples_.table;
    job.data = Json(ImportCsv{samples_.table, "imported_rows"});
  } else if (kind == SendEmail::job_type) {
    const std::string to = wish.value("to", "someone@example.com");
    job.tag = "mail:" + to;
    job.data = Json(SendEmail{to, "Hello from errand", "This message was sent by a job.\n"});
  } else if (kind == nightly_report) {
    job.tag = "report-by-hand";
  } else {
    throw Error{ErrorKind::not_found, "this page has no button for that type of job"};
  }
  return job;
}

PageAnswer DemoApi::file(std::string_view path) const {
  if (!is_shown_file(path) || !std::filesystem::exists(settings_.resolve(std::string{path})))
    return error_answer(404, "there is no such file");
  return {200, std::string{content_type_of(path)}, read_file(settings_.resolve(std::string{path}))};
}

}  // namespace demo
