#include "store/sql_notifications.hpp"

#include "store/job_rows.hpp"

namespace errand::sql {
namespace {

Notification notification_from(const Row& row) {
  Notification notification;
  notification.id = row.integer(0);
  notification.user_id = row.integer(1);
  notification.data = json_from(row.text(2));
  notification.read = row.integer(3) != 0;
  notification.created_at = row.time(4);
  return notification;
}

}  // namespace

Notification SqlNotifications::create(std::int64_t user_id, const Json& data) {
  Notification notification;
  notification.user_id = user_id;
  notification.data = data;
  const std::string text = data.dump(-1, ' ', false, Json::error_handler_t::replace);
  pool_.write([&](Connection& connection) {
    notification.created_at = connection.now();
    connection.select(
        Query::create_notification,
        [&](const Row& row) { notification.id = row.integer(0); },
        user_id,
        text,
        notification.created_at);
  });
  return notification;
}

std::vector<Notification> SqlNotifications::list(std::int64_t user_id,
                                                 std::optional<std::int64_t> before,
                                                 int limit) {
  std::vector<Notification> notifications;
  pool_.read([&](Connection& connection) {
    notifications.clear();
    connection.select(
        Query::list_notifications,
        [&](const Row& row) { notifications.push_back(notification_from(row)); },
        user_id,
        before,
        limit);
  });
  return notifications;
}

std::vector<Notification> SqlNotifications::since(std::int64_t user_id,
                                                  std::int64_t after,
                                                  int limit) {
  std::vector<Notification> notifications;
  pool_.read([&](Connection& connection) {
    notifications.clear();
    connection.select(
        Query::notifications_since,
        [&](const Row& row) { notifications.push_back(notification_from(row)); },
        user_id,
        after,
        limit);
  });
  return notifications;
}

bool SqlNotifications::mark_read(std::int64_t user_id, std::int64_t id) {
  bool marked = false;
  pool_.write([&](Connection& connection) {
    marked = connection.execute(Query::mark_notification_read, user_id, id) == 1;
  });
  return marked;
}

int SqlNotifications::mark_all_read(std::int64_t user_id) {
  std::int64_t marked = 0;
  pool_.write([&](Connection& connection) {
    marked = connection.execute(Query::mark_all_notifications_read, user_id);
  });
  return static_cast<int>(marked);
}

}  // namespace errand::sql
