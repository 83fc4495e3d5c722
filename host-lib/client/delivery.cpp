#include "sceau/client/delivery.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

namespace sceau::client {
namespace {

Error not_written(const std::string& where) {
  return {ErrorKind::unavailable, "rows could not be written to " + where + ": " + system_error_text(errno) +
                                      ": make room or choose another file, then ask again"};
}

}  // namespace

Status Delivery::check_file(const std::filesystem::path& file, bool overwrite) {
  std::error_code ignored;
  if (std::filesystem::is_directory(file, ignored)) {
    return Error{ErrorKind::refused, file.string() + " is a folder: name a file in it"};
  }
  if (!overwrite && std::filesystem::exists(file, ignored)) {
    return Error{ErrorKind::refused,
                 file.string() + " is there already: choose another name, or say --force to replace it"};
  }
  const auto folder = file.has_parent_path() ? file.parent_path() : std::filesystem::path(".");
  if (::access(folder.c_str(), W_OK | X_OK) != 0) return not_written(file.string());
  return {};
}

Result<Delivery> Delivery::to_file(const std::filesystem::path& file, bool overwrite) {
  if (auto place = check_file(file, overwrite); !place) return place.error();
  Delivery delivery;
  delivery.file_ = file;
  delivery.part_ = file;
  delivery.part_ += ".part";
  delivery.owned_.reset(
      ::open(delivery.part_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!delivery.owned_.valid()) {
    const auto error = not_written(delivery.part_.string());
    delivery.part_.clear();
    return error;
  }
  delivery.descriptor_ = delivery.owned_.get();
  return delivery;
}

Delivery Delivery::to_descriptor(int descriptor) {
  Delivery delivery;
  delivery.descriptor_ = descriptor;
  return delivery;
}

Delivery::Delivery(Delivery&& other) noexcept
    : file_(std::exchange(other.file_, {})),
      part_(std::exchange(other.part_, {})),
      owned_(std::move(other.owned_)),
      descriptor_(std::exchange(other.descriptor_, -1)),
      digest_(std::move(other.digest_)),
      bytes_(other.bytes_) {}

Delivery::~Delivery() {
  if (part_.empty()) return;
  owned_.reset();
  ::unlink(part_.c_str());
}

Status Delivery::write(ByteView piece) {
  digest_.update(piece);
  bytes_ += piece.size();
  while (!piece.empty()) {
    const auto written = ::write(descriptor_, piece.data(), piece.size());
    if (written < 0) {
      if (errno == EINTR) continue;
      return not_written(part_.empty() ? "standard output" : part_.string());
    }
    piece = piece.subspan(static_cast<std::size_t>(written));
  }
  return {};
}

Status Delivery::finish(const Digest& expected) {
  if (digest_.current() != expected) {
    return Error{ErrorKind::corrupt, "the rows that came are not those that the gate signed for (SHA-256 " +
                                         to_hex(digest()) + " instead of " + to_hex(expected) +
                                         "): do not use them, and tell the auditor"};
  }
  if (part_.empty()) return {};
  if (::fsync(owned_.get()) != 0) return not_written(part_.string());
  owned_.reset();
  if (::rename(part_.c_str(), file_.c_str()) != 0) return not_written(file_.string());
  part_.clear();
  const auto folder = file_.parent_path();
  return sync_folder(folder.empty() ? std::filesystem::path(".") : folder);
}

}  // namespace sceau::client
