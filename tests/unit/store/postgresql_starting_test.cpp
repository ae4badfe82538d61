// Servers that are starting, or have just started.

#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <arpa/inet.h>
#include <array>
#include <fstream>
#include <future>
#include <netinet/in.h>
#include <thread>

#include <gmock/gmock.h>
#include <libpq-fe.h>

#include "helpers/error_of.hpp"
#include "helpers/postgres_cluster.hpp"
#include "store/postgresql/postgres_connection.hpp"
#include "store/sql_store.hpp"

namespace errand::sql {
namespace {

using errand::testing::error_of;
using errand::testing::PostgresCluster;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

/// A message of the server: its kind, its length with the four bytes of the length, its content.
std::string message_of(char kind, const std::string& content) {
  const auto size = htonl(static_cast<std::uint32_t>(content.size() + sizeof(std::uint32_t)));
  std::string text{kind};
  text.append(reinterpret_cast<const char*>(&size), sizeof(size));
  return text + content;
}

std::string refusal(const std::string& sqlstate, const std::string& text) {
  std::string content;
  for (const auto& field : {"SFATAL", "VFATAL"})
    content += std::string{field} + '\0';
  return message_of('E', content + 'C' + sqlstate + '\0' + 'M' + text + '\0' + '\0');
}

/// Asks for a password in plain text: whoever only wants to know whether a server takes sessions
/// knows it by then.
std::string question_for_a_password() {
  return message_of('R', {"\0\0\0\3", 4});
}

/// Answers its connections, one after the other, with one message each.
class ScriptedServer {
 public:
  explicit ScriptedServer(std::vector<std::string> answers) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    auto* const where = reinterpret_cast<sockaddr*>(&address);
    if (::bind(socket_, where, size) != 0 || ::listen(socket_, 8) != 0 ||
        ::getsockname(socket_, where, &size) != 0)
      throw std::runtime_error{"cannot listen"};
    port_ = ntohs(address.sin_port);
    thread_ = std::jthread{[this, answers = std::move(answers)] {
      answer(answers);
    }};
  }

  ~ScriptedServer() {
    ::shutdown(socket_, SHUT_RDWR);
    thread_.join();
    ::close(socket_);
  }

  ScriptedServer(const ScriptedServer&) = delete;
  ScriptedServer& operator=(const ScriptedServer&) = delete;

  [[nodiscard]] std::string url() const {
    return "postgresql://errand@127.0.0.1:" + std::to_string(port_) +
           "/jobs?sslmode=disable&gssencmode=disable";
  }

 private:
  void answer(const std::vector<std::string>& answers) const {
    for (const std::string& text : answers) {
      const int client = ::accept4(socket_, nullptr, nullptr, SOCK_CLOEXEC);
      if (client < 0)
        return;
      std::array<char, 1024> question{};
      static_cast<void>(::recv(client, question.data(), question.size(), 0));
      static_cast<void>(::send(client, text.data(), text.size(), MSG_NOSIGNAL));
      ::close(client);
    }
  }

  int socket_{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  int port_{0};
  std::jthread thread_{};
};

const std::string starting = refusal("57P03", "the database system is starting up");

Error error_of_connecting_to(const ScriptedServer& server) {
  return error_of([&] {
    const PostgresConnection connection{std::make_shared<PostgresServer>(server.url(), nullptr)};
  });
}

TEST(PostgresStarting, IsToldFromBeingRefused) {
  const ScriptedServer server{{starting, starting}};
  EXPECT_THAT(error_of_connecting_to(server).what(),
              HasSubstr("starting up; wait until it has started"));
}

TEST(PostgresStarting, MayBeOverWhenTheServerIsAskedWhetherItIs) {
  const ScriptedServer server{
      {starting, question_for_a_password(), refusal("3D000", "there is no such database")}};
  const auto error = error_of_connecting_to(server);
  EXPECT_EQ(error.kind(), ErrorKind::unavailable);
  EXPECT_THAT(error.what(),
              AllOf(HasSubstr("there is no such database; the server must run"),
                    Not(HasSubstr("starting"))));
}

TEST(PostgresStarting, IsWaitedForByWhoeverStartsWithTheServer) {
  PostgresCluster cluster{{"restore_command = 'sleep 0.5; false'", "hot_standby = off"}};
  cluster.stop(SIGINT);
  const std::string signal = cluster.folder() / "data" / "recovery.signal";
  std::ofstream{signal};
  const auto account = errand::testing::server_account();
  ASSERT_EQ(::chown(signal.c_str(), account.user, account.group), 0);
  const auto store = open_store({.database_url = cluster.url()});
  auto waited = std::async(std::launch::async, [&] {
    while (PQping(cluster.url().c_str()) == PQPING_NO_RESPONSE)
      std::this_thread::yield();
    const auto error = error_of([&] { store->reader().ping(); });
    EXPECT_EQ(error.kind(), ErrorKind::unavailable);
    EXPECT_THAT(error.what(), HasSubstr("wait until it has started"));
    std::vector<std::string> reasons;
    EXPECT_FALSE(store->migrate([&](const std::string& why) { reasons.push_back(why); }).empty());
    return reasons;
  });
  cluster.start();
  EXPECT_THAT(waited.get(), ElementsAre(HasSubstr("wait until it has started"))) << "told once";
  EXPECT_TRUE(store->pending_migrations().empty());
}

}  // namespace
}  // namespace errand::sql
