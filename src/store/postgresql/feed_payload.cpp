#include "store/postgresql/feed_payload.hpp"

#include <algorithm>

namespace errand::sql {
namespace {

using Json = nlohmann::json;

constexpr int depth_max = 64;
constexpr std::size_t incomplete_max = 16;
constexpr std::size_t parts_max = feed_event_bytes_max / 1024;

std::string envelope_start(const std::string& from) {
  return R"({"from":")" + from + R"(","events":[)";
}

/// Room for the part's text, whatever its numbers are.
std::size_t part_room(const std::string& from) {
  constexpr std::size_t numbers_and_names = 120;
  return feed_payload_bytes_max - from.size() - numbers_and_names;
}

/// The text is ASCII JSON: inside a string only quotes and backslashes take two bytes.
std::vector<std::string_view> cut(std::string_view text, std::size_t room) {
  std::vector<std::string_view> pieces;
  std::size_t begin = 0;
  std::size_t used = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const std::size_t cost = text[at] == '"' || text[at] == '\\' ? 2 : 1;
    if (used + cost > room) {
      pieces.push_back(text.substr(begin, at - begin));
      begin = at;
      used = 0;
    }
    used += cost;
  }
  pieces.push_back(text.substr(begin));
  return pieces;
}

void add_parts(std::vector<std::string>& payloads,
               const std::string& from,
               std::string_view event,
               std::uint64_t number) {
  const std::vector<std::string_view> pieces = cut(event, part_room(from));
  for (std::size_t each = 0; each < pieces.size(); ++each) {
    const Json part = {
        {"event", number}, {"number", each}, {"of", pieces.size()}, {"text", pieces[each]}};
    payloads.push_back(Json{{"from", from}, {"part", part}}.dump());
  }
}

/// Deeper values than any event of ours has are left out, so that nothing recurses far.
Json parse(std::string_view text) {
  const auto shallow = [](int depth, Json::parse_event_t, Json&) {
    return depth <= depth_max;
  };
  return Json::parse(text, shallow, false);
}

bool is_event(const Json& value) {
  return value.is_object() && value.contains("type") && value.at("type").is_string();
}

/// Nothing when it is missing, negative or none.
std::optional<std::uint64_t> number_of(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_number_unsigned()
             ? std::optional{found->get<std::uint64_t>()}
             : std::nullopt;
}

std::optional<FeedPart> part_of(const Json& value) {
  if (!value.is_object() || !value.contains("text") || !value.at("text").is_string())
    return std::nullopt;
  const auto event = number_of(value, "event");
  const auto number = number_of(value, "number");
  const auto count = number_of(value, "of");
  if (!event || !number || !count || *count > parts_max || *number >= *count)
    return std::nullopt;
  return FeedPart{*event, *number, *count, value.at("text").get<std::string>()};
}

}  // namespace

std::string feed_text(const Json& event) {
  return event.dump(-1, ' ', true, Json::error_handler_t::replace);
}

std::vector<std::string> pack_feed(const std::string& from,
                                   std::span<const std::string> events,
                                   std::uint64_t& next_number) {
  std::vector<std::string> payloads;
  const std::string start = envelope_start(from);
  std::string open = start;
  const auto close = [&] {
    if (open.size() > start.size())
      payloads.push_back(open + "]}");
    open = start;
  };
  for (const std::string& event : events) {
    const std::size_t with_frame = event.size() + 3;  // a comma, and the end
    if (open.size() + with_frame > feed_payload_bytes_max)
      close();
    if (open.size() + with_frame > feed_payload_bytes_max) {
      add_parts(payloads, from, event, next_number++);
      continue;
    }
    open += (open.size() > start.size() ? "," : "") + event;
  }
  close();
  return payloads;
}

std::string feed_ping(const std::string& from, std::int64_t number) {
  return Json{{"from", from}, {"ping", number}}.dump();
}

std::optional<FeedPayload> read_feed(std::string_view payload) {
  const Json value = parse(payload);
  if (!value.is_object())
    return std::nullopt;
  FeedPayload read;
  const auto from = value.find("from");
  if (from == value.end() || !from->is_string()) {
    if (!is_event(value))
      return std::nullopt;
    read.events.push_back(value);
    return read;
  }
  read.from = from->get<std::string>();
  if (const auto events = value.find("events"); events != value.end() && events->is_array())
    std::copy_if(events->begin(), events->end(), std::back_inserter(read.events), is_event);
  if (const auto part = value.find("part"); part != value.end())
    read.part = part_of(*part);
  if (const auto ping = value.find("ping"); ping != value.end() && ping->is_number_integer())
    read.ping = ping->get<std::int64_t>();
  return read;
}

void FeedJoiner::forget_old(SteadyPoint now) {
  std::erase_if(incomplete_,
                [now](const auto& one) { return one.second.since + feed_part_patience <= now; });
  if (incomplete_.size() <= incomplete_max)
    return;
  const auto oldest = std::min_element(
      incomplete_.begin(), incomplete_.end(), [](const auto& left, const auto& right) {
        return left.second.since < right.second.since;
      });
  incomplete_.erase(oldest);
}

std::optional<Json> FeedJoiner::add(const std::string& from, FeedPart part, SteadyPoint now) {
  forget_old(now);
  const Key key{from, part.event};
  const auto [place, is_new] = incomplete_.try_emplace(key);
  Incomplete& event = place->second;
  if (is_new) {
    event.since = now;
    event.missing = part.count;
    event.texts.resize(part.count);
  }
  const bool fits = part.number < event.texts.size() && !event.texts[part.number];
  if (!fits)
    return std::nullopt;
  event.bytes += part.text.size();
  event.texts[part.number] = std::move(part.text);
  if (event.bytes > feed_event_bytes_max) {
    incomplete_.erase(place);
    return std::nullopt;
  }
  if (--event.missing > 0)
    return std::nullopt;
  std::string whole;
  for (const std::optional<std::string>& text : event.texts)
    whole += *text;
  incomplete_.erase(place);
  Json value = parse(whole);
  if (!is_event(value))
    return std::nullopt;
  return std::optional<Json>{std::in_place, std::move(value)};
}

}  // namespace errand::sql
