#include "power/disk.hpp"

#include <algorithm>

namespace errand::testing {
namespace {

constexpr std::size_t sector = 512;

/// Uniform in 0 … bound - 1.
std::size_t below(std::size_t bound, Random& random) {
  return static_cast<std::size_t>(random.uniform() * static_cast<double>(bound));
}

/// How many of a list of changes count, when the last may be lost.
std::size_t survivors(std::size_t changes, const PowerCut& how, Random& random) {
  if (changes == 0 || random.uniform() >= how.loss)
    return changes;
  return how.anything ? below(changes, random) : 0;
}

}  // namespace

void Disk::apply(const DiskEvent& event) {
  using Kind = DiskEvent::Kind;
  switch (event.kind) {
    case Kind::appear:
      seen_[event.file] = std::make_shared<Content>();
      namings_.push_back({event.file, seen_[event.file]});
      return;
    case Kind::vanish:
      seen_.erase(event.file);
      namings_.push_back({event.file, nullptr});
      return;
    case Kind::write:
      return write(event);
    case Kind::truncate:
      return truncate(event);
    case Kind::sync:
      return settle(*seen_.at(event.file));
    case Kind::sync_folder:
      certain_ = seen_;
      namings_.clear();
      return;
    case Kind::told:
      return;
  }
}

void Disk::write(const DiskEvent& event) {
  Content& content = *seen_.at(event.file);
  const auto offset = static_cast<std::size_t>(event.offset);
  content.size = std::max(content.size, offset + event.bytes.size());
  content.pending.push_back({offset, event.bytes, content.size});
}

void Disk::truncate(const DiskEvent& event) {
  Content& content = *seen_.at(event.file);
  const auto size = static_cast<std::size_t>(event.offset);
  const std::size_t cut_off = content.size > size ? content.size - size : 0;
  content.size = size;
  content.pending.push_back({size, std::string(cut_off, '\0'), size});
}

void Disk::put(std::string& file, const Change& change) {
  if (file.size() < change.offset + change.bytes.size())
    file.resize(change.offset + change.bytes.size(), '\0');
  std::copy(change.bytes.begin(),
            change.bytes.end(),
            file.begin() + static_cast<std::ptrdiff_t>(change.offset));
}

void Disk::settle(Content& content) {
  for (const Change& change : content.pending)
    put(content.certain, change);
  content.certain.resize(content.size, '\0');
  content.pending.clear();
}

std::string Disk::left_of(const Content& content, const PowerCut& how, Random& random) {
  const auto& pending = content.pending;
  std::string file = content.certain;
  std::map<std::size_t, std::vector<Change>> by_sector;
  for (const Change& change : pending)
    for (std::size_t at = 0; at < change.bytes.size();) {
      const std::size_t offset = change.offset + at;
      const std::size_t size = std::min(sector - offset % sector, change.bytes.size() - at);
      by_sector[offset / sector].push_back({offset, change.bytes.substr(at, size), 0});
      at += size;
    }
  for (const auto& [number, changes] : by_sector) {
    const std::size_t count = survivors(changes.size(), how, random);
    const std::size_t begin = number * sector;
    if (how.garbage && count == 0 && begin >= content.certain.size()) {
      std::string noise(sector, '\0');
      std::generate(noise.begin(), noise.end(), [&] { return static_cast<char>(random.u64()); });
      put(file, {begin, noise, 0});
    }
    for (std::size_t i = 0; i < count; ++i)
      put(file, changes[i]);
  }
  const std::size_t sizes = survivors(pending.size(), how, random);
  file.resize(sizes == 0 ? content.certain.size() : pending[sizes - 1].size_after, '\0');
  return file;
}

std::map<std::string, std::string> Disk::cut(const PowerCut& how, Random& random) const {
  Folder left = certain_;
  const std::size_t count = survivors(namings_.size(), how, random);
  for (std::size_t i = 0; i < count; ++i) {
    if (namings_[i].content)
      left[namings_[i].name] = namings_[i].content;
    else
      left.erase(namings_[i].name);
  }
  std::map<std::string, std::string> files;
  for (const auto& [name, content] : left)
    files[name] = left_of(*content, how, random);
  return files;
}

}  // namespace errand::testing
