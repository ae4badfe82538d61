#include "workshop.hpp"

#include <unistd.h>

#include <atomic>

#include "jobs/files.hpp"

namespace demo {

Workshop::Workshop() {
  static std::atomic<int> number{0};
  folder_ = std::filesystem::temp_directory_path() /
            ("errand-examples-" + std::to_string(::getpid()) + "-" + std::to_string(++number));
  for (const auto& path : {settings().mail(), settings().reports(), settings().thumbnails()})
    std::filesystem::create_directories(path);
}

Workshop::~Workshop() {
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

void Workshop::write(const std::string& path, const std::string& text) const {
  write_file(folder_ / path, text);
}

std::string Workshop::read(const std::string& path) const {
  return read_file(folder_ / path);
}

bool Workshop::has(const std::string& path) const {
  return std::filesystem::exists(folder_ / path);
}

std::vector<errand::Json> notifications(const errand::testing::TestApp& app,
                                        std::int64_t user,
                                        const std::string& type) {
  std::vector<errand::Json> found;
  for (const errand::Json& message : app.sent_to(user))
    if (message.value("type", "") == "notification_received" &&
        message["data"]["data"].value("type", "") == type)
      found.push_back(message["data"]["data"]);
  return found;
}

std::string error_of(const errand::Job& job) {
  return job.error.is_object() ? job.error.value("error", "") : "";
}

}  // namespace demo
