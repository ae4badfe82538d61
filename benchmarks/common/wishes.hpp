#pragma once

#include <string>

namespace errand::bench {

/// What the command line of a benchmark asks for. All programs have the same options, so that one
/// runner can play them in turn.
struct Wishes {
  std::string only{};      ///< "drain", or "growth" for all of "growth.…"; empty = all
  std::string database{};  ///< empty = a new SQLite file
  int jobs{100'000};
  int workers{2};
  int clients{0};  ///< who submit at once; 0 = what the scenario is known for
  int batch{1000};
  int payload{100};  ///< bytes of JSON of a job
  int kinds{1};      ///< the limit's: jobs alternate between so many, drained one after the other
  int runs{1};
  int samples{2000};
  int rows{1'000'000};  ///< what a table has grown to
  double seconds{2};    ///< how long a scenario goes on that has no end of its own
  bool json{false};

  [[nodiscard]] bool include(const std::string& scenario) const;
};

/// Ends the program for `--help` and for what it does not know.
[[nodiscard]] Wishes read_wishes(const std::string& program, int argc, char** argv);

}  // namespace errand::bench
