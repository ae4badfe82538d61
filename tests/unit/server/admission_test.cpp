#include "server/admission.hpp"

namespace errand {
namespace {

TEST(Host, AllowsTheNamesOfLoopbackWithAnyPort) {
  for (const char* host : {"localhost",
                           "localhost:3000",
                           "LOCALHOST",
                           "127.0.0.1",
                           "127.0.0.1:1",
                           "[::1]",
                           "[::1]:80"})
    EXPECT_TRUE(host_allowed(host, "127.0.0.1")) << host;
}

TEST(Host, AllowsTheConfiguredNameToo) {
  EXPECT_TRUE(host_allowed("box.local:3000", "box.local"));
  EXPECT_TRUE(host_allowed("Box.Local", "box.local"));
  EXPECT_TRUE(host_allowed("[::2]:3000", "::2"));
}

TEST(Host, RefusesReboundNames) {
  for (const char* host : {"evil.example",
                           "evil.example:3000",
                           "localhost.evil.example",
                           "127.0.0.1.evil.example",
                           "evil-localhost",
                           "[::1].evil",
                           "[::2]",
                           "127.0.0.2",
                           "0.0.0.0",
                           "localhost.",
                           ":3000",
                           "2130706433"})
    EXPECT_FALSE(host_allowed(host, "127.0.0.1")) << host;
}

TEST(Origin, IsTheVeryHostAndPortOfTheRequest) {
  EXPECT_TRUE(origin_allowed("http://localhost:3000", "localhost:3000"));
  EXPECT_TRUE(origin_allowed("https://jobs.example", "jobs.example"));
  EXPECT_TRUE(origin_allowed("https://jobs.example", "jobs.example:443"));
  EXPECT_TRUE(origin_allowed("http://LOCALHOST", "localhost:80"));
}

TEST(Origin, RefusesOtherPages) {
  for (const char* origin : {"http://localhost:3001",
                             "http://127.0.0.1:3000",
                             "http://evil.example",
                             "http://localhost:3000.evil.example",
                             "http://evil@localhost:3000",
                             "null",
                             "",
                             "localhost:3000",
                             "file://localhost:3000",
                             "chrome-extension://localhost:3000",
                             "http://localhost:3000/",
                             "http://"})
    EXPECT_FALSE(origin_allowed(origin, "localhost:3000")) << origin;
}

}  // namespace
}  // namespace errand
