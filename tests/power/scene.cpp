#include "power/scene.hpp"

#include <sqlite3.h>

namespace errand::testing {
namespace {

void append_rows(sqlite3* handle, const std::string& table, std::string& text) {
  sqlite3_stmt* statement = nullptr;
  const std::string sql = "SELECT * FROM " + table + " ORDER BY 1";
  if (sqlite3_prepare_v2(handle, sql.c_str(), -1, &statement, nullptr) != SQLITE_OK)
    return;
  while (sqlite3_step(statement) == SQLITE_ROW) {
    text += table;
    for (int column = 0; column < sqlite3_column_count(statement); ++column) {
      const auto* value = reinterpret_cast<const char*>(sqlite3_column_text(statement, column));
      text += value != nullptr ? std::string{"|"} + value : "|null";
    }
  }
  sqlite3_finalize(statement);
}

}  // namespace

std::size_t content_of(sqlite3* handle) {
  std::string text;
  for (const char* table : {"worker_jobs", "worker_processes", "worker_crons"})
    append_rows(handle, table, text);
  return std::hash<std::string>{}(text);
}

Scene::Scene(RecordingVfs::Pragmas overruled) {
  vfs_.emplace(log_, file_.folder(), std::move(overruled));
  open();
}

void Scene::open() {
  server_ = store(Durability::full);
  worker_ = store(Durability::relaxed);
}

std::unique_ptr<Store> Scene::store(Durability durability) const {
  return open_store({.database_url = file_.url(), .durability = durability, .clock = clock_});
}

void Scene::note(Note note) {
  const std::lock_guard lock{mutex_};
  log_.add({DiskEvent::Kind::told, {}, static_cast<std::int64_t>(notes_.size())});
  notes_.push_back(std::move(note));
}

std::size_t Scene::content() const {
  sqlite3* handle = nullptr;
  sqlite3_open_v2(file_.path().c_str(), &handle, SQLITE_OPEN_READWRITE, nullptr);
  const std::size_t content = content_of(handle);
  sqlite3_close(handle);
  return content;
}

void Scene::durably(const std::function<void()>& work) {
  work();
  note({.durable = true, .content = content()});
}

void Scene::lightly(const std::function<void()>& work) {
  work();
  note({.durable = false, .content = content()});
}

void Scene::acknowledge(std::vector<std::string> tags) {
  note({.acknowledged = std::move(tags)});
}

void Scene::migrate() {
  durably([this] { server_->migrate(); });
}

void Scene::reopen() {
  server_.reset();
  worker_.reset();
  open();
}

void Scene::close() {
  server_.reset();
  worker_.reset();
  vfs_.reset();
}

}  // namespace errand::testing
