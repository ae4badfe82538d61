// A library that is loaded into a program before its own: the first worker that the program starts
// meets what ERRAND_FAIL says, "send|receive NTH ERROR LASTS FILE". The file then exists.
#include <fcntl.h>
#include <unistd.h>

#include <cstdlib>
#include <sstream>
#include <string>

#include "fail_nth/failing_calls.hpp"

namespace {

struct Preload {
  Preload() {
    const char* asked = std::getenv("ERRAND_FAIL");
    if (asked == nullptr || std::getenv("WORKER_ID") == nullptr)
      return;
    std::string call;
    std::string file;
    int nth = 0;
    int error = 0;
    bool lasts = false;
    std::istringstream{asked} >> call >> nth >> error >> lasts >> file;
    const int fd = ::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
      return;  // another worker, or a later life of this one
    ::close(fd);
    using errand::testing::KernelCall;
    errand::testing::FailingCalls::arm(
        call == "send" ? KernelCall::send : KernelCall::receive, nth, error, lasts);
  }
};

const Preload preload;

}  // namespace
