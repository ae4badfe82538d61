#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>

namespace errand::testing {

/// PgBouncer in front of the shared PostgreSQL server, in transaction mode: each transaction gets
/// any session. Ends with this process.
class PgBouncer {
 public:
  PgBouncer();
  PgBouncer(const PgBouncer&) = delete;
  PgBouncer& operator=(const PgBouncer&) = delete;
  ~PgBouncer();

  /// The same database, through the pooler.
  [[nodiscard]] std::string url_for(const std::string& direct) const;

  /// The one of this program.
  static const PgBouncer& shared();

 private:
  std::filesystem::path folder_;
  int port_{0};
  pid_t process_{0};
};

}  // namespace errand::testing
