// A disk that fails on order: an SQLite VFS over the system's own. Every write, truncation and sync of a
// ledger's files goes through a hook that may let it pass, fail it, or kill the process around it. It also
// keeps what a power cut would leave: the bytes as of each file's last sync, and what was written since.
#pragma once

#include <sqlite3.h>

#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "sceau/base/bytes.h"
#include "sceau/base/random.h"

namespace sceau::ledger::test {

class FaultVfs {
 public:
  enum class Operation { write, truncate, sync };
  enum class Outcome { pass, kill_before, kill_half_written, kill_after, disk_full, io_error };
  using Hook = std::function<Outcome(Operation, const std::string& file)>;
  using Files = std::map<std::string, Bytes>;  // by full path

  explicit FaultVfs(std::string name);
  ~FaultVfs();
  FaultVfs(const FaultVfs&) = delete;
  FaultVfs& operator=(const FaultVfs&) = delete;

  [[nodiscard]] const std::string& name() const { return name_; }
  // Called before each operation, outside the VFS's own lock. Set it while nobody uses the VFS.
  void on_operation(Hook hook) { hook_ = std::move(hook); }

  // From now on no file for shared memory can be made, as on media that are read-only.
  void refuse_shared_memory() { no_shared_memory_ = true; }
  [[nodiscard]] bool refuses_shared_memory() const { return no_shared_memory_; }

  // What the disk could hold if power failed now: of what was written since each file's last sync, all, none
  // or some is there, and a write may be torn at a sector of 512 bytes.
  Files after_power_cut(SeededRandom& random);
  // Likewise, when nothing that was not synced survives.
  Files synced_only();

  // For the VFS's C functions.
  Outcome ask(Operation operation, const std::string& file) {
    return hook_ ? hook_(operation, file) : Outcome::pass;
  }
  void opened(const std::string& file);
  void wrote(const std::string& file, sqlite3_int64 offset, ByteView bytes);
  void truncated(const std::string& file, sqlite3_int64 size);
  void synced(const std::string& file);
  void deleted(const std::string& file);
  sqlite3_vfs* system() { return system_; }

 private:
  struct Change {
    bool truncates;
    std::size_t offset;  // or the new size
    Bytes bytes;
  };
  struct Image {
    Bytes durable;
    std::vector<Change> since;
  };
  static void apply(Bytes& content, const Change& change);

  std::string name_;
  sqlite3_vfs vfs_{};
  sqlite3_vfs* system_;
  Hook hook_;
  bool no_shared_memory_ = false;
  std::mutex mutex_;
  std::map<std::string, Image> images_;
};

}  // namespace sceau::ledger::test
