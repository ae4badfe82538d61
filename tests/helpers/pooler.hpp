#pragma once

#include <string>

#include "helpers/postgres_cluster.hpp"

namespace errand::testing {

/// PgBouncer before a cluster, in transaction mode: each transaction may get another session.
class Pooler {
 public:
  explicit Pooler(const PostgresCluster& cluster);
  Pooler(const Pooler&) = delete;
  Pooler& operator=(const Pooler&) = delete;
  ~Pooler();

  [[nodiscard]] std::string url(const std::string& database = "postgres") const;

 private:
  std::filesystem::path folder_;
  int port_{0};
  pid_t pid_{0};
};

}  // namespace errand::testing
