#include "base/time_text.hpp"
#include "jobs/job_json.hpp"
#include "jobs/payload.hpp"
#include "server/api/api.hpp"
#include "server/api/submission.hpp"
#include "server/response.hpp"

namespace errand {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds wait_default{std::chrono::seconds{30}};
constexpr milliseconds wait_longest{std::chrono::minutes{5}};
constexpr std::size_t attempts_shown_max = 100;

std::string location_of(JobId id) {
  return "/api/v1/jobs/" + std::to_string(id);
}

Response created(const Job& job) {
  Response response = json_response(to_json(job), 201);
  response.headers.emplace_back("Location", location_of(job.id));
  return response;
}

Response job_list(const std::vector<Job>& jobs, Json&& list) {
  Json& objects = list["jobs"] = Json::array();
  for (const Job& job : jobs)
    objects.push_back(to_json(job));
  return json_response(list);
}

[[noreturn]] void throw_no_job(JobId id) {
  throw Error{ErrorKind::not_found, "there is no job " + std::to_string(id)};
}

/// An unknown type is a mistake in the body, not a missing page.
Response refused_submission(const Error& error) {
  return error_response(Refusal{422, "unknown_type", error.what(), "type"});
}

class JobRoutes {
 public:
  explicit JobRoutes(const WebServerBackend& backend)
      : manager_{backend.worker_manager},
        reader_{backend.reader},
        submit_with_keys_{backend.submit_with_keys} {}

  [[nodiscard]] Response submit(const Request& request) const {
    check_query(request, {});
    const bool array = request.body.find_first_not_of(" \t\r\n") == request.body.find('[');
    if (request.body.size() > payload_bytes_max && !array)
      return error_response(
          Refusal{413, "payload_too_large", "a job may have at most 1048576 bytes", {}});
    const Submission submission = parse_submission(request.body);
    try {
      if (submission.many)
        return submit_many(submission.jobs, request.idempotency_key);
      return submit_one(submission.jobs.front(), request.idempotency_key);
    } catch (const Error& error) {
      if (error.kind() == ErrorKind::not_found)
        return refused_submission(error);
      throw;
    }
  }

  [[nodiscard]] Response list(const Request& request) const {
    check_query(request, {"state", "type", "tag", "queue", "userId", "q", "cursor", "limit"});
    JobFilter filter;
    filter.type = query_text(request, "type");
    filter.tag = query_text(request, "tag");
    filter.queue = query_text(request, "queue");
    filter.text = query_text(request, "q");
    filter.user_id = query_number(request, "userId", 0, INT64_MAX);
    filter.before = query_number(request, "cursor", 1, INT64_MAX);
    filter.limit = static_cast<int>(query_number(request, "limit", 1, 1000).value_or(50));
    const std::string state = query_text(request, "state");
    if (!state.empty())
      filter.state = state_from(state);
    const JobPage page = manager_.list_jobs(filter);
    return job_list(page.jobs, {{"next", page.next ? Json(*page.next) : Json(nullptr)}});
  }

  [[nodiscard]] Response show(const Request& request) const {
    check_query(request, {});
    const JobId id = path_id(request);
    const auto job = manager_.find_job(id);
    if (!job)
      throw_no_job(id);
    return json_response(to_json(*job));
  }

  [[nodiscard]] Response attempts(const Request& request) const {
    check_query(request, {});
    const JobId id = path_id(request);
    std::vector<Job> jobs = manager_.attempts_of(id);
    if (jobs.empty())
      throw_no_job(id);
    const std::size_t count = jobs.size();
    if (count > attempts_shown_max)
      jobs.erase(jobs.begin(), jobs.end() - static_cast<std::ptrdiff_t>(attempts_shown_max));
    return job_list(jobs, {{"count", count}});
  }

  [[nodiscard]] std::optional<Response> wait(const Request& request, bool last) const {
    const JobId id = path_id(request);
    const auto job = reader_.last_attempt(id);
    if (!job)
      throw_no_job(id);
    const bool finished = job->finished.has_value();
    if (!finished && !last)
      return std::nullopt;
    return json_response(to_json(*job), finished ? 200 : 202);
  }

