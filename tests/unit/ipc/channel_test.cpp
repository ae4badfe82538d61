#include "ipc/channel.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <errand/error.hpp>
#include <thread>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <gmock/gmock.h>

#include "helpers/run_until.hpp"

namespace errand::ipc {
namespace {

using namespace std::chrono_literals;
using errand::testing::run_ready;
using errand::testing::run_until;
using ::testing::HasSubstr;

/// One end of a line, and what it reported.
struct End {
  std::shared_ptr<Channel> channel{};
  std::vector<Message> messages{};
  std::vector<std::string> ends{};

  void open(boost::asio::io_context& context, UniqueFd fd) {
    channel = Channel::open(context,
                            std::move(fd),
                            {[this](Message m) { messages.push_back(std::move(m)); },
                             [this](const std::string& reason) {
                               ends.push_back(reason);
                             }});
  }
};

class ChannelTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto [one, other] = make_socketpair();
    end_.open(context_, std::move(one));
    peer_ = std::move(other);
  }

  void write_raw(std::string_view bytes) const {
    ASSERT_EQ(::send(peer_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(bytes.size()));
  }

  [[nodiscard]] std::string read_raw() const {
    std::string text(1 << 20, '\0');
    const ssize_t size = ::recv(peer_.get(), text.data(), text.size(), MSG_DONTWAIT);
    text.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
    return text;
  }

  std::size_t read_everything() {
    std::size_t total = 0;
    for (;;) {
      run_ready(context_);
      const std::size_t size = read_raw().size();
      if (size == 0)
        return total;
      total += size;
    }
  }

  boost::asio::io_context context_{};
  End end_{};
  UniqueFd peer_{};
};

TEST_F(ChannelTest, CarriesMessagesBothWays) {
  End other;
  other.open(context_, std::move(peer_));
  end_.channel->send(Drain{});
  end_.channel->send(CancelJob{7});
  other.channel->send(Hello{1, "x", 3});
  ASSERT_TRUE(
      run_until(context_, [&] { return other.messages.size() == 2 && end_.messages.size() == 1; }));
  EXPECT_TRUE(std::holds_alternative<Drain>(other.messages[0]));
  EXPECT_EQ(std::get<CancelJob>(other.messages[1]).id, 7);
  EXPECT_EQ(std::get<Hello>(end_.messages[0]).pid, 3);
}

TEST_F(ChannelTest, CarriesAMessageAsLargeAsTheLimit) {
  End other;
  other.open(context_, std::move(peer_));
  end_.channel->send(WorkerError{std::string(line_bytes_max - 100, 'x'), 1});
  ASSERT_TRUE(run_until(context_, [&] { return !other.messages.empty(); }));
  EXPECT_EQ(std::get<WorkerError>(other.messages[0]).error.size(), line_bytes_max - 100);
}

TEST_F(ChannelTest, UnderstandsHalfLinesAndSeveralAtOnce) {
  write_raw("{\"type\":\"wa");
  run_ready(context_);
  EXPECT_TRUE(end_.messages.empty());
  write_raw("ke\"}\n{\"type\":\"drain\"}\n{\"type\":\"unheard-of\"}\n");
  ASSERT_TRUE(run_until(context_, [&] { return end_.messages.size() == 3; }));
  EXPECT_TRUE(std::holds_alternative<Unknown>(end_.messages[2]));
  EXPECT_TRUE(end_.ends.empty());
}

TEST_F(ChannelTest, ReportsThatThePeerClosedOnceAndWithoutAReason) {
  peer_.reset();
  ASSERT_TRUE(run_until(context_, [&] { return !end_.ends.empty(); }));
  run_ready(context_);
  EXPECT_EQ(end_.ends, std::vector<std::string>{""});
}

TEST_F(ChannelTest, ReportsWhatThePeerSaidBeforeItWent) {
  write_raw("{\"type\":\"worker-shutdown\",\"reason\":\"recycled\"}\n{\"type\":");
  peer_.reset();
  end_.channel->send(Wake{});  // fails: nobody reads it
  ASSERT_TRUE(run_until(context_, [&] { return !end_.ends.empty(); }));
  ASSERT_EQ(end_.messages.size(), 1U);
  EXPECT_EQ(end_.ends[0], "");
}

TEST_F(ChannelTest, EndsAtAMalformedLineWithASentence) {
  write_raw("{\"type\":\"wake\"}\nrubbish\n{\"type\":\"wake\"}\n");
  ASSERT_TRUE(run_until(context_, [&] { return !end_.ends.empty(); }));
  run_ready(context_);
  EXPECT_EQ(end_.messages.size(), 1U);
  ASSERT_EQ(end_.ends.size(), 1U);
  EXPECT_THAT(end_.ends[0], HasSubstr("not a JSON object"));
  EXPECT_EQ(::send(peer_.get(), "x", 1, MSG_NOSIGNAL), -1) << "the line should be closed";
}

TEST_F(ChannelTest, EndsAtALineThatNeverEnds) {
  const std::string megabyte(64 * 1024, 'x');
  std::size_t sent = 0;
  ASSERT_TRUE(run_until(context_, [&] {
    const ssize_t size =
        ::send(peer_.get(), megabyte.data(), megabyte.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    sent += size > 0 ? static_cast<std::size_t>(size) : 0;
    return !end_.ends.empty();
  }));
  EXPECT_THAT(end_.ends[0], HasSubstr("longer"));
  EXPECT_LT(sent, 3 * line_bytes_max);
}

TEST_F(ChannelTest, DropsWakesWhenThePeerDoesNotRead) {
  for (int i = 0; i < 200'000; ++i)
    end_.channel->send(Wake{});
  EXPECT_TRUE(end_.ends.empty());
  const std::size_t arrived = read_everything();
  EXPECT_GE(arrived, line_bytes_max);
  EXPECT_LE(arrived, 2 * line_bytes_max);
}

TEST_F(ChannelTest, HasRoomForWhatMattersAfterItBeganToDropWakes) {
  for (int i = 0; i < 100'000; ++i)
    end_.channel->send(Wake{});
  end_.channel->send(Stop{});
  std::string all;
  for (std::string part = "x"; !part.empty(); all += part) {
    run_ready(context_);
    part = read_raw();
  }
  EXPECT_THAT(all, HasSubstr("\"stop\""));
  EXPECT_TRUE(end_.ends.empty());
}

TEST_F(ChannelTest, EndsWhenMoreWaitsThanItMayHold) {
  const WorkerError large{std::string(100'000, 'x'), 1};
  for (int i = 0; i < 100; ++i)
    end_.channel->send(large);
  ASSERT_TRUE(run_until(context_, [&] { return !end_.ends.empty(); }));
  EXPECT_EQ(end_.ends.size(), 1U);
  EXPECT_THAT(end_.ends[0], HasSubstr("does not read"));
}

JobFinished ends_of_jobs(std::size_t bytes) {
  return {{Json{{"result", std::string(bytes, 'x')}}}};
}

TEST_F(ChannelTest, HasNoRoomUntilThePeerReads) {
  EXPECT_TRUE(end_.channel->wait_for_room(0ms));
  while (end_.channel->wait_for_room(0ms)) {
    end_.channel->send(ends_of_jobs(100'000));
    run_ready(context_);
  }
  EXPECT_FALSE(end_.channel->wait_for_room(1ms));
  EXPECT_GT(read_everything(), 0U);
  EXPECT_TRUE(end_.channel->wait_for_room(0ms));
}

TEST_F(ChannelTest, TellsWhoWaitsForRoomWhenThereIsSome) {
  auto work = boost::asio::make_work_guard(context_);
  while (end_.channel->wait_for_room(0ms))
    end_.channel->send(ends_of_jobs(100'000));
  std::thread loop{[this] {
    context_.run();
  }};
  std::thread reader{[this] {
    std::string bytes(1 << 16, '\0');
    while (::recv(peer_.get(), bytes.data(), bytes.size(), 0) > 0)
      continue;
  }};
  EXPECT_TRUE(end_.channel->wait_for_room(20s));
  end_.channel->close();
  reader.join();
  work.reset();
  loop.join();
}

TEST_F(ChannelTest, IsNotWaitedForWhenThePeerReadsNothing) {
  while (end_.channel->wait_for_room(0ms))
    end_.channel->send(ends_of_jobs(100'000));
  const auto began = std::chrono::steady_clock::now();
  while (!end_.channel->wait_for_room(10ms))
    ASSERT_LT(std::chrono::steady_clock::now() - began, 20s);
  EXPECT_GE(std::chrono::steady_clock::now() - began, 800ms);
}

TEST_F(ChannelTest, DropsEndsOfJobsRatherThanEndWhenThePeerDoesNotRead) {
  constexpr std::size_t bytes = 100'000;
  for (int i = 0; i < 500; ++i)
    end_.channel->send(ends_of_jobs(bytes));
  EXPECT_TRUE(end_.ends.empty());
  const std::size_t arrived = read_everything();
  EXPECT_GE(arrived, 8 * line_bytes_max);
  EXPECT_LE(arrived, 9 * line_bytes_max);
  EXPECT_TRUE(end_.ends.empty());
}

TEST_F(ChannelTest, SaysNothingMoreAfterClose) {
  write_raw("{\"type\":\"wake\"}\n");
  end_.channel->close();
  end_.channel->send(Wake{});
  peer_.reset();
  run_ready(context_);
  EXPECT_TRUE(end_.messages.empty());
  EXPECT_TRUE(end_.ends.empty());
}

TEST_F(ChannelTest, ClosesWhenItsOwnerLetsGo) {
  end_.channel.reset();
  run_ready(context_);
  char byte{};
  EXPECT_EQ(::recv(peer_.get(), &byte, 1, 0), 0);
}

TEST_F(ChannelTest, MayBeLetGoInsideItsOwnMessageCallback) {
  auto [one, other] = make_socketpair();
  int messages = 0;
  auto holder = std::make_shared<std::shared_ptr<Channel>>();
  *holder = Channel::open(context_,
                          std::move(one),
                          {[&messages, holder](const Message&) {
                             ++messages;
                             holder->reset();
                           },
                           [](const std::string&) {
                             FAIL() << "on_end after it was let go";
                           }});
  const std::string_view lines = "{\"type\":\"wake\"}\n{\"type\":\"wake\"}\n";
  ASSERT_EQ(::send(other.get(), lines.data(), lines.size(), 0), static_cast<ssize_t>(lines.size()));
  ASSERT_TRUE(run_until(context_, [&] { return messages > 0; }));
  run_ready(context_);
  EXPECT_EQ(messages, 1);
  EXPECT_EQ(holder.use_count(), 1) << "the callbacks should have been let go";
}

TEST_F(ChannelTest, MayBeLetGoInsideItsOwnEndCallback) {
  auto [one, other] = make_socketpair();
  auto holder = std::make_shared<std::shared_ptr<Channel>>();
  bool ended = false;
  *holder = Channel::open(context_, std::move(one), {{}, [&ended, holder](const std::string&) {
                                                       holder->reset();
                                                       ended = true;
                                                     }});
  other.reset();
  ASSERT_TRUE(run_until(context_, [&] { return ended; }));
  run_ready(context_);
  EXPECT_EQ(holder.use_count(), 1);
}

TEST_F(ChannelTest, SendsFromManyThreadsAndFlushes) {
  End other;
  other.open(context_, std::move(peer_));
  auto work = boost::asio::make_work_guard(context_);
  std::thread loop{[this] {
    context_.run();
  }};
  std::vector<std::thread> senders;
  for (int t = 0; t < 4; ++t)
    senders.emplace_back([this, t] {
      for (int i = 0; i < 1000; ++i)
        end_.channel->send(CancelJob{t * 1000 + i + 1});
    });
  for (auto& sender : senders)
    sender.join();
  end_.channel->flush(20s);
  end_.channel->close();
  work.reset();
  loop.join();  // both ends are closed: nothing is left to run
  EXPECT_EQ(other.messages.size(), 4000U);
}

TEST_F(ChannelTest, GivesUpFlushingWhenThePeerDoesNotRead) {
  auto work = boost::asio::make_work_guard(context_);
  std::thread loop{[this] {
    context_.run();
  }};
  for (int i = 0; i < 10; ++i)
    end_.channel->send(WorkerError{std::string(100'000, 'x'), 1});
  const auto began = std::chrono::steady_clock::now();
  end_.channel->flush(50ms);
  EXPECT_GE(std::chrono::steady_clock::now() - began, 50ms);
  end_.channel->close();
  work.reset();
  loop.join();
}

TEST_F(ChannelTest, RefusesADescriptorThatIsNoSocket) {
  try {
    static_cast<void>(Channel::open(context_, UniqueFd{9999}, {}));
    FAIL() << "it was accepted";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::unavailable);
    EXPECT_THAT(error.what(), HasSubstr("9999"));
  }
}

TEST_F(ChannelTest, KeepsItsDescriptorsFromProgramsThatAreStarted) {
  const auto [one, other] = make_socketpair();
  EXPECT_NE(::fcntl(one.get(), F_GETFD) & FD_CLOEXEC, 0);
  EXPECT_NE(::fcntl(other.get(), F_GETFD) & FD_CLOEXEC, 0);
}

}  // namespace
}  // namespace errand::ipc
