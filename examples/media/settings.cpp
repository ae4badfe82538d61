#include "settings.hpp"

#include <charconv>
#include <cstdlib>

namespace demo {
namespace {

int port_from(const std::string& text) {
  int port = 0;
  std::from_chars(text.data(), text.data() + text.size(), port);
  return port;
}

}  // namespace

std::string environment(const char* name, const std::string& fallback) {
  // NOLINTNEXTLINE(concurrency-mt-unsafe): read before any thread starts
  const char* value = std::getenv(name);
  return value != nullptr ? value : fallback;
}

Settings Settings::from_environment() {
  return {environment("DEMO_FOLDER", "demo-data"), port_from(environment("DEMO_SMTP_PORT"))};
}

void Settings::publish() const {
  for (const auto& path : {images(), tables(), thumbnails(), reports(), mail()})
    std::filesystem::create_directories(path);
  const std::string absolute = std::filesystem::absolute(folder).string();
  const std::string port = std::to_string(smtp_port);
  // NOLINTNEXTLINE(concurrency-mt-unsafe): called before any thread starts
  ::setenv("DEMO_FOLDER", absolute.c_str(), 1);
  // NOLINTNEXTLINE(concurrency-mt-unsafe): called before any thread starts
  ::setenv("DEMO_SMTP_PORT", port.c_str(), 1);
}

}  // namespace demo
