#include "hygiene.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <latch>
#include <netinet/in.h>
#include <thread>

#include <gmock/gmock.h>

namespace errand::torture {
namespace {

TEST(HygieneTest, FindsDescriptorsAndThreadsThatWereNotThereBefore) {
  std::thread{[] {
  }}.join();  // the thread sanitizer begins one of its own with the first
  const Census before{.driver = most_held({::getpid()}, "")};
  const int descriptor = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  std::latch counted{1};
  std::thread thread{[&] {
    counted.wait();
  }};
  Hygiene hygiene;
  add_leaks(hygiene, before, {.driver = most_held({::getpid()}, "")});
  counted.count_down();
  thread.join();
  ::close(descriptor);
  EXPECT_EQ(hygiene.descriptors_leaked, 1U);
  EXPECT_EQ(hygiene.threads_leaked, 1U);
  EXPECT_EQ(hygiene.leaked, "; driver: 1 /dev/null");
}

TEST(HygieneTest, CountsNothingThatIsFewerThanBefore) {
  Hygiene hygiene;
  add_leaks(hygiene, {.workers = {9, 0, 9}}, {.workers = {8, 0, 7}});
  EXPECT_EQ(hygiene.descriptors_leaked, 0U);
  EXPECT_EQ(hygiene.threads_leaked, 0U);
}

TEST(HygieneTest, LetsConnectionsBeKeptButNotGrowBeyondWhatIsKept) {
  Hygiene hygiene;
  add_leaks(hygiene, {.nodes = {9, 3, 9}}, {.nodes = {9, 20, 9}});
  EXPECT_EQ(hygiene.descriptors_leaked, 0U);
  add_leaks(hygiene, {.nodes = {9, 3, 9}}, {.nodes = {9, 3 + 48 + 2, 9}});
  EXPECT_EQ(hygiene.descriptors_leaked, 2U);
}

TEST(HygieneTest, TellsTheFilesOfTheDatabaseFromOthers) {
  const Holding before = most_held({::getpid()}, "/dev/zero");
  const int descriptor = ::open("/dev/zero", O_RDONLY | O_CLOEXEC);
  const Holding after = most_held({::getpid()}, "/dev/zero");
  ::close(descriptor);
  EXPECT_EQ(after.connections, before.connections + 1);
  EXPECT_EQ(after.descriptors, before.descriptors);
}

TEST(HygieneTest, TakesAConnectionThatWasResetForAConnection) {
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  ASSERT_EQ(::listen(listener, 1), 0);
  sockaddr_in address{};
  socklen_t size = sizeof(address);
  ASSERT_EQ(::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size), 0);
  const Holding before = most_held({::getpid()}, "");
  const int client = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  ASSERT_EQ(::connect(client, reinterpret_cast<const sockaddr*>(&address), size), 0);
  const int server = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
  const linger at_once{1, 0};
  ASSERT_EQ(::setsockopt(server, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once)), 0);
  ::close(server);
  pollfd waited{client, POLLIN, 0};
  ASSERT_EQ(::poll(&waited, 1, 10'000), 1);
  const Holding after = most_held({::getpid()}, "");
  ::close(client);
  ::close(listener);
  EXPECT_EQ(after.connections, before.connections + 1);
  EXPECT_EQ(after.descriptors, before.descriptors);
}

TEST(HygieneTest, ComparesWithTheMostOfSeveralLooks) {
  Census before{.nodes = {12, 3, 9, {{"socket", 3}}}};
  before.raise_to({.nodes = {9, 4, 8, {{"socket", 2}}}});
  Hygiene hygiene;
  add_leaks(hygiene, before, {.nodes = {12, 4, 9, {{"socket", 3}}}});
  EXPECT_EQ(hygiene.descriptors_leaked + hygiene.threads_leaked, 0U) << hygiene.leaked;
}

TEST(HygieneTest, LooksAtTheOneThatHoldsMost) {
  EXPECT_GT(most_held({::getpid(), 1 << 30}, "").descriptors, 2U);
  EXPECT_EQ(most_held({1 << 30}, "").threads, 0U);
}

}  // namespace
}  // namespace errand::torture
