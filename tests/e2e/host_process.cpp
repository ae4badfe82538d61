#include "e2e/host_process.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <fstream>

#include <gtest/gtest.h>

#include "helpers/pgbouncer.hpp"
#include "helpers/postgres_guide.hpp"

extern char** environ;

namespace errand::e2e {
namespace {

std::vector<std::string> environment_with(const std::map<std::string, std::string>& more) {
  std::vector<std::string> all;
  for (char** each = environ; *each != nullptr; ++each)
    all.emplace_back(*each);
  for (const auto& [name, value] : more)
    all.push_back(name + "=" + value);
  return all;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> all;
  for (std::string& text : texts)
    all.push_back(text.data());
  all.push_back(nullptr);
  return all;
}

Home::Kind asked_kind() {
  const char* asked =
      std::getenv("ERRAND_E2E");  // NOLINT(concurrency-mt-unsafe): before any thread is started
  const std::string_view kind = asked != nullptr ? asked : "";
  if (kind == "postgresql")
    return Home::Kind::postgresql;
  if (kind == "pooled")
    return Home::Kind::pooled;
  return kind == "least_privilege" ? Home::Kind::least_privilege : Home::Kind::sqlite;
}

Config client_config(const std::string& database_url) {
  Config config;
  config.database_url = database_url;
  config.log_level = LogLevel::error;
  config.session_encryption_key = "a key that only tests use, of 32 characters or more";
  return config;
}

}  // namespace

Folder::Folder() {
  std::string pattern = (std::filesystem::temp_directory_path() / "errand-e2e-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr)
    throw std::runtime_error{"mkdtemp failed"};
  path_ = pattern;
}

Folder::~Folder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

HostProcess::HostProcess(std::vector<std::string> arguments,
                         std::map<std::string, std::string> environment,
                         std::string program) {
  int ends[2]{};
  if (::pipe2(ends, O_CLOEXEC) != 0)
    throw std::runtime_error{"pipe2 failed"};
  posix_spawn_file_actions_t actions{};
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDERR_FILENO);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
  arguments.insert(arguments.begin(), std::move(program));
  std::vector<std::string> variables = environment_with(environment);
  const int failed = ::posix_spawn(&pid_,
                                   arguments.front().c_str(),
                                   &actions,
                                   nullptr,
                                   pointers(arguments).data(),
                                   pointers(variables).data());
  posix_spawn_file_actions_destroy(&actions);
  ::close(ends[1]);
  if (failed != 0)
    throw std::runtime_error{"posix_spawn failed"};
  reader_ = std::thread{[this, fd = ends[0]] {
    read_lines(fd);
  }};
}

HostProcess::~HostProcess() {
  const std::vector<pid_t> left = exit_code_ ? std::vector<pid_t>{} : children();
  if (!exit_code_) {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  for (const pid_t child : left)
    ::kill(child, SIGKILL);
  reader_.join();
}

void HostProcess::read_lines(int fd) {
  std::string rest;
  char buffer[4096];
  while (true) {
    const ssize_t length = ::read(fd, buffer, sizeof buffer);
    if (length <= 0)
      break;
    rest.append(buffer, static_cast<std::size_t>(length));
    const std::lock_guard lock{mutex_};
    for (std::size_t end = rest.find('\n'); end != std::string::npos; end = rest.find('\n')) {
      lines_.push_back(rest.substr(0, end));
      rest.erase(0, end + 1);
    }
    more_.notify_all();
  }
  ::close(fd);
  const std::lock_guard lock{mutex_};
  ended_ = true;
  more_.notify_all();
}

void HostProcess::signal(int number) const {
  ::kill(pid_, number);
}

std::string HostProcess::wait_for_line(const std::vector<std::string>& parts, std::size_t from) {
  std::unique_lock lock{mutex_};
  std::size_t next = from;
  std::string found;
  more_.wait_for(lock, patience, [&] {
    for (; next < lines_.size(); ++next) {
      const std::string& line = lines_[next];
      const auto has = [&](const std::string& part) {
        return line.find(part) != std::string::npos;
      };
      if (std::all_of(parts.begin(), parts.end(), has)) {
        found = line;
        return true;
      }
    }
    return ended_;
  });
  if (found.empty()) {
    std::string all;
    for (const std::string& line : lines_)
      all += line + "\n";
    ADD_FAILURE() << "no line with \"" << parts.front() << "\" in:\n" << all;
  }
  return found;
}

std::size_t HostProcess::lines_so_far() {
  const std::lock_guard lock{mutex_};
  return lines_.size();
}

std::string HostProcess::output() {
  const std::lock_guard lock{mutex_};
  std::string all;
  for (const std::string& line : lines_)
    all += line + "\n";
  return all;
}

std::string HostProcess::whole_output() {
  {
    std::unique_lock lock{mutex_};
    EXPECT_TRUE(more_.wait_for(lock, patience, [this] { return ended_; }));
  }
  return output();
}

int HostProcess::wait_for_exit() {
  int status = 0;
  const bool ended =
      exit_code_ || eventually([&] { return ::waitpid(pid_, &status, WNOHANG) == pid_; });
  if (!ended) {
    ADD_FAILURE() << "the host does not end:\n" << output();
    return -1;
  }
  if (!exit_code_)
    exit_code_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  std::unique_lock lock{mutex_};  // its last words may still be in the pipe
  more_.wait_for(lock, patience, [this] { return ended_; });
  return *exit_code_;
}

std::vector<pid_t> HostProcess::children() const {
  std::vector<pid_t> found;
  const std::string pid = std::to_string(pid_);
  std::ifstream list{"/proc/" + pid + "/task/" + pid + "/children"};
  // A child belongs to the thread that spawned it: look at all of them.
  std::error_code ignored;
  for (const auto& task : std::filesystem::directory_iterator{"/proc/" + pid + "/task", ignored}) {
    std::ifstream children{task.path() / "children"};
    for (pid_t child = 0; children >> child;)
      found.push_back(child);
  }
  return found;
}

bool eventually(const std::function<bool()>& question, std::chrono::milliseconds limit) {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  std::mutex mutex;
  std::condition_variable never;
  std::unique_lock lock{mutex};
  while (!question()) {
    if (std::chrono::steady_clock::now() > deadline)
      return false;
    never.wait_for(lock, std::chrono::milliseconds{10});
  }
  return true;
}

bool is_alive(pid_t pid) {
  std::ifstream stat{"/proc/" + std::to_string(pid) + "/stat"};
  std::string text;
  std::getline(stat, text);
  const std::size_t name_end = text.rfind(')');
  return name_end != std::string::npos && text.at(name_end + 2) != 'Z' &&
         text.at(name_end + 2) != 'X';
}

std::vector<std::string> lines_of(const std::filesystem::path& file) {
  std::ifstream in{file};
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);)
    lines.push_back(line);
  return lines;
}

