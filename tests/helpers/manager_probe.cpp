// A manager of three workers, to be killed: says their pids on its standard output, one a line.

#include <cstdio>

#include <boost/asio/io_context.hpp>

#include "base/system_clock.hpp"
#include "manager/supervisor.hpp"

int main(int argc, char** argv) {
  using namespace errand;
  boost::asio::io_context context{1};
  SupervisorOptions options;
  options.worker_count = 3;
  options.arguments.assign(argv + 1, argv + argc);
  SupervisorCallbacks callbacks;
  callbacks.on_ready = [](int, std::int64_t, int pid) {
    std::printf("%d\n", pid);
    std::fflush(stdout);
  };
  const auto supervisor =
      Supervisor::create(context, std::make_shared<SystemClock>(), Log{}, options, callbacks);
  supervisor->start();
  context.run();
}
