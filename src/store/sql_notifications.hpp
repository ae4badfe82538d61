#pragma once

#include "store/connection_pool.hpp"
#include "store/job_store.hpp"

namespace errand::sql {

/// `NotificationStore` over any dialect.
class SqlNotifications final : public NotificationStore {
 public:
  explicit SqlNotifications(ConnectionPool& pool) : pool_{pool} {}

  Notification create(std::int64_t user_id, const Json& data) override;
  [[nodiscard]] std::vector<Notification> list(std::int64_t user_id,
                                               std::optional<std::int64_t> before,
                                               int limit) override;
  [[nodiscard]] std::vector<Notification> since(std::int64_t user_id,
                                                std::int64_t after,
                                                int limit) override;
  bool mark_read(std::int64_t user_id, std::int64_t id) override;
  int mark_all_read(std::int64_t user_id) override;

 private:
  ConnectionPool& pool_;
};

}  // namespace errand::sql
