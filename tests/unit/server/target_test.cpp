#include "server/target.hpp"

namespace errand {
namespace {

TEST(Target, DecodesPathAndQueryOnce) {
  const auto target = parse_target("/a%20b/%2541?x=1+2&y=%C3%A4&empty&z=");
  ASSERT_TRUE(target);
  EXPECT_EQ(target->path, "/a b/%41");
  EXPECT_EQ(target->query.at("x"), "1 2");
  EXPECT_EQ(target->query.at("y"), "\xC3\xA4");
  EXPECT_EQ(target->query.at("empty"), "");
  EXPECT_EQ(target->query.at("z"), "");
}

TEST(Target, LeavesAPlusInAPathAlone) {
  EXPECT_EQ(parse_target("/a+b")->path, "/a+b");
}

TEST(Target, RefusesWhatCouldMeanAnotherPath) {
  for (const char* target :
       {"/..",        "/../x",         "/a/../b",    "/a/.",        "/./a",
        "/%2e%2e/x",  "/%2E./x",       "/a%2fb",     "/a%2F..%2Fb", "/a\\b",
        "/%5c..",     "/%00",          "/a%0d%0ab",  "/%7f",        "/%1b",
        "/%",         "/%4",           "/%zz",       "/%c0%af",     "/%c0%ae%c0%ae",
        "/%e0%80%af", "/%f0%80%80%af", "/%ed%a0%80", "/%ff",        "/%f5%80%80%80"})
    EXPECT_FALSE(parse_target(target)) << target;
}

TEST(Target, RefusesABadQuery) {
  for (const char* target : {"/?a=1&a=2", "/?a=%00", "/?a=%f", "/?%ff=1", "/?a=%0a"})
    EXPECT_FALSE(parse_target(target)) << target;
}

TEST(Target, TakesEmptyPairsAsNothing) {
  const auto target = parse_target("/?&&a=1&");
  ASSERT_TRUE(target);
  EXPECT_EQ(target->query.size(), 1U);
}

}  // namespace
}  // namespace errand
