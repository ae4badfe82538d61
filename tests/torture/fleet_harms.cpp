#include <signal.h>

#include "harm.hpp"

namespace errand::torture {
namespace {

struct Victim {
  std::size_t node{0};
  pid_t worker{0};
};

std::optional<Victim> any_worker(const Ground& ground, std::mt19937_64& random) {
  const auto node = ground.fleet.any_lively_node(random());
  const auto worker = node ? ground.fleet.any_worker(*node, random()) : std::nullopt;
  return worker ? std::optional{Victim{*node, *worker}} : std::nullopt;
}

void note(const Ground& ground, FaultKind kind, const Victim& victim, std::int64_t begin) {
  ground.history.write(
      line_of({kind, ground.fleet.main_process(victim.node), victim.worker, begin, now_us()}));
}

class KillWorker final : public Harm {
 public:
  explicit KillWorker(const Ground& ground) : ground_{ground} {}

  std::int64_t strike(std::mt19937_64& random) override {
    const std::int64_t begin = now_us();
    if (const auto victim = any_worker(ground_, random)) {
      ::kill(victim->worker, SIGKILL);
      note(ground_, FaultKind::kill_worker, *victim, begin);
    }
    return 0;
  }

 private:
  const Ground& ground_;
};

class TakeWorker final : public Harm {
 public:
  explicit TakeWorker(const Ground& ground) : ground_{ground} {}

  std::int64_t strike(std::mt19937_64& random) override {
    const std::int64_t begin = now_us();
    const auto victim = any_worker(ground_, random);
    if (victim && ground_.take_for_dead(victim->worker))
      note(ground_, FaultKind::take_worker, *victim, begin);
    return 0;
  }

 private:
  const Ground& ground_;
};

class KillNode final : public Harm {
 public:
  explicit KillNode(const Ground& ground) : ground_{ground} {}

  std::int64_t strike(std::mt19937_64& random) override {
    if (const auto node = ground_.fleet.any_lively_node(random()))
      ground_.fleet.replace_by_kill(*node);
    return 0;
  }

 private:
  const Ground& ground_;
};

class FreezeNode final : public Harm {
 public:
  explicit FreezeNode(const Ground& ground) : ground_{ground} {}

  std::int64_t strike(std::mt19937_64& random) override {
    node_ = ground_.fleet.any_lively_node(random());
    if (!node_)
      return 0;
    ground_.fleet.freeze(*node_);
    return ground_.freeze_for_us;
  }

  void relieve() override { ground_.fleet.thaw(*node_); }

 private:
  const Ground& ground_;
  std::optional<std::size_t> node_{};
};

}  // namespace

std::unique_ptr<Harm> make_fleet_harm(FaultKind kind, const Ground& ground) {
  switch (kind) {
    case FaultKind::kill_worker:
      return std::make_unique<KillWorker>(ground);
    case FaultKind::take_worker:
      return std::make_unique<TakeWorker>(ground);
    case FaultKind::kill_node:
      return std::make_unique<KillNode>(ground);
    case FaultKind::freeze_node:
      return std::make_unique<FreezeNode>(ground);
    default:
      return nullptr;
  }
}

}  // namespace errand::torture
