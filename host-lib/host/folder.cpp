#include "sceau/host/folder.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "sceau/base/files.h"
#include "sceau/base/uuid.h"
#include "sceau/statement/value.h"

namespace sceau::host {
namespace {

namespace fs = std::filesystem;
using statement::Object;

constexpr std::size_t kLargestQueued = std::size_t{512} * 1024;
constexpr std::size_t kQueueLimit = 10'000;  // files: more is somebody filling the disk
constexpr const char* kQueuedEnding = ".login";

Error unavailable(const std::string& what, const fs::path& path, int number) {
  return {ErrorKind::unavailable, what + " " + path.string() + ": " + system_error_text(number)};
}

// Root's, or ours, and written by nobody else.
Status check_owner(const struct stat& about, const fs::path& path) {
  const bool ours = about.st_uid == 0 || about.st_uid == ::geteuid();
  if (ours && (about.st_mode & (S_IWGRP | S_IWOTH)) == 0) return {};
  return Error{ErrorKind::unavailable, path.string() +
                                           " may be written by others than root: it is not believed until "
                                           "its owner is root and its mode 0755 (folder) or 0644 (file)"};
}

Result<Bytes> read_all(const FileDescriptor& file, std::size_t limit, const fs::path& path) {
  Bytes out;
  std::array<std::uint8_t, 65536> buffer{};
  for (;;) {
    const ssize_t count = ::read(file.get(), buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return unavailable("cannot read", path, errno);
    if (count == 0) return out;
    append(out, ByteView(buffer).first(static_cast<std::size_t>(count)));
    if (out.size() > limit) return Error{ErrorKind::invalid, path.string() + " is too large"};
  }
}

Status make_folder(const fs::path& path, mode_t mode) {
  if (::mkdir(path.c_str(), mode) != 0 && errno != EEXIST) return unavailable("cannot make", path, errno);
  if (::chmod(path.c_str(), mode) != 0) return unavailable("cannot set the mode of", path, errno);
  return {};
}

bool is_queued_name(const std::string& name) {
  return name.ends_with(kQueuedEnding) &&
         is_uuid_v7(std::string_view(name).substr(0, name.size() - std::string_view(kQueuedEnding).size()));
}

Mark highest(const Mark& a, const Mark& b) { return {std::max(a.time, b.time), std::max(a.size, b.size)}; }

}  // namespace

Result<Folder> Folder::open(const fs::path& path) {
  struct stat about {};
  if (::stat(path.c_str(), &about) != 0) {
    if (errno != ENOENT) return unavailable("cannot look at", path, errno);
    return Error{ErrorKind::not_found, "this machine has not joined a realm: there is no " + path.string() +
                                           ": run 'sceau host join'"};
  }
  if (auto good = check_owner(about, path); !good) return good.error();
  return Folder(path);
}

Result<Folder> Folder::make(const fs::path& path) {
  std::error_code failed;
  fs::create_directories(path.parent_path(), failed);
  if (failed) return unavailable("cannot make", path.parent_path(), failed.value());
  if (auto made = make_folder(path, 0755); !made) return made.error();
  if (auto made = make_folder(path / "queue", 01777); !made) return made.error();
  if (auto made = make_folder(path / "refused", 0700); !made) return made.error();
  return open(path);
}

Result<Bytes> Folder::read_trusted(const char* name, std::size_t limit) const {
  const fs::path path = path_ / name;
  const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (!file.valid()) {
    if (errno == ENOENT) return Error{ErrorKind::not_found, "there is no " + path.string()};
    return unavailable("cannot read", path, errno);
  }
  struct stat about {};
  if (::fstat(file.get(), &about) != 0) return unavailable("cannot look at", path, errno);
  if (!S_ISREG(about.st_mode)) return Error{ErrorKind::corrupt, path.string() + " is no file"};
  if (auto good = check_owner(about, path); !good) return good.error();
  return read_all(file, limit, path);
}

Result<Anchor> Folder::anchor() const {
  auto bytes = read_trusted("host.json", 65536);
  if (!bytes) return bytes.error().within("this machine's realm");
  return read_anchor(*bytes);
}

Result<Copy> Folder::copy(const Anchor& anchor) const {
  auto bytes = read_trusted("copy.json", 2 * registry::kLargestHostCopy);
  if (!bytes) {
    return Error{bytes.error().kind, "no copy of the registry: " + bytes.error().message +
                                         ": fetch it with 'sceau host refresh'"};
  }
  return open_copy(*bytes, anchor);
}

Status Folder::put_anchor(const Anchor& anchor, std::string_view tls) const {
  if (auto written = write_file(path_ / "gate.pem", as_bytes(tls), 0644); !written) return written;
  return write_file(path_ / "host.json", write_anchor(anchor), 0644);
}

Status Folder::put_copy(ByteView signed_copy, const Anchor& anchor) const {
  auto copy = open_copy(signed_copy, anchor);
  if (!copy) return copy.error();
  // Several may come at once, one after each log-in: a later mark must never stand beside an earlier copy.
  auto held = lock();
  if (!held) return held.error();
  auto seen = mark();
  if (!seen) return seen.error();
  if (copy->after.size < seen->size) {
    return Error{ErrorKind::refused, "the gate's copy is of a ledger of " + std::to_string(copy->after.size) +
                                         " entries, and one of " + std::to_string(seen->size) +
                                         " was seen: it went back: tell the auditor"};
  }
  if (auto written = write_file(path_ / "copy.json", signed_copy, 0644); !written) return written;
  return raise_held({copy->content.at, copy->after.size});
}

// Only whoever may write the mark can hold its lock, and keep others waiting.
Result<FileDescriptor> Folder::lock() const {
  FileDescriptor held(::open((path_ / "mark.lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!held.valid() || ::flock(held.get(), LOCK_EX) != 0) return unavailable("cannot lock", path_, errno);
  return held;
}

Result<Mark> Folder::mark() const {
  auto bytes = read_trusted("mark.json", 4096);
  if (!bytes) {
    if (bytes.error().kind == ErrorKind::not_found) return Mark{};
    return bytes.error();
  }
  const auto value = statement::parse_wire(*bytes, 4096);
  const Error bad{ErrorKind::corrupt, (path_ / "mark.json").string() +
                                          " cannot be read: remove it once the clock is known to be right"};
  if (!value) return bad;
  const auto time = statement::time_field(*value, "time");
  const auto size = statement::int_field(*value, "size");
  if (!time || !size || *size < 0) return bad;
  return Mark{*time, static_cast<std::uint64_t>(*size)};
}

Status Folder::raise(const Mark& mark) const {
  auto held = lock();
  if (!held) return held.error();
  return raise_held(mark);
}

Status Folder::raise_held(const Mark& mark) const {
  auto seen = this->mark();
  if (!seen) return seen.error();
  const Mark next = highest(*seen, mark);
  if (next.time == seen->time && next.size == seen->size) return {};
  return write_file(path_ / "mark.json",
                    statement::to_canonical_bytes(Object{{"size", static_cast<std::int64_t>(next.size)},
                                                         {"time", to_rfc3339(next.time)}}),
                    0644);
}

Status Folder::enqueue(const std::string& id, ByteView statement, ByteView evidence) const {
  // Users' own programs may not fill the disk; what logs in as root is never kept out by them.
  auto waiting = ::geteuid() == 0 ? Result<std::vector<fs::path>>(std::vector<fs::path>{}) : queue();
  if (!waiting) return waiting.error();
  if (waiting->size() >= kQueueLimit) {
    return Error{ErrorKind::unavailable, "too many log-ins wait in " + (path_ / "queue").string() +
                                             ": connect this machine and run 'sceau host send'"};
  }
  auto written = write_file(path_ / "queue" / (id + kQueuedEnding),
                            statement::to_canonical_bytes(Object{{"evidence", to_base64(evidence)},
                                                                 {"statement", to_base64(statement)}}),
                            0600);
  if (written) return {};
  return Error{ErrorKind::unavailable, "keeping the log-in for the gate: " + written.error().message};
}

Result<std::vector<fs::path>> Folder::queue() const {
  std::vector<fs::path> files;
  std::error_code failed;
  for (fs::directory_iterator at(path_ / "queue", failed), end; !failed && at != end; at.increment(failed)) {
    if (is_queued_name(at->path().filename().string())) files.push_back(at->path());
  }
  if (failed) return unavailable("cannot list", path_ / "queue", failed.value());
  std::ranges::sort(files);
  return files;
}

Result<Queued> Folder::read_queued(const fs::path& file) const {
  const FileDescriptor descriptor(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (!descriptor.valid()) {
    if (errno == ELOOP) return Error{ErrorKind::invalid, file.string() + " is a link"};
    return unavailable("cannot read", file, errno);
  }
  struct stat about {};
  if (::fstat(descriptor.get(), &about) != 0) return unavailable("cannot look at", file, errno);
  if (!S_ISREG(about.st_mode)) return Error{ErrorKind::invalid, file.string() + " is no file"};
  auto bytes = read_all(descriptor, kLargestQueued, file);
  if (!bytes) return bytes.error();
  auto value = statement::parse_wire(*bytes, kLargestQueued);
  if (!value) return value.error().within(file.string());
  auto statement = statement::base64_field(*value, "statement");
  auto evidence = statement::base64_field(*value, "evidence");
  if (!statement) return statement.error().within(file.string());
  if (!evidence) return evidence.error().within(file.string());
  return Queued{file, std::move(*statement), std::move(*evidence)};
}

}  // namespace sceau::host
