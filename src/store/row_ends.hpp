#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "store/database.hpp"
#include "store/job_store.hpp"

namespace errand::sql {

[[nodiscard]] bool has_followers(const Transition& transition);

/// Held, and one write makes it finished.
[[nodiscard]] bool ends_at_once(const Completion& completion);

/// The completions of one open transaction, and what is known of them.
struct Recorded {
  Connection& connection;
  TimePoint now{};
  const RetentionDefaults& retention;
  std::span<const Completion> completions{};
  std::vector<bool>& recorded;  ///< one for each completion

  [[nodiscard]] std::vector<std::size_t> open_among(std::span<const std::size_t> indexes) const;
};

/// Writes the ends of rows, in the four ways that a database may have: by ranges of ids, by sets of
/// ids, many in a statement, one by one. Each end is fenced; what was written is noted in
/// `recorded`. `indexes` are of completions, in the order of the jobs' ids.
class RowEnds {
 public:
  explicit RowEnds(const Recorded& of);

  /// Where consecutive rows go by ranges. Returns the others.
  std::vector<std::size_t> write_runs(std::span<const std::size_t> indexes,
                                      Query query,
                                      std::size_t run_min);
  /// Where many rows end alike, by the set of their ids. Returns the others.
  std::vector<std::size_t> write_sets(std::span<const std::size_t> indexes,
                                      Query query,
                                      std::size_t set_min);
  /// A statement that did not end all its rows notes none of them.
  void write_many(std::span<const std::size_t> indexes, Query query);
  void write_singly(std::span<const std::size_t> indexes);

 private:
  using Alike = std::span<const std::size_t>;

  void write_alike(Query query,
                   std::span<const Alike> all,
                   const std::function<void(std::size_t, Parameters&)>& bind);
  [[nodiscard]] std::string ids_of(Alike alike) const;
  /// What all have in common, and the first one's id. Returns the next parameter's number.
  int bind_alike(Alike alike, Parameters& parameters) const;
  void bind_all(std::span<const std::size_t> indexes, Parameters& parameters) const;
  /// What a held row's end says of its claim. Returns the next parameter's number.
  int bind_claim(std::size_t index, Parameters& parameters, int next) const;
  void bind_end(std::size_t index, Parameters& parameters, int first) const;
  void note_all(std::span<const std::size_t> indexes);

  const Recorded& of_;
  std::vector<std::string> progress_{};  ///< as the rows have it; empty where nobody told any
};

}  // namespace errand::sql