Gate::Gate(std::filesystem::path path) : path_{std::move(path)} {
  if (::mkfifo(path_.c_str(), 0600) != 0)
    throw std::runtime_error{"mkfifo failed"};
}

Gate::~Gate() {
  open();
}

bool Gate::wait_for_job() {
  return fd_ >= 0 || eventually([this] {
           fd_ = ::open(path_.c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC);
           return fd_ >= 0;
         });
}

void Gate::open() {
  if (fd_ >= 0)
    ::close(std::exchange(fd_, -1));
}

JobRegistry host_types() {
  JobRegistry jobs;
  for (const char* name : {"count", "gate", "misbehave", "obey", "tellUser", "chain", "flaky"}) {
    JobOptions options;
    if (std::string_view{name} == "flaky") {
      options.retry = RetryPolicy::backoff(
          {.first = std::chrono::milliseconds{50}, .jitter = 0, .max_attempts = 3});
    }
    jobs.add(
        name, [](JobContext&, const Json&) {}, options);
  }
  return jobs;
}

Home::Home(Kind kind) {
  if (kind == Kind::as_asked)
    kind = asked_kind();
  if (kind == Kind::postgresql || kind == Kind::pooled) {
    postgres_ = std::make_unique<testing::TemporaryPostgres>();
    url_ = kind == Kind::pooled ? testing::PgBouncer::shared().url_for(postgres_->url())
                                : postgres_->url();
  } else if (kind == Kind::least_privilege) {
    postgres_ = std::make_unique<testing::TemporaryPostgres>(
        testing::TemporaryPostgres::Content::by_the_guide);
    url_ = testing::as_role(postgres_->url(), "errand_app");
  } else {
    folder_ = std::make_unique<Folder>();
    url_ = "sqlite:" + (*folder_ / "errand.db").string();
  }
}

Served::Served(std::map<std::string, std::string> more, Home::Kind kind)
    : Served{std::move(more), std::make_unique<Home>(kind)} {}

Served::Served(std::map<std::string, std::string> more, std::unique_ptr<Home> home)
    : Served{std::move(more), home->url()} {
  home_ = std::move(home);
}

Served::Served(std::map<std::string, std::string> more, std::string database_url)
    : environment_{std::move(more)}, client_{client_config(database_url), host_types()} {
  environment_["DATABASE_URL"] = std::move(database_url);
  environment_["SESSION_ENCRYPTION_KEY"] = client_.config().session_encryption_key;
  environment_.try_emplace("WORKER_COUNT", "2");
  environment_.try_emplace("POLL_INTERVAL", "50ms");
  environment_.try_emplace("PORT", "0");
  environment_.try_emplace("LOG_LEVEL", "debug");
  environment_.try_emplace("WORKER_LOG_LEVEL", "debug");
}

void Served::start() {
  host_ = std::make_unique<HostProcess>(std::vector<std::string>{"serve"}, environment_);
  const std::string line = host_->wait_for_line({"ready", "dashboard="});
  const std::string before_port = "http://127.0.0.1:";
  const std::size_t found = line.find(before_port);
  if (found != std::string::npos)
    port_ = std::atoi(line.c_str() + found + before_port.size());
}

void Served::stop_and_expect_success() {
  const std::vector<pid_t> workers = host_->children();
  host_->signal(SIGTERM);
  EXPECT_EQ(host_->wait_for_exit(), 0) << host_->output();
  for (const pid_t worker : workers)
    EXPECT_FALSE(is_alive(worker));
}

pid_t Served::worker_of(JobId id) {
  pid_t pid = -1;
  const bool found = eventually([&] {
    for (const WorkerInfo& worker : client_.worker_manager().list_workers()) {
      for (const Job& job : worker.running) {
        if (job.id == id)
          pid = worker.pid;
      }
    }
    return pid > 0;
  });
  EXPECT_TRUE(found) << "no worker runs job " << id;
  return pid;
}

Job Served::finished(JobId id) {
  auto job = client_.worker_manager().wait_for(id, patience);
  if (!job) {
    ADD_FAILURE() << "job " << id << " does not finish:\n" << host_->output();
    return {};
  }
  return *job;
}

}  // namespace errand::e2e
