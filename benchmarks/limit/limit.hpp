#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "common/payload.hpp"
#include "common/report.hpp"
#include "common/wishes.hpp"

namespace errand::bench {

/// The limit: what a database does in a second when nothing but the SQL that the work cannot do
/// without is sent to it, from the fewest round trips, on the columns of the seed's table. One
/// implementation for each database; errand is measured against them.
class Limit {
 public:
  Limit() = default;
  Limit(const Limit&) = delete;
  Limit& operator=(const Limit&) = delete;
  virtual ~Limit() = default;

  /// The plain way, or with everything that is known to help.
  enum class Way { plain, best };

  /// The JSON of every job.
  [[nodiscard]] const std::string& payload() const { return payload_; }

  void set_payload(int bytes) { payload_ = R"({"customField":")" + filling_of(bytes) + R"("})"; }

  /// An empty table.
  virtual void begin(Way way) = 0;

  /// `count` jobs that are due, in one transaction. Returns the seconds.
  virtual double insert(int count) = 0;

  /// Of each so many consecutive jobs every one is due at another time, and those that are due one
  /// after the other are not neighbours: ids of what is taken together lie as far apart as among
  /// queues and priorities.
  virtual void spread(int kinds) = 0;

  /// Has no divisor but 1 in common with any number of kinds that it is used for.
  static constexpr int kind_step = 7919;

  /// The same as fast as the database takes rows by any way at all.
  virtual double copy(int count) = 0;

  /// Jobs one at a time, each durable, by as many clients at once. Returns the jobs of a second.
  virtual double insert_one_by_one(int clients, double seconds) = 0;

  /// Takes and finishes all jobs there are: two transactions for a batch, or, the best way, one
  /// that finishes a batch and takes the next. Returns the seconds from when all processes are
  /// ready.
  virtual double drain(Way way, int workers, int batch) = 0;

  /// CPU time used so far, in nanoseconds: by this program with its processes, by the server.
  [[nodiscard]] virtual std::int64_t own_cpu() const = 0;
  [[nodiscard]] virtual std::int64_t server_cpu() const = 0;

 private:
  std::string payload_{};
};

/// The jobs of a second that so many clients submit at once: `submit` counts one client's until the
/// time is over.
[[nodiscard]] double rate_of(int clients, const std::function<void(int& count)>& submit);

/// What the limit keeps of its speed when the same grows as in errand's scenarios of these names.
[[nodiscard]] std::vector<std::string> names_of_growth();
[[nodiscard]] Report measure_growth(const std::string& name, Limit& limit, const Wishes& wishes);

/// Plays the wished scenarios and prints what they measure.
void measure_limit(Limit& limit, const Wishes& wishes);

}  // namespace errand::bench
