#include "cli/exit_code.hpp"

namespace errand::cli {

int exit_code_for(const Error& error, Stage stage) {
  switch (error.kind()) {
    case ErrorKind::unavailable:
      return exit_unavailable;
    case ErrorKind::invalid:
      // A field is what the command line said; without one it is what the program was set up with.
      return stage == Stage::command && !error.field().empty() ? exit_usage : exit_configuration;
    case ErrorKind::not_found:
    case ErrorKind::conflict:
    case ErrorKind::timed_out:
    case ErrorKind::cancelled:
    case ErrorKind::bug:
      break;
  }
  return exit_failed;
}

}  // namespace errand::cli
