#pragma once

#include <errand/error.hpp>
#include <vector>

#include "store/prepared_parts.hpp"

namespace errand::testing {

/// Parts as a test lists them; what asks for one that `refuses` is thrown an `Error{not_found}`.
class ListedParts final : public PreparedParts {
 public:
  explicit ListedParts(std::vector<std::vector<PreparedJob>> parts) : parts_{std::move(parts)} {}

  void refuse_at(std::size_t part) { refused_ = part; }

  std::span<const PreparedJob> next() override {
    if (refused_ == next_)
      throw Error{ErrorKind::not_found, "there is no such job type, as the test asked", "type"};
    if (next_ == parts_.size())
      return {};
    return parts_[next_++];
  }

  void rewind() override { next_ = 0; }

 private:
  std::vector<std::vector<PreparedJob>> parts_;
  std::size_t next_{0};
  std::size_t refused_{static_cast<std::size_t>(-1)};
};

}  // namespace errand::testing
