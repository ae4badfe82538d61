#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

struct pg_conn;

namespace errand::testing {

/// A plain connection, for what a test does behind the store's back. Throws `std::runtime_error`.
class PostgresSession {
 public:
  explicit PostgresSession(const std::string& url);
  PostgresSession(const PostgresSession&) = delete;
  PostgresSession& operator=(const PostgresSession&) = delete;
  ~PostgresSession();

  /// The first value of the last statement, or nothing.
  std::string run(const std::string& sql);

  /// The payload of the next notification, if one comes in time.
  std::optional<std::string> notification(std::chrono::milliseconds limit);

  [[nodiscard]] pg_conn* handle() const noexcept { return handle_; }

 private:
  pg_conn* handle_;
};

/// A private PostgreSQL server: made with initdb in a temporary folder, listening on 127.0.0.1 and
/// on a socket in that folder, its superuser is `errand` without a password. Texts sort by ICU's
/// rules unless a column says otherwise. Ends with this process, however that ends.
class PostgresCluster {
 public:
  /// `settings`: lines of postgresql.conf.
  explicit PostgresCluster(const std::vector<std::string>& settings = {});
  PostgresCluster(const PostgresCluster&) = delete;
  PostgresCluster& operator=(const PostgresCluster&) = delete;
  ~PostgresCluster();

  [[nodiscard]] std::string url(const std::string& database = "postgres") const;

  [[nodiscard]] int port() const noexcept { return port_; }

  [[nodiscard]] const std::filesystem::path& folder() const noexcept { return folder_; }

  /// Answers when it returns.
  void start();
  /// SIGINT ends every session and shuts down; SIGQUIT is as good as a crash.
  void stop(int signal);

 private:
  void start_at_a_free_port(const std::vector<std::string>& settings);

  std::filesystem::path folder_;
  int port_{0};
  pid_t server_{0};
};

/// The one server of this test run: of the run that ctest's fixture started, or else this
/// program's. Holds the databases that others are copied from.
[[nodiscard]] const std::string& shared_postgres_url();

/// A database of its own on the shared server; it goes away with the test.
class TemporaryPostgres {
 public:
  /// `by_the_guide`: made by the owner's role, for the role `errand_app`, as docs/postgresql.md
  /// says.
  enum class Content { migrated, by_the_guide, empty };

  explicit TemporaryPostgres(Content content = Content::migrated);
  TemporaryPostgres(const TemporaryPostgres&) = delete;
  TemporaryPostgres& operator=(const TemporaryPostgres&) = delete;
  ~TemporaryPostgres();

  [[nodiscard]] const std::string& url() const noexcept { return url_; }

 private:
  std::string name_;
  std::string url_;
};

/// Makes the databases that others are copied from.
void make_postgres_templates(const std::string& server_url);

/// The account that servers of tests run under: PostgreSQL refuses to be root.
struct Account {
  uid_t user{0};
  gid_t group{0};
};

[[nodiscard]] Account server_account();
/// Creates a folder that this account owns.
[[nodiscard]] std::filesystem::path make_server_folder();
/// Runs a program as this account, its output in `log`; it is killed when this process ends.
/// `told_at`: the socket where it tells that it is ready, as sd_notify does.
[[nodiscard]] pid_t start_server_program(std::vector<std::string> command,
                                         const std::filesystem::path& log,
                                         const std::filesystem::path& told_at = {});
/// The same for a server, once it tells that it is ready. Throws, when it has ended, if it ends or
/// is silent for so long.
[[nodiscard]] pid_t start_server(std::vector<std::string> command,
                                 const std::filesystem::path& folder,
                                 std::chrono::milliseconds limit);
/// Waits for the end of a process, of whatever parent; false if it does not come.
[[nodiscard]] bool has_ended(pid_t pid, std::chrono::milliseconds limit);
[[nodiscard]] int free_port();

}  // namespace errand::testing
