#include "board/bridge/shared_memory.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <vector>

#include "loader/image.h"

namespace sceau::firmware::bridge {

namespace {

std::string system_error() { return std::strerror(errno); }  // NOLINT(concurrency-mt-unsafe): one thread

}  // namespace

SharedMemory::SharedMemory(const std::string& path)
    : file_(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)) {
  struct stat status {};
  if (!file_.open() || ::fstat(file_.get(), &status) != 0) {
    error_ = "cannot open the board's memory '" + path + "': " + system_error();
    return;
  }
  if (::flock(file_.get(), LOCK_EX | LOCK_NB) != 0) {
    error_ = "the board's memory '" + path + "' is in use by another token: stop that one first";
    return;
  }
  if (status.st_size == 0 && !make_blank()) {
    error_ = "cannot write the board's memory '" + path + "': " + system_error();
    return;
  }
  if (status.st_size != 0 && static_cast<std::size_t>(status.st_size) != mps2::kSharedSize) {
    error_ = "'" + path + "' is not a board's memory: it is not of 16 MiB; give another file, or a new name";
    return;
  }
  void* base = ::mmap(nullptr, mps2::kSharedSize, PROT_READ | PROT_WRITE, MAP_SHARED, file_.get(), 0);
  if (base == MAP_FAILED) {
    error_ = "cannot map the board's memory '" + path + "': " + system_error();
    return;
  }
  base_ = static_cast<std::uint8_t*>(base);
}

SharedMemory::~SharedMemory() {
  if (base_ != nullptr) ::munmap(base_, mps2::kSharedSize);
}

// A file of zeros whose flash and whose loader's counter are all ones.
bool SharedMemory::make_blank() {
  host::RealFileOperations operations;
  const std::vector<std::uint8_t> blank(mps2::kFlashPages * mps2::kFlashPageSize, 0xFF);
  return ::ftruncate(file_.get(), static_cast<off_t>(mps2::kSharedSize)) == 0 &&
         operations.write_at(file_.get(), blank, mps2::kFlashOffset) &&
         operations.write_at(file_.get(), ByteView(blank).first(loader::kCounterPage),
                             loader::kCounterOffset) &&
         operations.sync(file_.get());
}

bool SharedMemory::write_firmware(const std::string& path) {
  constexpr std::size_t kMost = 8UL * 1024 * 1024;
  std::ifstream file(path, std::ios::binary);
  const std::vector<char> image{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  if (image.empty() || image.size() > kMost) return false;
  std::memcpy(base_ + loader::kImageOffset, image.data(), image.size());
  return true;
}

mps2::Mailbox& SharedMemory::mailbox() {
  return *reinterpret_cast<mps2::Mailbox*>(base_ + mps2::kMailboxOffset);
}

}  // namespace sceau::firmware::bridge
