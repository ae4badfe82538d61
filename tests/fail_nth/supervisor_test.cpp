// A manager whose calls fail while it starts, serves and stops a worker: it has one in the end, and
// leaves none behind.

#include <cerrno>

#include "fail_nth/failing_calls.hpp"
#include "integration/supervised.hpp"

namespace errand::testing {
namespace {

using namespace std::chrono_literals;

class FailingManager : public Supervised {
 protected:
  /// Whether the Nth call was reached while a worker was started and spoken to.
  bool run(KernelCall call, int nth, int error, bool lasts) {
    FailingCalls::arm(call, nth, error, lasts);
    start({"serve"});
    speak([] { return FailingCalls::failures() > 1; });
    const bool hit = FailingCalls::disarm() > 0;
    speak([] { return false; });
    EXPECT_FALSE(messages_.empty()) << log_->all();
    EXPECT_TRUE(until_stopped(5s));
    supervisor_.reset();
    return hit;
  }

  /// Until the worker has answered, whichever it is by then.
  template <typename Condition>
  void speak(Condition or_else) {
    readies_.clear();
    messages_.clear();
    std::size_t asked = 0;
    EXPECT_TRUE(until([&] {
      for (; asked < readies_.size(); ++asked)
        supervisor_->cancel_job(readies_[asked].process, 4711);
      if (readies_.empty() && supervisor_->status().at(0).state == "ready") {
        const SlotStatus slot = supervisor_->status().at(0);
        readies_.push_back({slot.slot, slot.process, slot.pid});
      }
      return !messages_.empty() || or_else();
    })) << log_->all();
  }

  void run_all(KernelCall call, int error) {
    for (const bool lasts : {false, true}) {
      int nth = 1;
      while (run(call, nth, error, lasts)) {
        ASSERT_FALSE(HasFailure()) << "call " << nth << (lasts ? " and all later ones" : "");
        ASSERT_LT(++nth, 20);
      }
      EXPECT_GT(nth, 1);
    }
  }
};

TEST_F(FailingManager, StartsItsWorkerOnceItCan) {
  run_all(KernelCall::spawn, EAGAIN);
  run_all(KernelCall::socketpair, EMFILE);
}

TEST_F(FailingManager, ReplacesAWorkerThatItCannotHear) {
  run_all(KernelCall::receive, EIO);
}

TEST_F(FailingManager, ReplacesAWorkerThatItCannotTalkTo) {
  run_all(KernelCall::send, ENOBUFS);
}

TEST_F(FailingManager, ReadsOnAfterHalfAMessage) {
  run_all(KernelCall::receive, FailingCalls::cut_short);
}

}  // namespace
}  // namespace errand::testing
