#include "once/scenario.hpp"

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>

#include "jobs/jobs.hpp"

namespace demo {
namespace {

using errand::Error;
using errand::ErrorKind;
using errand::Json;

bool is_type(const Json& event, std::string_view type) {
  return event.is_object() && event.value("type", "") == type && event.contains("data");
}

// Every attempt is a row of its own; what they share is the first one's id.
errand::JobId root_of(const Json& job) {
  const auto root = job.find("rootJob");
  return root != job.end() && root->is_number_integer() ? root->get<errand::JobId>()
                                                        : job.value("id", errand::JobId{0});
}

bool is_last_run(const Json& event, const Assignment& assignment) {
  return is_type(event, "job_finished") && root_of(event["data"]) == assignment.id &&
         event["data"].value("attempt", 0) >= assignment.runs;
}

std::string name_of(const Assignment& assignment) {
  return "job " + std::to_string(assignment.id) + " (" + assignment.type + ")";
}

std::map<std::string, int> wanted_news(const std::vector<Assignment>& assignments,
                                       std::int64_t user) {
  std::map<std::string, int> wanted;
  for (const Assignment& assignment : assignments)
    if (assignment.user_id == user && !assignment.notification.empty())
      ++wanted[assignment.notification];
  return wanted;
}

std::map<std::string, int> arrived_news(const std::vector<Json>& events) {
  std::map<std::string, int> arrived;
  for (const Json& event : events)
    if (is_type(event, "notification_received"))
      ++arrived[event["data"]["data"].value("type", "")];
  return arrived;
}

void check_owner(const std::vector<Json>& events,
                 const std::set<errand::JobId>& own,
                 std::int64_t user) {
  for (const Json& event : events) {
    const bool foreign_news = is_type(event, "notification_received") &&
                              event["data"].value("userId", std::int64_t{0}) != user;
    const bool foreign_end =
        is_type(event, "job_finished") && own.count(root_of(event["data"])) == 0;
    if (foreign_news || foreign_end)
      throw Error{
          ErrorKind::bug,
          "user " + std::to_string(user) + " was told of somebody else's job: " + event.dump()};
  }
}

std::string list(const std::map<std::string, int>& news) {
  std::string text;
  for (const auto& [type, count] : news)
    text += (text.empty() ? "" : ", ") + std::to_string(count) + " x " + type;
  return text.empty() ? "none" : text;
}

}  // namespace

std::vector<Assignment> all_assignments(const Samples& samples,
                                        std::int64_t first_user,
                                        std::int64_t second_user) {
  std::vector<Assignment> all;
  for (const std::string& picture : samples.pictures) {
    const std::string name = std::filesystem::path{picture}.filename().string();
    all.push_back({.user_id = all.size() % 2 == 0 ? first_user : second_user,
                   .type = std::string{ResizeImage::job_type},
                   .tag = "resize:" + name,
                   .data = Json(ResizeImage{picture, 400, "thumbnails/" + name}),
                   .notification = "imageReady"});
  }
  all.push_back({.user_id = first_user,
                 .type = std::string{ImportCsv::job_type},
                 .tag = "import:customers",
                 .data = Json(ImportCsv{samples.table, "imported_rows"}),
                 .notification = "importFinished"});
  const auto mail = [&](std::int64_t user, const std::string& to, int runs, bool accepted) {
    return Assignment{
        .user_id = user,
        .type = std::string{SendEmail::job_type},
        .tag = "mail:" + to,
        .data = Json(SendEmail{to, "Grüße & <greetings>", "Hello!\n.\nA line with a dot.\n"}),
        .notification = accepted ? "emailSent" : "",
        .runs = runs,
        .succeeds = accepted};
  };
  all.push_back(mail(first_user, "ada@example.com", 1, true));
  all.push_back(mail(second_user, "later@example.com", 2, true));
  all.push_back(mail(second_user, "nobody@nowhere.invalid", 1, false));
  return all;
}

Assignment report_assignment(std::int64_t user) {
  return {.user_id = user,
          .type = std::string{nightly_report},
          .tag = "report-by-hand",
          .notification = "reportReady"};
}

void submit(const HttpClient& http, Assignment& assignment) {
  const Json job = http.post("/api/v1/jobs",
                             {{"tag", assignment.tag},
                              {"type", assignment.type},
                              {"userId", assignment.user_id},
                              {"data", assignment.data}});
  assignment.id = job.at("id").get<errand::JobId>();
}

Json await_end(const Assignment& assignment,
               const Watcher& watcher,
               std::chrono::steady_clock::time_point deadline) {
  const auto is_wanted = [&](const Json& event) {
    return is_last_run(event, assignment);
  };
  const auto arrived = [&](const std::vector<Json>& events) {
    return std::any_of(events.begin(), events.end(), is_wanted);
  };
  if (!watcher.wait_until(arrived, deadline))
    throw Error{ErrorKind::timed_out,
                "the end of " + name_of(assignment) + " was not told to user " +
                    std::to_string(assignment.user_id) + " in time"};
  const std::vector<Json> events = watcher.events();
  const Json job(std::find_if(events.begin(), events.end(), is_wanted)->at("data"));
  const std::string wanted = assignment.succeeds ? "succeeded" : "failed";
  if (job.value("state", "") != wanted)
    throw Error{ErrorKind::bug, name_of(assignment) + " should have " + wanted + ": " + job.dump()};
  return job;
}

void check_news(const std::vector<Assignment>& assignments,
                const Watcher& watcher,
                std::chrono::steady_clock::time_point deadline) {
  const std::int64_t user = watcher.user_id();
  const auto wanted = wanted_news(assignments, user);
  const bool complete = watcher.wait_until(
      [&](const std::vector<Json>& events) { return arrived_news(events) == wanted; }, deadline);
  std::set<errand::JobId> own;
  for (const Assignment& assignment : assignments)
    if (assignment.user_id == user)
      own.insert(assignment.id);
  const std::vector<Json> events = watcher.events();
  check_owner(events, own, user);
  if (!complete)
    throw Error{ErrorKind::bug,
                "user " + std::to_string(user) + " was told " + list(arrived_news(events)) +
                    "; it should have been " + list(wanted)};
}

}  // namespace demo
