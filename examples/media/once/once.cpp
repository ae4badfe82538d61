#include "once/once.hpp"

#include <unistd.h>

#include <iostream>
#include <random>

#include "jobs/files.hpp"
#include "jobs/html.hpp"
#include "jobs/jobs.hpp"
#include "once/account.hpp"
#include "server/background_thread.hpp"
#include "server/smtp_sink.hpp"

namespace demo {
namespace {

using namespace std::chrono_literals;
using errand::Error;
using errand::ErrorKind;

constexpr std::int64_t first_user = 42;
constexpr std::int64_t second_user = 7;
constexpr auto patience = 90s;

/// The folder of this run: the one that was asked for, or a new one that goes with the run.
class Workshop {
 public:
  Workshop() : kept_{!environment("DEMO_FOLDER").empty()} {
    folder_ = kept_ ? std::filesystem::absolute(environment("DEMO_FOLDER")) : make_temporary();
  }

  Workshop(const Workshop&) = delete;
  Workshop& operator=(const Workshop&) = delete;

  ~Workshop() {
    std::error_code ignored;
    if (!kept_)
      std::filesystem::remove_all(folder_, ignored);
  }

  [[nodiscard]] const std::filesystem::path& folder() const noexcept { return folder_; }

  [[nodiscard]] bool kept() const noexcept { return kept_; }

 private:
  static std::filesystem::path make_temporary() {
    std::string name = (std::filesystem::temp_directory_path() / "errand-demo-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr)
      throw Error{ErrorKind::unavailable, "cannot make a temporary folder " + name};
    return name;
  }

  bool kept_;
  std::filesystem::path folder_;
};

std::string random_token() {
  std::random_device random;
  std::string token;
  for (int i = 0; i < 32; ++i)
    token += "0123456789abcdef"[random() % 16];
  return token;
}

errand::Config make_config(const Settings& settings) {
  errand::Config config;
  config.environment = "test";
  config.database_url = "sqlite:" + (settings.folder / "demo.db").string();
  config.worker_count = 2;
  config.log_level = errand::LogLevel::warn;
  config.worker_log_level = errand::LogLevel::warn;
  config.port = 0;
  config.admin_token = random_token();
  config.shutdown_grace = 5s;
  return config;
}

/// The parts around errand: mail, and the two users' browsers.
class Run {
 public:
  Run() : settings_{workshop_.folder(), 0}, mail_{context_, 0, settings_.mail()} {
    settings_.smtp_port = mail_.port();
    settings_.publish();
    samples_ = make_samples(settings_);
    thread_.emplace(context_);
  }

  void perform() {
    errand::ServerApp app{make_config(settings_), make_registry(settings_)};
    app.start();
    std::cout << "errand demo: server pid " << ::getpid() << " on 127.0.0.1:" << app.port();
    for (const errand::WorkerInfo& worker : app.worker_manager().list_workers())
      std::cout << ", worker " << worker.slot << " pid " << worker.pid;
    std::cout << "\n" << std::flush;
    play(app);
    app.shutdown();
  }

 private:
  void play(errand::ServerApp& app) {
    const Watcher first{context_, app.port(), first_user, app.create_user_token(first_user)};
    const Watcher second{context_, app.port(), second_user, app.create_user_token(second_user)};
    const HttpClient http{app.port(), app.config().admin_token};
    const auto deadline = std::chrono::steady_clock::now() + patience;
    const auto watcher_of = [&](std::int64_t user) -> const Watcher& {
      return user == first_user ? first : second;
    };
    std::vector<Assignment> all = all_assignments(samples_, first_user, second_user);
    for (Assignment& assignment : all)
      submit(http, assignment);
    std::vector<FinishedAssignment> finished;
    for (const Assignment& assignment : all)
      finished.push_back(finish(app, assignment, watcher_of(assignment.user_id), deadline));
    all.push_back(report_assignment(second_user));
    submit(http, all.back());
    finished.push_back(finish(app, all.back(), second, deadline));
    for (const Watcher* watcher : {&first, &second})
      check_news(all, *watcher, deadline);
    check_report(finished.back().job);
    check_mail();
    print_account(finished, {&first, &second}, settings_);
    print_end(app, finished.back().job);
  }

  static FinishedAssignment finish(errand::ServerApp& app,
                                   const Assignment& assignment,
                                   const Watcher& watcher,
                                   std::chrono::steady_clock::time_point deadline) {
    const errand::Json told = await_end(assignment, watcher, deadline);
    const auto job = app.worker_manager().find_job(told.at("id").get<errand::JobId>());
    if (!job)
      throw Error{ErrorKind::bug, "a job that finished is not in the table: " + told.dump()};
    for (const errand::WorkerInfo& worker : app.worker_manager().list_workers())
      if (worker.id == job->worker && worker.pid != ::getpid())
        return {assignment, *job, worker.pid};
    throw Error{ErrorKind::bug, "no child process is known to have run this job: " + told.dump()};
  }

  void check_report(const errand::Job& job) const {
    const std::string report = read_file(settings_.resolve(job.result.value("path", "")));
    for (const std::string& wanted :
         {std::string{"<p>20000</p>"}, escape_html("Grüße & <greetings>"), std::string{"550"}})
      if (report.find(wanted) == std::string::npos)
        throw Error{ErrorKind::bug, "the report does not say \"" + wanted + "\""};
  }

  void check_mail() const {
    std::ptrdiff_t count = 0;
    for (const auto& entry : std::filesystem::directory_iterator{settings_.mail()})
      count += entry.path().extension() == ".eml" ? 1 : 0;
    if (count != 2)
      throw Error{ErrorKind::bug,
                  "2 messages should have been delivered, not " + std::to_string(count)};
  }

  void print_end(errand::ServerApp& app, const errand::Job& report) const {
    for (const errand::CronInfo& cron : app.worker_manager().list_crons())
      if (cron.tag == nightly_report)
        std::cout << "\nThe report is written every night: \"" << cron.schedule << "\" in "
                  << cron.timezone << ".\n";
    std::cout << "\nThe report of this run: "
              << settings_.resolve(report.result.value("path", "")).string() << "\n"
              << (workshop_.kept() ? "" : "The files go now; set DEMO_FOLDER to keep them.\n")
              << "\nEverything happened as it should.\n";
  }

  Workshop workshop_{};
  Settings settings_;
  boost::asio::io_context context_{1};
  SmtpSink mail_;
  Samples samples_{};
  std::optional<BackgroundThread> thread_{};
};

}  // namespace

int run_once() {
  try {
    Run{}.perform();
    return 0;
  } catch (const std::exception& failure) {
    std::cerr << "errand demo: " << failure.what() << "\n";
    return 1;
  }
}

}  // namespace demo
