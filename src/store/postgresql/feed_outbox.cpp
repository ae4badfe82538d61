#include "store/postgresql/feed_outbox.hpp"

namespace errand::sql {
namespace {

/// Twice says no more than once.
bool says_it_all(const std::string& event) {
  return event == R"({"type":"wake"})" || event == R"({"type":"job-finished"})";
}

}  // namespace

bool FeedOutbox::push(const nlohmann::json& event) {
  std::string text = feed_text(event);
  if (text.size() > feed_event_bytes_max) {
    ++dropped_;
    return false;
  }
  if (says_it_all(text) && !waiting_hints_.insert(text).second)
    return true;
  bytes_ += text.size();
  events_.push_back(std::move(text));
  while (bytes_ > feed_outbox_bytes_max) {
    bytes_ -= events_.front().size();
    waiting_hints_.erase(events_.front());
    events_.pop_front();
    ++dropped_;
  }
  return true;
}

std::optional<SteadyPoint> FeedOutbox::due() const {
  return empty() ? std::nullopt : std::optional{next_sending_};
}

std::vector<std::string> FeedOutbox::take(SteadyPoint now) {
  std::vector<std::string> payloads;
  if (empty() || now < next_sending_)
    return payloads;
  if (packed_.empty()) {
    const std::vector<std::string> events{events_.begin(), events_.end()};
    events_.clear();
    waiting_hints_.clear();
    bytes_ = 0;
    for (std::string& payload : pack_feed(from_, events, next_number_))
      packed_.push_back(std::move(payload));
  }
  while (!packed_.empty() && payloads.size() < feed_payloads_per_sending) {
    payloads.push_back(std::move(packed_.front()));
    packed_.pop_front();
  }
  next_sending_ = now + feed_sending_gap;
  return payloads;
}

}  // namespace errand::sql
