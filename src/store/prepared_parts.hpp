#pragma once

#include <span>

#include "jobs/prepared_job.hpp"

namespace errand {

/// Many submissions, a part at a time. For one thread at a time.
class PreparedParts {
 public:
  PreparedParts() = default;
  PreparedParts(const PreparedParts&) = delete;
  PreparedParts& operator=(const PreparedParts&) = delete;
  virtual ~PreparedParts() = default;

  /// The next part, which lives until the next call of either; empty at the end. Throws what
  /// refuses one of its jobs.
  virtual std::span<const PreparedJob> next() = 0;

  /// From the first part again: the transaction that stores them may be tried once more.
  virtual void rewind() = 0;
};

}  // namespace errand
