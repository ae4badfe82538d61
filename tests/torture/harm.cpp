#include "harm.hpp"

#include <fmt/format.h>

namespace errand::torture {

std::unique_ptr<Harm> make_harm(FaultKind kind, const Ground& ground) {
  for (const auto make :
       {make_fleet_harm, make_crash_harm, make_session_harm, make_network_harm, make_machine_harm})
    if (auto harm = make(kind, ground))
      return harm;
  throw Error{
      ErrorKind::invalid,
      fmt::format(
          "--{}-every cannot be done on {}; leave it out", name_of(kind), ground.database_url)};
}

std::int64_t LastingHarm::strike(std::mt19937_64& random) {
  const std::int64_t now = now_us();
  try {
    if (!begin(random))
      return 0;
  } catch (const Error&) {
    end();  // the database is away by our own doing
    return 0;
  }
  began_ = now;
  return ground_.hold_for_us;
}

void LastingHarm::relieve() {
  end();
  ground_.history.write(line_of({kind_, node_, worker_, began_, now_us()}));
}

}  // namespace errand::torture
