#include "board/host/flash_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace sceau::firmware::host {

namespace {

std::string system_error() { return std::strerror(errno); }  // NOLINT(concurrency-mt-unsafe): one thread

bool read_all(int file, ByteSpan into) {
  std::size_t done = 0;
  while (done < into.size()) {
    const ssize_t got = ::pread(file, into.data() + done, into.size() - done, static_cast<off_t>(done));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    done += static_cast<std::size_t>(got);
  }
  return true;
}

// A new file is found again after a power cut only when its folder is on the disk, too.
bool sync_folder(const std::string& path, FileOperations& operations) {
  const std::size_t slash = path.rfind('/');
  const std::string folder = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  const File file(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  return file.open() && operations.sync(file.get());
}

constexpr std::size_t kFusesSize = 36;

Fuses create_fuses(const std::string& path, std::uint32_t serial, FileOperations& operations) {
  Fuses fuses;
  std::array<std::uint8_t, kFusesSize> bytes{};
  if (::getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size())) {
    fuses.error = "cannot make a device secret: no random bytes: " + system_error();
    return fuses;
  }
  if (serial != 0) store_be32(bytes.data() + 32, serial);
  bytes[32] = static_cast<std::uint8_t>(bytes[32] & 0x7F);
  const File file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!file.open() || !operations.write_at(file.get(), bytes, 0) || !operations.sync(file.get()) ||
      !sync_folder(path, operations)) {
    fuses.error = "cannot write the device secret '" + path + "': " + system_error();
    return fuses;
  }
  copy(ByteView(bytes).first(32), fuses.secret);
  fuses.serial =
      (static_cast<std::uint32_t>(load_be16(bytes.data() + 32)) << 16) | load_be16(bytes.data() + 34);
  return fuses;
}

}  // namespace

FlashFile::FlashFile(File file, std::vector<std::uint8_t> content, FileOperations& operations)
    : file_(std::move(file)), content_(std::move(content)), operations_(operations) {}

Status FlashFile::read(std::size_t offset, ByteSpan into) {
  if (offset > content_.size() || into.size() > content_.size() - offset) return Status::kHardware;
  copy(ByteView(content_).subspan(offset, into.size()), into);
  return Status::kOk;
}

Status FlashFile::program(std::size_t offset, ByteView bytes) {
  if (offset > content_.size() || bytes.size() > content_.size() - offset || offset % 4 != 0 ||
      bytes.size() % 4 != 0) {
    return Status::kHardware;
  }
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    content_[offset + i] = static_cast<std::uint8_t>(content_[offset + i] & bytes[i]);
  }
  return store(offset, bytes.size());
}

Status FlashFile::erase(std::size_t page) {
  if (page >= page_count()) return Status::kHardware;
  std::memset(content_.data() + page * kPageSize, 0xFF, kPageSize);
  return store(page * kPageSize, kPageSize);
}

Status FlashFile::store(std::size_t offset, std::size_t size) {
  const bool done = operations_.write_at(file_.get(), ByteView(content_).subspan(offset, size),
                                         static_cast<off_t>(offset)) &&
                    operations_.sync(file_.get());
  return done ? Status::kOk : Status::kHardware;
}

OpenedFlash open_flash(const std::string& path, FileOperations& operations) {
  OpenedFlash opened;
  File file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  struct stat status {};
  if (!file.open() || ::fstat(file.get(), &status) != 0) {
    opened.error = "cannot open flash '" + path + "': " + system_error();
    return opened;
  }
  if (::flock(file.get(), LOCK_EX | LOCK_NB) != 0) {
    opened.error = "flash '" + path + "' is in use by another token: stop that one first";
    return opened;
  }
  const auto size = static_cast<std::size_t>(status.st_size);
  if (size == 0) {
    opened.content.assign(kDefaultPages * kPageSize, 0xFF);
    if (!operations.write_at(file.get(), opened.content, 0) || !operations.sync(file.get()) ||
        !sync_folder(path, operations)) {
      opened.error = "cannot write flash '" + path + "': " + system_error();
      return opened;
    }
  } else {
    if (size % kPageSize != 0 || size / kPageSize > 128 || size / kPageSize < 4) {
      opened.error = "'" + path + "' is not a flash image: its size is not 4 to 128 pages of 4096 bytes";
      return opened;
    }
    opened.content.resize(size);
    if (!read_all(file.get(), opened.content)) {
      opened.error = "cannot read flash '" + path + "': " + system_error();
      return opened;
    }
  }
  opened.file = std::move(file);
  return opened;
}

Fuses open_fuses(const std::string& flash_path, std::uint32_t serial, FileOperations& operations) {
  const std::string path = flash_path + ".fuses";
  const File file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.open() && errno == ENOENT) return create_fuses(path, serial, operations);
  Fuses fuses;
  std::array<std::uint8_t, kFusesSize> bytes{};
  if (!file.open() || !read_all(file.get(), bytes)) {
    fuses.error = "cannot read the device secret '" + path + "': it belongs to this flash and is needed";
    return fuses;
  }
  copy(ByteView(bytes).first(32), fuses.secret);
  fuses.serial =
      (static_cast<std::uint32_t>(load_be16(bytes.data() + 32)) << 16) | load_be16(bytes.data() + 34);
  if (serial != 0 && serial != fuses.serial) {
    fuses.error = "token '" + flash_path + "' has serial number " + std::to_string(fuses.serial) + ", not " +
                  std::to_string(serial) + ": leave --serial out, or use another flash file";
  }
  return fuses;
}

}  // namespace sceau::firmware::host
