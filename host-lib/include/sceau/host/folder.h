// What a machine keeps to log people in by card: one folder, usually /var/lib/sceau/host.
//
//   host.json   which machine this is, of which realm, and the gate that it believes: written once, by
//               'sceau host join'
//   gate.pem    what the gate's HTTPS must show
//   copy.json   the gate's signed copy of the registry for this machine (registry/host_copy.h)
//   mark.json   (and mark.lock) the newest time and the largest ledger that were ever seen here
//   queue/      log-ins that no gate has recorded yet, one file each, named so that their order is theirs
//   refused/    log-ins that the gate refused, kept for whoever asks why
//
// Whoever can write host.json, copy.json or mark.json decides who logs in: a folder, or one of these files,
// that belongs to anybody but root (or whoever runs this) or that others may write is refused. The queue
// alone is open to all (sticky, as /tmp is), for screen lockers run without privileges; what lies in it is
// believed by nobody: it is signed, and the gate looks.
//
// The mark: a copy from an older ledger than was seen is refused, and so is a clock that shows an earlier
// time than was seen, by more than kClockSlack. Whatever is within the slack is judged at the time of the
// mark, so nothing that has ended comes back to life.
//
// Failures: not_found (this machine has not joined), unavailable (disk, rights), corrupt (a file that breaks
// its format, another realm, a signature that is not the gate's), refused (ended, or set back).
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "sceau/base/clock.h"
#include "sceau/base/files.h"
#include "sceau/pki/certificate.h"
#include "sceau/registry/host_copy.h"
#include "sceau/statement/statement.h"

namespace sceau::host {

inline constexpr const char* kDefaultFolder = "/var/lib/sceau/host";
inline constexpr Time kClockSlack = 60;  // a clock may be corrected by this much

// What this machine was told when it joined.
struct Anchor {
  std::string host, realm;
  std::string gate;         // registry id
  std::string url;          // https://…
  pki::Certificate signer;  // the gate's own certificate, whose signature a copy must bear
  std::string pass = {};  // what this machine shows to fetch its copy; empty where an earlier version joined
};
Bytes write_anchor(const Anchor& anchor);
Result<Anchor> read_anchor(ByteView bytes);

struct Mark {
  Time time = 0;
  std::uint64_t size = 0;  // of the ledger
};

// A copy that is believed: signed by the anchor's gate, for this machine and realm.
struct Copy {
  registry::HostCopy content;
  statement::After after;  // of its checkpoint
};

// Who made it, for whom, as of which tree; not whether it is still good. Fails with corrupt.
Result<Copy> open_copy(ByteView signed_copy, const Anchor& anchor);

// A log-in waiting for the gate.
struct Queued {
  std::filesystem::path file;
  Bytes statement, evidence;
};

class Folder {
 public:
  // Looks at owners and modes only.
  static Result<Folder> open(const std::filesystem::path& path);
  // Makes the folder and its two inner ones, if need be.
  static Result<Folder> make(const std::filesystem::path& path);

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  [[nodiscard]] Result<Anchor> anchor() const;
  // What the gate signed last, and was put here. Not whether it is still good: see Standing.
  [[nodiscard]] Result<Copy> copy(const Anchor& anchor) const;
  // `tls`: PEM, for gate.pem.
  Status put_anchor(const Anchor& anchor, std::string_view tls) const;
  // Checks it before it replaces the one that is there, and raises the mark to it.
  Status put_copy(ByteView signed_copy, const Anchor& anchor) const;

  // Zero when nothing was seen yet.
  [[nodiscard]] Result<Mark> mark() const;
  // Never lowers it. Durable on return.
  Status raise(const Mark& mark) const;

  // Durable on return. `id` is the statement's: a UUIDv7, so names sort by time.
  Status enqueue(const std::string& id, ByteView statement, ByteView evidence) const;
  // Waiting files, oldest first.
  [[nodiscard]] Result<std::vector<std::filesystem::path>> queue() const;
  // invalid: not one of ours (a link, too large, malformed).
  [[nodiscard]] Result<Queued> read_queued(const std::filesystem::path& file) const;

 private:
  explicit Folder(std::filesystem::path path) : path_(std::move(path)) {}
  // The mark's, until it is closed.
  [[nodiscard]] Result<FileDescriptor> lock() const;
  [[nodiscard]] Status raise_held(const Mark& mark) const;
  [[nodiscard]] Result<Bytes> read_trusted(const char* name, std::size_t limit) const;
  std::filesystem::path path_;
};

}  // namespace sceau::host
