#include <fmt/format.h>
#include <istream>
#include <iterator>
#include <ostream>

#include "base/text.hpp"
#include "base/time_text.hpp"
#include "cli/commands.hpp"
#include "cli/exit_code.hpp"
#include "cli/show.hpp"
#include "jobs/job_json.hpp"
#include "jobs/payload.hpp"

namespace errand::cli {
namespace {

/// One byte more than is allowed, so that more is refused and not cut.
std::string standard_input(std::istream& in) {
  std::string text(payload_bytes_max + 1, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(in.gcount()));
  return text;
}

void print_submitted(const Terminal& terminal, const Job& job) {
  if (terminal.json)
    print_json(terminal, to_json(job));
  else
    terminal.out << fmt::format("job {} ({}) is {}, due {}\n",
                                job.id,
                                escaped(job.type),
                                to_text(job.state),
                                shown_time(job.due));
}

void print_finished(const Terminal& terminal, const Job& job) {
  if (terminal.json) {
    print_json(terminal, to_json(job));
  } else if (job.state == JobState::succeeded) {
    terminal.out << fmt::format("job {} succeeded", job.id);
    if (!job.result.is_null())
      terminal.out << ": "
                   << escaped(job.result.dump(-1, ' ', false, Json::error_handler_t::replace));
    terminal.out << '\n';
  } else {
    terminal.err << fmt::format(
        "errand: job {} {}: {}\n", job.id, to_text(job.state), escaped(shown_error(job)));
  }
}

}  // namespace

int submit(const Terminal& terminal, WorkerManager& manager, const SubmitArguments& arguments) {
  NewJob wanted = arguments.job;
  if (wanted.tag.empty())
    wanted.tag = wanted.type;
  wanted.data =
      parse_payload(arguments.data == "-" ? standard_input(terminal.in) : arguments.data, "data");
  const Job job = manager.submit_job(wanted);
  if (!arguments.wait) {
    print_submitted(terminal, job);
    return exit_done;
  }
  const std::optional<Job> finished = manager.wait_for(job.id, *arguments.wait);
  if (!finished)
    throw Error{ErrorKind::timed_out,
                fmt::format("job {} has not finished within {}; ask again with 'errand job {}'",
                            job.id,
                            duration_text(*arguments.wait),
                            job.id)};
  print_finished(terminal, *finished);
  return finished->state == JobState::succeeded ? exit_done : exit_failed;
}

}  // namespace errand::cli
