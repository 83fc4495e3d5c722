#include "fault_vfs.h"

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <new>

#include "sceau/base/files.h"

namespace sceau::ledger::test {
namespace {

constexpr std::size_t kSector = 512;

// One open file: ours, then the system's behind it in the same allocation.
struct File {
  sqlite3_file base;
  FaultVfs* vfs;
  const char* name;  // null for temporary files, which are let alone
  sqlite3_file* real() { return reinterpret_cast<sqlite3_file*>(this + 1); }
  const sqlite3_io_methods* methods() { return real()->pMethods; }
};

File* ours(sqlite3_file* file) { return reinterpret_cast<File*>(file); }

[[noreturn]] void die() {
  ::kill(::getpid(), SIGKILL);
  for (;;) ::pause();
}

int result_of(FaultVfs::Outcome outcome, int sync_error) {
  switch (outcome) {
    case FaultVfs::Outcome::kill_before:
      die();
    case FaultVfs::Outcome::disk_full:
      return SQLITE_FULL;
    case FaultVfs::Outcome::io_error:
      return sync_error;
    default:
      return SQLITE_OK;
  }
}

int on_close(sqlite3_file* file) { return ours(file)->methods()->xClose(ours(file)->real()); }

int on_read(sqlite3_file* file, void* out, int count, sqlite3_int64 offset) {
  return ours(file)->methods()->xRead(ours(file)->real(), out, count, offset);
}

int on_write(sqlite3_file* base, const void* data, int count, sqlite3_int64 offset) {
  File* file = ours(base);
  if (file->name == nullptr) return file->methods()->xWrite(file->real(), data, count, offset);
  const auto outcome = file->vfs->ask(FaultVfs::Operation::write, file->name);
  if (const int result = result_of(outcome, SQLITE_IOERR_WRITE); result != SQLITE_OK) return result;
  const bool half = outcome == FaultVfs::Outcome::kill_half_written;
  const int result = file->methods()->xWrite(file->real(), data, half ? count / 2 : count, offset);
  if (half || outcome == FaultVfs::Outcome::kill_after) die();
  if (result == SQLITE_OK) {
    file->vfs->wrote(file->name, offset,
                     {static_cast<const std::uint8_t*>(data), static_cast<std::size_t>(count)});
  }
  return result;
}

int on_truncate(sqlite3_file* base, sqlite3_int64 size) {
  File* file = ours(base);
  if (file->name == nullptr) return file->methods()->xTruncate(file->real(), size);
  const auto outcome = file->vfs->ask(FaultVfs::Operation::truncate, file->name);
  if (const int result = result_of(outcome, SQLITE_IOERR_TRUNCATE); result != SQLITE_OK) return result;
  const int result = file->methods()->xTruncate(file->real(), size);
  if (outcome != FaultVfs::Outcome::pass) die();
  if (result == SQLITE_OK) file->vfs->truncated(file->name, size);
  return result;
}

int on_sync(sqlite3_file* base, int flags) {
  File* file = ours(base);
  if (file->name == nullptr) return file->methods()->xSync(file->real(), flags);
  const auto outcome = file->vfs->ask(FaultVfs::Operation::sync, file->name);
  if (const int result = result_of(outcome, SQLITE_IOERR_FSYNC); result != SQLITE_OK) return result;
  // The real fsync is left out: the images below stand for the disk, and tests would wait for nothing.
  file->vfs->synced(file->name);
  if (outcome != FaultVfs::Outcome::pass) die();
  return SQLITE_OK;
}

int on_size(sqlite3_file* file, sqlite3_int64* size) {
  return ours(file)->methods()->xFileSize(ours(file)->real(), size);
}
int on_lock(sqlite3_file* file, int lock) { return ours(file)->methods()->xLock(ours(file)->real(), lock); }
int on_unlock(sqlite3_file* file, int lock) {
  return ours(file)->methods()->xUnlock(ours(file)->real(), lock);
}
int on_check_lock(sqlite3_file* file, int* out) {
  return ours(file)->methods()->xCheckReservedLock(ours(file)->real(), out);
}
int on_control(sqlite3_file* file, int operation, void* argument) {
  return ours(file)->methods()->xFileControl(ours(file)->real(), operation, argument);
}
int on_sector_size(sqlite3_file* file) { return ours(file)->methods()->xSectorSize(ours(file)->real()); }
int on_characteristics(sqlite3_file* file) {
  return ours(file)->methods()->xDeviceCharacteristics(ours(file)->real());
}
int on_shm_map(sqlite3_file* file, int page, int size, int extend, void volatile** out) {
  if (ours(file)->vfs->refuses_shared_memory()) return SQLITE_CANTOPEN;
  return ours(file)->methods()->xShmMap(ours(file)->real(), page, size, extend, out);
}
int on_shm_lock(sqlite3_file* file, int offset, int count, int flags) {
  return ours(file)->methods()->xShmLock(ours(file)->real(), offset, count, flags);
}
void on_shm_barrier(sqlite3_file* file) { ours(file)->methods()->xShmBarrier(ours(file)->real()); }
int on_shm_unmap(sqlite3_file* file, int remove) {
  return ours(file)->methods()->xShmUnmap(ours(file)->real(), remove);
}

// Version 2: shared memory for WAL, no memory-mapped reads.
const sqlite3_io_methods kMethods = {2,
                                     on_close,
                                     on_read,
                                     on_write,
                                     on_truncate,
                                     on_sync,
                                     on_size,
                                     on_lock,
                                     on_unlock,
                                     on_check_lock,
                                     on_control,
                                     on_sector_size,
                                     on_characteristics,
                                     on_shm_map,
                                     on_shm_lock,
                                     on_shm_barrier,
                                     on_shm_unmap,
                                     nullptr,
                                     nullptr};

FaultVfs* owner(sqlite3_vfs* vfs) { return static_cast<FaultVfs*>(vfs->pAppData); }

int on_open(sqlite3_vfs* vfs, const char* name, sqlite3_file* base, int flags, int* out_flags) {
  File* file = new (base) File{{nullptr}, owner(vfs), name};
  sqlite3_vfs* system = owner(vfs)->system();
  const int result = system->xOpen(system, name, file->real(), flags, out_flags);
  if (result != SQLITE_OK) return result;
  file->base.pMethods = &kMethods;
  if (name != nullptr) owner(vfs)->opened(name);
  return SQLITE_OK;
}

int on_delete(sqlite3_vfs* vfs, const char* name, int sync_folder) {
  sqlite3_vfs* system = owner(vfs)->system();
  owner(vfs)->deleted(name);
  return system->xDelete(system, name, sync_folder);
}
int on_access(sqlite3_vfs* vfs, const char* name, int flags, int* out) {
  sqlite3_vfs* system = owner(vfs)->system();
  return system->xAccess(system, name, flags, out);
}
int on_full_name(sqlite3_vfs* vfs, const char* name, int size, char* out) {
  sqlite3_vfs* system = owner(vfs)->system();
  return system->xFullPathname(system, name, size, out);
}

}  // namespace

FaultVfs::FaultVfs(std::string name) : name_(std::move(name)), system_(sqlite3_vfs_find(nullptr)) {
  vfs_ = *system_;  // randomness, sleep and time are the system's
  vfs_.pNext = nullptr;
  vfs_.szOsFile = static_cast<int>(sizeof(File)) + system_->szOsFile;
  vfs_.zName = name_.c_str();
  vfs_.pAppData = this;
  vfs_.xOpen = on_open;
  vfs_.xDelete = on_delete;
  vfs_.xAccess = on_access;
  vfs_.xFullPathname = on_full_name;
  sqlite3_vfs_register(&vfs_, 0);
}

FaultVfs::~FaultVfs() { sqlite3_vfs_unregister(&vfs_); }

void FaultVfs::opened(const std::string& file) {
  const std::scoped_lock lock(mutex_);
  if (images_.contains(file)) return;
  auto content = read_file(file);
  images_[file] = {content ? std::move(*content) : Bytes{}, {}};
}

void FaultVfs::wrote(const std::string& file, sqlite3_int64 offset, ByteView bytes) {
  const std::scoped_lock lock(mutex_);
  images_[file].since.push_back({false, static_cast<std::size_t>(offset), to_bytes(bytes)});
}

void FaultVfs::truncated(const std::string& file, sqlite3_int64 size) {
  const std::scoped_lock lock(mutex_);
  images_[file].since.push_back({true, static_cast<std::size_t>(size), {}});
}

void FaultVfs::synced(const std::string& file) {
  const std::scoped_lock lock(mutex_);
  Image& image = images_[file];
  for (const Change& change : image.since) apply(image.durable, change);
  image.since.clear();
}

void FaultVfs::deleted(const std::string& file) {
  const std::scoped_lock lock(mutex_);
  images_.erase(file);
}

void FaultVfs::apply(Bytes& content, const Change& change) {
  if (change.truncates) {
    content.resize(change.offset);
    return;
  }
  content.resize(std::max(content.size(), change.offset + change.bytes.size()));
  std::copy(change.bytes.begin(), change.bytes.end(),
            content.begin() + static_cast<std::ptrdiff_t>(change.offset));
}

FaultVfs::Files FaultVfs::synced_only() {
  const std::scoped_lock lock(mutex_);
  Files out;
  for (const auto& [name, image] : images_) out[name] = image.durable;
  return out;
}

FaultVfs::Files FaultVfs::after_power_cut(SeededRandom& random) {
  const std::scoped_lock lock(mutex_);
  Files out;
  const std::uint64_t mood = random.next() % 4;  // 0: nothing unsynced survives, 1: all does, else: some
  for (const auto& [name, image] : images_) {
    Bytes content = image.durable;
    for (const Change& change : image.since) {
      if (mood == 0 || (mood > 1 && random.next() % 2 == 0)) continue;
      Change kept = change;
      if (mood > 1 && !kept.truncates && random.next() % 4 == 0) {
        kept.bytes.resize(
            std::min(kept.bytes.size(), random.next() % (kept.bytes.size() / kSector + 1) * kSector));
      }
      if (kept.truncates || !kept.bytes.empty()) apply(content, kept);
    }
    out[name] = std::move(content);
  }
  return out;
}

}  // namespace sceau::ledger::test
