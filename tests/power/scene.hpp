#pragma once

#include <functional>
#include <optional>

#include "helpers/settable_clock.hpp"
#include "helpers/temporary_database.hpp"
#include "power/recording_vfs.hpp"
#include "store/open_store.hpp"

struct sqlite3;

namespace errand::testing {

/// What is in the tables of a database, as one number; equal for all that have no tables.
[[nodiscard]] std::size_t content_of(sqlite3* handle);

/// What a program was told at an instant of the log.
struct Note {
  bool durable{true};                       ///< it may rely on it; else the power may take it back
  std::optional<std::size_t> content{};     ///< of the tables then; unknown while others write
  std::vector<std::string> acknowledged{};  ///< tags
};

/// Stores on a database whose disk is recorded, and what they were told. One at a time.
class Scene {
 public:
  explicit Scene(RecordingVfs::Pragmas overruled = {});

  /// A server's connections, whose commits are on the disk when they return.
  [[nodiscard]] JobStore& server() { return server_->jobs(); }

  /// A worker's.
  [[nodiscard]] JobStore& worker() { return worker_->jobs(); }

  [[nodiscard]] TimePoint now() const { return clock_->wall_now(); }

  void advance(std::chrono::microseconds duration) { clock_->advance(duration); }

  /// One transaction of the server's, or of a worker's.
  void durably(const std::function<void()>& work);
  void lightly(const std::function<void()>& work);
  /// From several threads: only the tags are known.
  void acknowledge(std::vector<std::string> tags);

  void migrate();
  /// Closes all connections, which checkpoints, and opens new ones.
  void reopen();
  /// Ends the recording.
  void close();

  [[nodiscard]] const std::vector<DiskEvent>& events() const noexcept { return log_.events(); }

  [[nodiscard]] const std::vector<Note>& notes() const noexcept { return notes_; }

 private:
  void open();
  void note(Note note);
  [[nodiscard]] std::size_t content() const;
  [[nodiscard]] std::unique_ptr<Store> store(Durability durability) const;

  TemporaryDatabase file_{"/dev/shm"};
  DiskLog log_{};
  std::mutex mutex_{};
  std::vector<Note> notes_{};
  std::shared_ptr<SettableClock> clock_{std::make_shared<SettableClock>()};
  std::optional<RecordingVfs> vfs_{};
  std::unique_ptr<Store> server_{};
  std::unique_ptr<Store> worker_{};
};

}  // namespace errand::testing
