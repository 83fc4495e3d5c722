#include "held.h"

#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <optional>

#include "sceau/base/files.h"

namespace sceau::gate {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kHeader = crypto_secretstream_xchacha20poly1305_HEADERBYTES;
constexpr std::size_t kOver = crypto_secretstream_xchacha20poly1305_ABYTES;
constexpr std::size_t kLength = 4;
constexpr std::size_t kLongestFrame = kSpoolPiece + kOver;

Error disk_error(const std::string& what) {
  return {ErrorKind::unavailable, what + " an answer in quarantine: " + system_error_text(errno) +
                                      ": make room in the gate's home and ask again"};
}

Error damaged() {
  return {ErrorKind::corrupt,
          "reading an answer in quarantine: its file is not the one that was written: "
          "ask again with a new request, and have the home's disk looked at"};
}

// BLAKE2b, as crypto_kdf has it.
Secret derived(const Secret& key) {
  if (key.size() != crypto_kdf_KEYBYTES) std::abort();
  Secret out = Secret::sized(crypto_secretstream_xchacha20poly1305_KEYBYTES);
  crypto_kdf_derive_from_key(out.writable().data(), out.size(), 1, "held 001", key.view().data());
  return out;
}

Status write_all(int file, ByteView bytes) {
  while (!bytes.empty()) {
    const ssize_t size = ::write(file, bytes.data(), bytes.size());
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return disk_error("keeping");
    bytes = bytes.subspan(static_cast<std::size_t>(size));
  }
  return {};
}

Status read_all(int file, std::span<std::uint8_t> out) {
  while (!out.empty()) {
    const ssize_t size = ::read(file, out.data(), out.size());
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return disk_error("reading");
    if (size == 0) return damaged();
    out = out.subspan(static_cast<std::size_t>(size));
  }
  return {};
}

// The frames of one file, on their way to it or from it.
class Frames {
 public:
  Frames(int file, const Digest& request) : file_(file), request_(request) {}
  Frames(const Frames&) = delete;
  Frames& operator=(const Frames&) = delete;
  ~Frames() { sodium_memzero(&stream_, sizeof stream_); }

  Status begin_writing(const Secret& key) {
    std::array<std::uint8_t, kHeader> header{};
    crypto_secretstream_xchacha20poly1305_init_push(&stream_, header.data(), key.view().data());
    return write_all(file_, header);
  }
  Status write(ByteView piece, bool last) {
    Bytes frame(kLength + piece.size() + kOver);
    const std::size_t length = frame.size() - kLength;
    for (std::size_t i = 0; i < kLength; ++i) frame[i] = static_cast<std::uint8_t>(length >> (8 * i));
    const unsigned char tag = last ? crypto_secretstream_xchacha20poly1305_TAG_FINAL
                                   : crypto_secretstream_xchacha20poly1305_TAG_MESSAGE;
    crypto_secretstream_xchacha20poly1305_push(&stream_, frame.data() + kLength, nullptr, piece.data(),
                                               piece.size(), request_.data(), request_.size(), tag);
    return write_all(file_, frame);
  }
  Status begin_reading(const Secret& key) {
    std::array<std::uint8_t, kHeader> header{};
    if (auto read = read_all(file_, header); !read) return read;
    if (crypto_secretstream_xchacha20poly1305_init_pull(&stream_, header.data(), key.view().data()) != 0)
      return damaged();
    return {};
  }
  // Nothing after the last.
  Result<std::optional<Bytes>> next() {
    if (ended_) return std::optional<Bytes>();
    std::array<std::uint8_t, kLength> prefix{};
    if (auto read = read_all(file_, prefix); !read) return read.error();
    std::size_t length = 0;
    for (std::size_t i = kLength; i > 0; --i) length = length << 8U | prefix[i - 1];
    if (length < kOver || length > kLongestFrame) return damaged();
    Bytes frame(length), piece(length - kOver);
    if (auto read = read_all(file_, frame); !read) return read.error();
    unsigned char tag = 0;
    if (crypto_secretstream_xchacha20poly1305_pull(&stream_, piece.data(), nullptr, &tag, frame.data(),
                                                   frame.size(), request_.data(), request_.size()) != 0)
      return damaged();
    ended_ = tag == crypto_secretstream_xchacha20poly1305_TAG_FINAL;
    return std::optional(std::move(piece));
  }

