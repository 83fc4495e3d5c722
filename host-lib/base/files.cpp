#include "sceau/base/files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>

namespace sceau {
namespace {

Error failed(const char* action, const std::filesystem::path& path, int number) {
  const ErrorKind kind = number == ENOENT ? ErrorKind::not_found : ErrorKind::unavailable;
  return {kind, std::string(action) + " " + path.string() + ": " + system_error_text(number)};
}

bool write_all(int descriptor, ByteView bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::write(descriptor, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return false;
    bytes = bytes.subspan(static_cast<std::size_t>(count));
  }
  return true;
}

}  // namespace

std::string system_error_text(int number) { return std::generic_category().message(number); }

int FileDescriptor::release() {
  const int descriptor = descriptor_;
  descriptor_ = -1;
  return descriptor;
}

void FileDescriptor::reset(int descriptor) {
  if (descriptor_ >= 0) ::close(descriptor_);
  descriptor_ = descriptor;
}

Result<Bytes> read_file(const std::filesystem::path& path, std::size_t limit) {
  const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.valid()) return failed("cannot read", path, errno);
  Bytes out;
  std::array<std::uint8_t, 65536> buffer{};
  for (;;) {
    const ssize_t count = ::read(file.get(), buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return failed("cannot read", path, errno);
    if (count == 0) return out;
    append(out, ByteView(buffer).first(static_cast<std::size_t>(count)));
    if (out.size() > limit) {
      return Error{ErrorKind::invalid, path.string() + " is larger than " + std::to_string(limit) + " bytes"};
    }
  }
}

Status write_file(const std::filesystem::path& path, ByteView bytes, unsigned mode) {
  std::string part = path.string() + ".XXXXXX";
  const FileDescriptor file(::mkostemp(part.data(), O_CLOEXEC));
  if (!file.valid()) return failed("cannot write beside", path, errno);
  if (!write_all(file.get(), bytes) || ::fchmod(file.get(), mode) != 0 || ::fsync(file.get()) != 0 ||
      ::rename(part.c_str(), path.c_str()) != 0) {
    const int number = errno;
    ::unlink(part.c_str());
    return failed("cannot write", path, number);
  }
  return sync_folder(path.has_parent_path() ? path.parent_path() : std::filesystem::path("."));
}

Status sync_folder(const std::filesystem::path& folder) {
  const FileDescriptor descriptor(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!descriptor.valid() || ::fsync(descriptor.get()) != 0) return failed("cannot sync", folder, errno);
  return {};
}

}  // namespace sceau
