// Every read and every write on a line fails, or brings only a byte.

#include "ipc/channel.hpp"

#include <cerrno>

#include <boost/asio/io_context.hpp>
#include <gmock/gmock.h>

#include "fail_nth/failing_calls.hpp"
#include "helpers/run_until.hpp"

namespace errand::testing {
namespace {

struct Failure {
  std::string name{};
  KernelCall call{};
  int error{0};
};

std::ostream& operator<<(std::ostream& out, const Failure& failure) {
  return out << failure.name;
}

/// Two ends on one event loop that send each other numbers.
class FailingLine : public ::testing::TestWithParam<Failure> {
 protected:
  struct End {
    std::shared_ptr<ipc::Channel> channel{};
    std::vector<JobId> received{};
    std::vector<std::string> ends{};
  };

  void connect() {
    one_ = {};
    other_ = {};
    auto [first, second] = ipc::make_socketpair();
    open(one_, std::move(first));
    open(other_, std::move(second));
    run_ready(context_);
  }

  void open(End& end, UniqueFd fd) {
    end.channel =
        ipc::Channel::open(context_,
                           std::move(fd),
                           {[&end](const ipc::Message& message) {
                              end.received.push_back(std::get<ipc::CancelJob>(message).id);
                            },
                            [&end](const std::string& reason) {
                              end.ends.push_back(reason);
                            }});
  }

  void talk() {
    for (JobId number = 1; std::cmp_less_equal(number, numbers); ++number) {
      one_.channel->send(ipc::CancelJob{number});
      other_.channel->send(ipc::CancelJob{number});
      run_ready(context_);
    }
  }

  [[nodiscard]] bool arrived_or_ended(const End& end) const {
    return end.received.size() == numbers || !end.ends.empty();
  }

  static bool is_prefix(const std::vector<JobId>& received) {
    for (std::size_t index = 0; index < received.size(); ++index)
      if (received[index] != static_cast<JobId>(index) + 1)
        return false;
    return true;
  }

  /// Whether the Nth call was reached.
  bool run(int nth, bool lasts) {
    connect();
    FailingCalls::arm(GetParam().call, nth, GetParam().error, lasts);
    talk();
    const bool both =
        run_until(context_, [&] { return arrived_or_ended(one_) && arrived_or_ended(other_); });
    const bool hit = FailingCalls::disarm() > 0;
    EXPECT_TRUE(both) << "a line stands still";
    for (const End* end : {&one_, &other_}) {
      EXPECT_TRUE(is_prefix(end->received)) << "a message is lost, doubled or torn";
      EXPECT_LE(end->ends.size(), 1U);
    }
    if (!hit || GetParam().error == FailingCalls::cut_short || GetParam().error == EINTR) {
      EXPECT_TRUE(one_.ends.empty() && other_.ends.empty());
    }
    return hit;
  }

  static constexpr std::size_t numbers = 5;
  boost::asio::io_context context_{1};
  End one_{};
  End other_{};
};

TEST_P(FailingLine, EndsOrLosesNothing) {
  for (const bool lasts : {false, true}) {
    if (lasts && GetParam().error == EINTR)
      continue;  // the kernel interrupts, but not for ever
    int nth = 1;
    while (run(nth, lasts)) {
      ASSERT_FALSE(HasFailure()) << "call " << nth << (lasts ? " and all later ones" : "");
      ASSERT_LT(++nth, 200);
    }
    EXPECT_GE(nth, static_cast<int>(numbers));
  }
}

INSTANTIATE_TEST_SUITE_P(
    FailNth,
    FailingLine,
    ::testing::Values(Failure{"WriteCutShort", KernelCall::send, FailingCalls::cut_short},
                      Failure{"WriteInterrupted", KernelCall::send, EINTR},
                      Failure{"WriteReset", KernelCall::send, ECONNRESET},
                      Failure{"WriteToNobody", KernelCall::send, EPIPE},
                      Failure{"WriteWithoutBuffers", KernelCall::send, ENOBUFS},
                      Failure{"ReadCutShort", KernelCall::receive, FailingCalls::cut_short},
                      Failure{"ReadInterrupted", KernelCall::receive, EINTR},
                      Failure{"ReadReset", KernelCall::receive, ECONNRESET},
                      Failure{"ReadBroken", KernelCall::receive, EIO}),
    [](const auto& tested) { return tested.param.name; });

}  // namespace
}  // namespace errand::testing