 private:
  int file_;
  const Digest& request_;
  crypto_secretstream_xchacha20poly1305_state stream_{};
  bool ended_ = false;
};

Status write_answer(Frames& frames, ByteView about, Spool& answer) {
  if (auto written = frames.write(about, false); !written) return written;
  while (true) {
    auto piece = answer.read();
    if (!piece) return piece.error();
    const bool last = piece->empty();
    Status written = frames.write(*piece, last);
    wipe(*piece);
    if (!written || last) return written;
  }
}

Result<FileDescriptor> open_for_reading(const fs::path& path) {
  FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (file.valid()) return file;
  if (errno == ENOENT)
    return Error{ErrorKind::not_found,
                 "reading an answer in quarantine: its file is not there any more: ask "
                 "again with a new request"};
  return disk_error("reading");
}

void destroy_file(const fs::path& path) {
  const FileDescriptor file(::open(path.c_str(), O_WRONLY | O_CLOEXEC | O_NOFOLLOW));
  const std::array<std::uint8_t, kHeader> nothing{};
  if (file.valid() && write_all(file.get(), nothing)) (void)::fsync(file.get());
  std::error_code ignored;
  fs::remove(path, ignored);
}

}  // namespace

HeldAnswer::HeldAnswer(const fs::path& folder, const Digest& request, const Secret& project_key)
    : file_(folder / to_hex(request)), request_(request), key_(derived(project_key)) {}

Status HeldAnswer::keep(ByteView about, Spool& answer) const {
  if (sodium_init() < 0) return Error{ErrorKind::internal, "keeping an answer: libsodium did not start"};
  const fs::path folder = file_.parent_path();
  if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) return disk_error("keeping");
  fs::path part = file_;
  part += ".part";
  const FileDescriptor file(
      ::open(part.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!file.valid()) return disk_error("keeping");
  Frames frames(file.get(), request_);
  auto kept = frames.begin_writing(key_);
  if (kept) kept = write_answer(frames, about, answer);
  if (kept && (::fsync(file.get()) != 0 || ::rename(part.c_str(), file_.c_str()) != 0))
    kept = disk_error("keeping");
  if (kept) kept = sync_folder(folder);
  if (!kept) {
    destroy_file(part);
    destroy_file(file_);
  }
  return kept;
}

Result<Bytes> HeldAnswer::about() const {
  auto file = open_for_reading(file_);
  if (!file) return file.error();
  Frames frames(file->get(), request_);
  if (auto begun = frames.begin_reading(key_); !begun) return begun.error();
  auto first = frames.next();
  if (!first) return first.error();
  return first->value_or(Bytes{});
}

Status HeldAnswer::take_out(Spool& answer, const Digest& sha256) const {
  auto file = open_for_reading(file_);
  if (!file) return file.error();
  Frames frames(file->get(), request_);
  if (auto begun = frames.begin_reading(key_); !begun) return begun;
  DigestStream digest;
  bool is_about = true;
  while (true) {
    auto piece = frames.next();
    if (!piece) return piece.error();
    if (!*piece) break;
    if (!is_about) {
      digest.update(**piece);
      if (auto written = answer.write(**piece); !written) return written;
    }
    is_about = false;
    wipe(**piece);
  }
  if (digest.current() != sha256) return damaged();
  return answer.seal();
}

void destroy_held(const fs::path& folder, const Digest& request) { destroy_file(folder / to_hex(request)); }

void destroy_held_but(const fs::path& folder, const std::set<Digest>& kept) {
  std::set<std::string> names;
  for (const Digest& request : kept) names.insert(to_hex(request));
  std::error_code problem;
  for (const auto& file : fs::directory_iterator(folder, problem)) {
    if (!names.contains(file.path().filename().string())) destroy_file(file.path());
  }
}

}  // namespace sceau::gate
