#include "power/recording_vfs.hpp"

#include <mutex>
#include <new>
#include <set>
#include <stdexcept>
#include <utility>

#include <sqlite3.h>

namespace errand::testing {
namespace {

using Kind = DiskEvent::Kind;

struct Session {
  DiskLog* log{nullptr};
  std::string folder{};
  RecordingVfs::Pragmas overruled{};
  sqlite3_vfs* plain{nullptr};
  std::mutex mutex{};
  std::set<std::string> present{};  ///< files whose appearance is logged
};

Session& session() {
  static Session the_one;
  return the_one;
}

/// An open file: SQLite gives the memory, the plain VFS's file follows this one in it.
struct File {
  sqlite3_file base;
  sqlite3_file* plain;
  std::string* name;  ///< null: of no interest
  bool syncs_folder;  ///< the plain VFS syncs the folder with the file's first sync
};

File& file_of(sqlite3_file* base) {
  return *reinterpret_cast<File*>(base);
}

sqlite3_file* plain(sqlite3_file* base) {
  return file_of(base).plain;
}

const sqlite3_io_methods& methods_of(sqlite3_file* base) {
  return *plain(base)->pMethods;
}

void note(sqlite3_file* base, Kind kind, std::int64_t offset = 0, std::string bytes = {}) {
  if (const std::string* name = file_of(base).name)
    session().log->add({kind, *name, offset, std::move(bytes)});
}

int close_file(sqlite3_file* base) {
  const int code = methods_of(base).xClose(plain(base));
  delete file_of(base).name;
  return code;
}

int read_file(sqlite3_file* base, void* to, int size, sqlite3_int64 offset) {
  return methods_of(base).xRead(plain(base), to, size, offset);
}

int write_file(sqlite3_file* base, const void* from, int size, sqlite3_int64 offset) {
  const int code = methods_of(base).xWrite(plain(base), from, size, offset);
  if (code == SQLITE_OK)
    note(base,
         Kind::write,
         offset,
         {static_cast<const char*>(from), static_cast<std::size_t>(size)});
  return code;
}

int truncate_file(sqlite3_file* base, sqlite3_int64 size) {
  const int code = methods_of(base).xTruncate(plain(base), size);
  if (code == SQLITE_OK)
    note(base, Kind::truncate, size);
  return code;
}

int sync_file(sqlite3_file* base, int flags) {
  const int code = methods_of(base).xSync(plain(base), flags);
  if (code != SQLITE_OK)
    return code;
  note(base, Kind::sync);
  if (std::exchange(file_of(base).syncs_folder, false))
    note(base, Kind::sync_folder);
  return code;
}

int file_size(sqlite3_file* base, sqlite3_int64* size) {
  return methods_of(base).xFileSize(plain(base), size);
}

int lock_file(sqlite3_file* base, int level) {
  return methods_of(base).xLock(plain(base), level);
}

int unlock_file(sqlite3_file* base, int level) {
  return methods_of(base).xUnlock(plain(base), level);
}

int check_reserved(sqlite3_file* base, int* result) {
  return methods_of(base).xCheckReservedLock(plain(base), result);
}

int control_file(sqlite3_file* base, int operation, void* argument) {
  if (operation == SQLITE_FCNTL_PRAGMA) {
    char** words = static_cast<char**>(argument);
    const auto found = session().overruled.find(std::string_view{words[1]});
    if (found != session().overruled.end() && words[2] != nullptr && words[2] != found->second)
      return SQLITE_OK;  // which means: done
  }
  return methods_of(base).xFileControl(plain(base), operation, argument);
}

int sector_size(sqlite3_file* base) {
  return methods_of(base).xSectorSize(plain(base));
}

int characteristics(sqlite3_file* base) {
  return methods_of(base).xDeviceCharacteristics(plain(base));
}

int map_shared(sqlite3_file* base, int page, int size, int extend, volatile void** memory) {
  return methods_of(base).xShmMap(plain(base), page, size, extend, memory);
}

int lock_shared(sqlite3_file* base, int offset, int count, int flags) {
  return methods_of(base).xShmLock(plain(base), offset, count, flags);
}

void shared_barrier(sqlite3_file* base) {
  methods_of(base).xShmBarrier(plain(base));
}

int unmap_shared(sqlite3_file* base, int remove) {
  return methods_of(base).xShmUnmap(plain(base), remove);
}

/// Version 2: no memory-mapped reading of the database.
constexpr sqlite3_io_methods recording_methods{2,
                                               close_file,
                                               read_file,
                                               write_file,
                                               truncate_file,
                                               sync_file,
                                               file_size,
                                               lock_file,
                                               unlock_file,
                                               check_reserved,
                                               control_file,
                                               sector_size,
                                               characteristics,
                                               map_shared,
                                               lock_shared,
                                               shared_barrier,
                                               unmap_shared,
                                               nullptr,
                                               nullptr};

/// The name of a database, journal or WAL in the folder; nothing for any other file.
std::string name_in_folder(const char* path) {
  const std::string_view whole{path != nullptr ? path : ""};
  const std::string& folder = session().folder;
  if (!whole.starts_with(folder) || whole.size() <= folder.size() + 1)
    return {};
  return std::string{whole.substr(folder.size() + 1)};
}

void note_appearance(const std::string& name) {
  const std::lock_guard lock{session().mutex};
  if (session().present.insert(name).second)
    session().log->add({Kind::appear, name});
}

int open_file(sqlite3_vfs*, const char* path, sqlite3_file* base, int flags, int* given) {
  constexpr int recorded = SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_WAL;
  constexpr int logs = SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_WAL;
  File* file = new (base) File{};
  file->plain = reinterpret_cast<sqlite3_file*>(file + 1);
  sqlite3_vfs& vfs = *session().plain;
  const int code = vfs.xOpen(&vfs, path, file->plain, flags, given);
  if (file->plain->pMethods == nullptr)
    return code;
  file->base.pMethods = &recording_methods;
  if (code != SQLITE_OK || (flags & recorded) == 0)
    return code;
  if (const std::string name = name_in_folder(path); !name.empty()) {
    note_appearance(name);
    file->name = new std::string{name};
    file->syncs_folder = (flags & SQLITE_OPEN_CREATE) != 0 && (flags & logs) != 0;
  }
  return code;
}

int delete_file(sqlite3_vfs*, const char* path, int sync_folder) {
  sqlite3_vfs& vfs = *session().plain;
  const int code = vfs.xDelete(&vfs, path, sync_folder);
  const std::string name = name_in_folder(path);
  const std::lock_guard lock{session().mutex};
  if (code == SQLITE_OK && session().present.erase(name) > 0) {
    session().log->add({Kind::vanish, name});
    if (sync_folder != 0)
      session().log->add({Kind::sync_folder, name});
  }
  return code;
}

/// Called by SQLite for every new connection.
int overrule(sqlite3* handle, char**, const sqlite3_api_routines*) {
  for (const auto& [name, value] : session().overruled)
    sqlite3_exec(handle, ("PRAGMA " + name + " = " + value).c_str(), nullptr, nullptr, nullptr);
  return SQLITE_OK;
}

using Extension = void (*)();

}  // namespace

RecordingVfs::RecordingVfs(DiskLog& log, const std::filesystem::path& folder, Pragmas overruled) {
  sqlite3_vfs* plain = sqlite3_vfs_find(nullptr);
  vfs_ = std::make_unique<sqlite3_vfs>(*plain);
  vfs_->zName = "errand-recording";
  vfs_->szOsFile = static_cast<int>(sizeof(File)) + plain->szOsFile;
  vfs_->pNext = nullptr;
  vfs_->xOpen = open_file;
  vfs_->xDelete = delete_file;
  session().log = &log;
  session().folder = folder.string();
  session().overruled = std::move(overruled);
  session().plain = plain;
  session().present.clear();
  if (sqlite3_vfs_register(vfs_.get(), 1) != SQLITE_OK ||
      sqlite3_auto_extension(reinterpret_cast<Extension>(overrule)) != SQLITE_OK)
    throw std::runtime_error{"cannot register a VFS"};
}

RecordingVfs::~RecordingVfs() {
  sqlite3_cancel_auto_extension(reinterpret_cast<Extension>(overrule));
  sqlite3_vfs_unregister(vfs_.get());
  sqlite3_vfs_register(session().plain, 1);
}

}  // namespace errand::testing
