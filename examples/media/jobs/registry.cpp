#include "jobs/jobs.hpp"

using namespace std::chrono_literals;

namespace demo {

errand::JobRegistry make_registry(const Settings& settings) {
  errand::JobRegistry jobs;
  jobs.add<ResizeImage>(
      [settings](errand::JobContext& context, const ResizeImage& image) {
        return resize_image(context, image, settings);
      },
      {.timeout = 1min});
  jobs.add<ImportCsv>(
      [settings](errand::JobContext& context, const ImportCsv& import) {
        return import_csv(context, import, settings);
      },
      {.retry = errand::RetryPolicy::backoff({.first = 2s, .max_attempts = 5}), .timeout = 10min});
  jobs.add<SendEmail>(
      [settings](errand::JobContext& context, const SendEmail& email) {
        return send_email(context, email, settings);
      },
      {.retry = errand::RetryPolicy::backoff({.first = 1s, .longest = 5min, .max_attempts = 6}),
       .timeout = 30s});
  jobs.add(nightly_report,
           [settings](errand::JobContext& context, const errand::Json&) {
             return write_report(context, settings);
           },
           {.timeout = 2min, .cron = "0 0 3 * * *", .timezone = "Europe/Berlin"});
  return jobs;
}

}  // namespace demo
