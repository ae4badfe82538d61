#include "harm.hpp"

namespace errand::torture {
namespace {

class TroubleNetwork final : public LastingHarm {
 public:
  TroubleNetwork(FaultKind kind, const Ground& ground) : LastingHarm{kind, ground}, kind_{kind} {}

 private:
  bool begin(std::mt19937_64& random) override {
    TcpProxy& proxy = *ground().proxy;
    if (kind_ == FaultKind::stall_network) {
      proxy.stall(true);
    } else if (kind_ == FaultKind::cut_network) {
      constexpr std::size_t most = 4'096;
      proxy.cut_after(std::uniform_int_distribution<std::size_t>{0, most}(random));
    } else {
      constexpr int longest_ms = 100;
      proxy.delay(std::chrono::milliseconds{std::uniform_int_distribution{1, longest_ms}(random)});
    }
    return true;
  }

  /// Only its own: another kind may be at work.
  void end() override {
    if (kind_ == FaultKind::stall_network)
      ground().proxy->stall(false);
    else if (kind_ == FaultKind::cut_network)
      ground().proxy->cut_after(std::nullopt);
    else
      ground().proxy->delay({});
  }

  FaultKind kind_;
};

class ResetNetwork final : public Harm {
 public:
  explicit ResetNetwork(const Ground& ground) : ground_{ground} {}

  std::int64_t strike(std::mt19937_64& /*random*/) override {
    const std::int64_t begin = now_us();
    ground_.proxy->reset_all();
    ground_.history.write(line_of({FaultKind::reset_network, 0, 0, begin, now_us()}));
    return 0;
  }

 private:
  const Ground& ground_;
};

}  // namespace

std::unique_ptr<Harm> make_network_harm(FaultKind kind, const Ground& ground) {
  if (ground.proxy == nullptr)
    return nullptr;
  switch (kind) {
    case FaultKind::stall_network:
    case FaultKind::cut_network:
    case FaultKind::delay_network:
      return std::make_unique<TroubleNetwork>(kind, ground);
    case FaultKind::reset_network:
      return std::make_unique<ResetNetwork>(ground);
    default:
      return nullptr;
  }
}

}  // namespace errand::torture
