// A system without time zones: this program's `stat` finds no folder of theirs until the test
// installs them.
#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>

#include <gmock/gmock.h>

#include "jobs/cron.hpp"
#include "support.hpp"

namespace {

bool zones_are_installed = false;

}  // namespace

extern "C" [[gnu::visibility("default")]] int stat(const char* path, struct stat* found) noexcept {
  if (!zones_are_installed && std::strstr(path, "zoneinfo") != nullptr) {
    errno = ENOENT;
    return -1;
  }
  return ::fstatat(AT_FDCWD, path, found, 0);
}

namespace errand {
namespace {

using jobs_test::at;
using ::testing::HasSubstr;

TEST(WithoutZones, utc_is_known_and_the_rest_works_once_they_are_installed) {
  EXPECT_TRUE(Cron::parse("0 3 * * *", "UTC").next_after(at("2026-01-01T00:00:00Z")));
  const auto parse = [] {
    static_cast<void>(Cron::parse("0 3 * * *", "Europe/Berlin"));
  };
  const auto refusal = jobs_test::refusal_of(parse);
  EXPECT_EQ(refusal.kind, ErrorKind::unavailable) << "the schedule may be right";
  EXPECT_EQ(refusal.field, "timezone");
  EXPECT_THAT(refusal.message, HasSubstr("install the package tzdata"));
  zones_are_installed = true;
  EXPECT_NO_THROW(parse());
}

}  // namespace
}  // namespace errand