  static milliseconds patience(const Request& request) {
    check_query(request, {"timeout"});
    if (!request.query.contains("timeout"))
      return wait_default;
    const auto given = parse_duration(query_text(request, "timeout"));
    if (!given || *given > wait_longest)
      throw Error{ErrorKind::invalid, "timeout must be a duration from 0s to 5m", "timeout"};
    return *given;
  }

  [[nodiscard]] Response retry(const Request& request) const {
    check_query(request, {});
    return created(manager_.retry_job(path_id(request)));
  }

  [[nodiscard]] Response cancel(const Request& request) const {
    check_query(request, {});
    return json_response(to_json(manager_.cancel_job(path_id(request))));
  }

  [[nodiscard]] Response remove(const Request& request) const {
    check_query(request, {});
    manager_.delete_job(path_id(request));
    Response response;
    response.status = 204;
    return response;
  }

 private:
  static JobState state_from(const std::string& text) {
    try {
      return job_state_from_text(text);
    } catch (const Error& error) {
      throw Error{ErrorKind::invalid, error.what(), "state"};
    }
  }

  [[nodiscard]] Response submit_one(const NewJob& job, const std::string& key) const {
    if (key.empty())
      return created(manager_.submit_job(job));
    const Submitted submitted = submit_with_keys_({&job, 1}, {&key, 1}).at(0);
    const auto stored = manager_.find_job(submitted.id);
    if (!stored)
      throw Error{ErrorKind::conflict,
                  "the job of this Idempotency-Key was removed meanwhile; use a new key",
                  "Idempotency-Key"};
    return mark_repeat(created(*stored), !submitted.created);
  }

  [[nodiscard]] Response submit_many(const std::vector<NewJob>& jobs,
                                     const std::string& key) const {
    if (key.empty())
      return json_response({{"ids", manager_.submit_jobs(jobs)}}, 201);
    std::vector<std::string> keys;
    for (std::size_t at = 0; at < jobs.size(); ++at)
      keys.push_back(key + "/" + std::to_string(at));
    Json ids = Json::array();
    bool repeated = false;
    for (const Submitted& submitted : submit_with_keys_(jobs, keys)) {
      ids.push_back(submitted.id);
      repeated = repeated || !submitted.created;
    }
    return mark_repeat(json_response({{"ids", ids}}, 201), repeated);
  }

  static Response mark_repeat(Response response, bool repeated) {
    if (repeated)
      response.headers.emplace_back("Idempotency-Replayed", "true");
    return response;
  }

  WorkerManager& manager_;
  JobReader& reader_;
  decltype(WebServerBackend::submit_with_keys) submit_with_keys_;
};

}  // namespace

void add_job_routes(Router& router, const WebServerBackend& backend) {
  const auto routes = std::make_shared<const JobRoutes>(backend);
  using Member = Response (JobRoutes::*)(const Request&) const;
  const auto make = [&](const char* method, const char* pattern, Member member) -> Route {
    Route route;
    route.method = method;
    route.pattern = pattern;
    route.handle = [routes, member](const Request& request) {
      return (*routes.*member)(request);
    };
    return route;
  };
  Route submit = make("POST", "/api/v1/jobs", &JobRoutes::submit);
  submit.body_bytes_max = submission_bytes_max;
  router.add(std::move(submit));
  router.add(make("GET", "/api/v1/jobs", &JobRoutes::list));
  router.add(make("GET", "/api/v1/jobs/{id}", &JobRoutes::show));
  router.add(make("GET", "/api/v1/jobs/{id}/attempts", &JobRoutes::attempts));
  router.add(make("POST", "/api/v1/jobs/{id}/retry", &JobRoutes::retry));
  router.add(make("POST", "/api/v1/jobs/{id}/cancel", &JobRoutes::cancel));
  router.add(make("DELETE", "/api/v1/jobs/{id}", &JobRoutes::remove));

  Route wait;
  wait.method = "GET";
  wait.pattern = "/api/v1/jobs/{id}/wait";
  wait.poll = [routes](const Request& request, bool last) {
    return routes->wait(request, last);
  };
  wait.patience = &JobRoutes::patience;
  router.add(std::move(wait));
}

}  // namespace errand
