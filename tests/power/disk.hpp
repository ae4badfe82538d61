#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/random.hpp"
#include "power/disk_log.hpp"

namespace errand::testing {

/// What becomes of writes that nobody has synced when the power is cut. Every sector of 512 bytes
/// holds one of the contents it had since the last sync, each file one of its sizes, the folder
/// some beginning of its changes: what a disk with a cache may leave, in whatever order it wrote.
struct PowerCut {
  double loss{1.0};     ///< the share of sectors that do not hold their last content
  bool garbage{false};  ///< parts of a file that were never written are noise rather than zeros
  bool anything{
      false};  ///< a sector that lost its last content has any earlier one, else the first
};

/// A disk on which a log is played. Keeps what is certain apart from what is not.
class Disk {
 public:
  void apply(const DiskEvent& event);

  /// What is there when the power comes back: names and contents.
  [[nodiscard]] std::map<std::string, std::string> cut(const PowerCut& how, Random& random) const;

 private:
  /// A write, or zeros where a file was cut short; or a change of size alone.
  struct Change {
    std::size_t offset{0};
    std::string bytes{};
    std::size_t size_after{0};
  };

  struct Content {
    std::string certain{};
    std::vector<Change> pending{};
    std::size_t size{0};  ///< as the program sees it
  };

  struct Naming {
    std::string name{};
    std::shared_ptr<Content> content{};  ///< null: the name goes away
  };

  using Folder = std::map<std::string, std::shared_ptr<Content>>;

  void write(const DiskEvent& event);
  void truncate(const DiskEvent& event);
  static void settle(Content& content);
  static void put(std::string& file, const Change& change);
  [[nodiscard]] static std::string left_of(const Content& content,
                                           const PowerCut& how,
                                           Random& random);

  Folder seen_{};  ///< by the program
  Folder certain_{};
  std::vector<Naming> namings_{};
};

}  // namespace errand::testing
