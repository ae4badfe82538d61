#pragma once

#include <errand/clock.hpp>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

namespace errand::sql {

/// PostgreSQL refuses a NOTIFY of 8,000 bytes.
inline constexpr std::size_t feed_payload_bytes_max = 7'900;
inline constexpr std::size_t feed_event_bytes_max = 1 << 20;
inline constexpr std::chrono::seconds feed_part_patience{10};

/// A piece of an event that is too large for one payload.
struct FeedPart {
  std::uint64_t event{0};  ///< numbered by its sender
  std::size_t number{0};   ///< from 0
  std::size_t count{1};
  std::string text{};
};

/// What one payload says. One without `from` is a bare event, by a hand that knows no envelope.
struct FeedPayload {
  std::string from{};
  std::vector<nlohmann::json> events{};
  std::optional<FeedPart> part{};
  std::optional<std::int64_t> ping{};
};

/// An event as it travels: ASCII, so that any encoding of the database can carry it.
[[nodiscard]] std::string feed_text(const nlohmann::json& event);

/// Events, as `feed_text` made them, in as few payloads as hold them; their order is kept. Numbers
/// those that it cuts from `next_number` on.
[[nodiscard]] std::vector<std::string> pack_feed(const std::string& from,
                                                 std::span<const std::string> events,
                                                 std::uint64_t& next_number);

[[nodiscard]] std::string feed_ping(const std::string& from, std::int64_t number);

/// Nothing for what no errand wrote.
[[nodiscard]] std::optional<FeedPayload> read_feed(std::string_view payload);

/// Puts events together whose parts arrive in any order, mixed with those of other senders.
class FeedJoiner {
 public:
  /// The event, once its last part is there. Parts that wait for others longer than 10 s are
  /// forgotten, and so are the oldest beyond 16 events.
  [[nodiscard]] std::optional<nlohmann::json> add(const std::string& from,
                                                  FeedPart part,
                                                  SteadyPoint now);

  [[nodiscard]] std::size_t waiting() const noexcept { return incomplete_.size(); }

 private:
  struct Incomplete {
    SteadyPoint since{};
    std::size_t bytes{0};
    std::size_t missing{0};
    std::vector<std::optional<std::string>> texts{};
  };

  using Key = std::pair<std::string, std::uint64_t>;

  void forget_old(SteadyPoint now);

  std::map<Key, Incomplete> incomplete_{};
};

}  // namespace errand::sql
