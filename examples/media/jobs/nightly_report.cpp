#include "jobs/files.hpp"
#include "jobs/html.hpp"
#include "jobs/imported_rows.hpp"
#include "jobs/jobs.hpp"

namespace demo {
namespace {

using Rows = std::vector<std::vector<std::string>>;

constexpr int list_length = 20;

Rows count_by_outcome(errand::JobContext& context) {
  Rows rows;
  context.with_transaction([&rows](errand::Transaction& tx) {
    const errand::SqlRows counts = tx.query(
        "SELECT type, CASE WHEN finished IS NOT NULL THEN outcome WHEN started IS NOT NULL THEN"
        " 'running' ELSE 'waiting' END AS state, count(*) FROM worker_jobs GROUP BY 1, 2 ORDER BY "
        "1, 2");
    rows.clear();
    for (std::size_t i = 0; i < counts.size(); ++i)
      rows.push_back({counts.get<std::string>(i, 0),
                      counts.get<std::optional<std::string>>(i, 1).value_or("unknown"),
                      std::to_string(counts.get<std::int64_t>(i, 2))});
  });
  return rows;
}

std::int64_t count_imported(errand::JobContext& context) {
  std::int64_t count = 0;
  const ImportedRows table{"imported_rows"};
  context.with_transaction([&](errand::Transaction& tx) {
    table.create_if_missing(tx);
    count = table.count(tx);
  });
  return count;
}

std::string error_text(const errand::Job& job) {
  if (job.error.is_object() && job.error.contains("error") && job.error["error"].is_string())
    return job.error["error"].get<std::string>();
  return job.reason;
}

Rows last_failures(errand::WorkerManager& manager) {
  Rows rows;
  const errand::JobPage page =
      manager.list_jobs({.state = errand::JobState::failed, .limit = list_length});
  for (const errand::Job& job : page.jobs)
    rows.push_back({std::to_string(job.id),
                    job.type,
                    "attempt " + std::to_string(job.attempt),
                    job.reason,
                    error_text(job)});
  return rows;
}

Rows mails(errand::WorkerManager& manager) {
  Rows rows;
  const errand::JobPage page = manager.list_jobs({.state = errand::JobState::succeeded,
                                                  .type = std::string{SendEmail::job_type},
                                                  .limit = list_length});
  for (const errand::Job& job : page.jobs)
    rows.push_back(
        {std::to_string(job.id), job.data.value("to", ""), job.data.value("subject", "")});
  return rows;
}

std::string report_text(errand::JobContext& context) {
  errand::WorkerManager& manager = context.app().worker_manager();
  std::string body = "<h2>Jobs by type and outcome</h2>\n" +
                     html_table({"Type", "Outcome", "Jobs"}, count_by_outcome(context));
  context.progress(0.4, "counted");
  body += "<h2>Last failures</h2>\n" +
          html_table({"Job", "Type", "Run", "Reason", "Error"}, last_failures(manager));
  body += "<h2>Imported rows</h2>\n<p>" + std::to_string(count_imported(context)) + "</p>\n";
  body +=
      "<h2>Mail that was accepted</h2>\n" + html_table({"Job", "To", "Subject"}, mails(manager));
  context.progress(0.8, "composed");
  return html_page("Report of job " + std::to_string(context.job().id), body);
}

}  // namespace

errand::Outcome write_report(errand::JobContext& context, const Settings& settings) {
  const std::string name = "report-" + std::to_string(context.job().id) + ".html";
  write_file(settings.reports() / name, report_text(context));
  context.progress(1.0, "written");
  const std::string path = "reports/" + name;
  if (context.job().user_id != 0)
    context.app().create_notification(context.job().user_id,
                                      {{"type", "reportReady"}, {"path", path}});
  return errand::Outcome::success({{"path", path}});
}

}  // namespace demo
