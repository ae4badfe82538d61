#pragma once

#include <mutex>

#include "worker/job_runner.hpp"

namespace errand {

/// The JobContext of one run. What a handler does not ask for is not built.
class RunContext final : public JobContext {
 public:
  RunContext(ActiveRun& run, const RunTools& tools) : run_{run}, tools_{tools} {}

  [[nodiscard]] const Job& job() const override;

  [[nodiscard]] std::string_view data_text() const override { return run_.job().data; }

  [[nodiscard]] ServerApp& app() override { return tools_.app; }

  [[nodiscard]] const Log& log() const override;
  void progress(double done, std::string_view note) override;

  [[nodiscard]] std::stop_token stop_token() const override { return run_.stop_token(); }

  void throw_if_cancelled() override;
  void with_transaction(const std::function<void(Transaction&)>& work) override;
  void complete_in(Transaction& tx, const Json& result) override;

 private:
  ActiveRun& run_;
  const RunTools& tools_;
  mutable std::mutex mutex_{};
  mutable std::optional<Job> job_{};
  mutable std::optional<Log> log_{};
};

}  // namespace errand
