#include "spool.h"

#include <fcntl.h>
#include <sodium.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <string>

#include "sceau/base/files.h"

namespace sceau::gate {
namespace {

constexpr std::size_t kMessage = kSpoolPiece + crypto_secretstream_xchacha20poly1305_ABYTES;

Error disk_error(const std::string& what) {
  return {ErrorKind::unavailable, what + " the spool: " + system_error_text(errno) +
                                      ": make room in the home's spool folder and ask again"};
}

// A file without a name, or one whose name is gone before a byte is written.
Result<FileDescriptor> open_nameless(const std::filesystem::path& folder) {
  FileDescriptor file(::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
  if (file.valid()) return file;
  if (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL) return disk_error("opening");
  std::string name = (folder / "extraction-XXXXXX").string();
  file.reset(::mkostemp(name.data(), O_CLOEXEC));
  if (!file.valid() || ::unlink(name.c_str()) != 0) return disk_error("opening");
  return file;
}

}  // namespace

struct Spool::State {
  State() = default;
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() { sodium_memzero(&stream, sizeof stream); }

  FileDescriptor file;
  Secret key;
  crypto_secretstream_xchacha20poly1305_state stream{};
  std::array<unsigned char, crypto_secretstream_xchacha20poly1305_HEADERBYTES> header{};
  Bytes plain;    // what does not fill a piece yet
  Bytes message;  // one encrypted piece
  bool sealed = false, ended = false;

  Status push(ByteView piece, bool last);
  Status write_all(ByteView bytes) const;
  Result<std::size_t> read_some(std::span<std::uint8_t> out) const;
};

Spool::Spool(std::unique_ptr<State> state) : state_(std::move(state)) {}
Spool::~Spool() = default;
Spool::Spool(Spool&&) noexcept = default;
Spool& Spool::operator=(Spool&&) noexcept = default;

Result<Spool> Spool::create(const std::filesystem::path& folder, Random& random) {
  if (sodium_init() < 0) return Error{ErrorKind::internal, "opening the spool: libsodium did not start"};
  auto file = open_nameless(folder);
  if (!file) return file.error();
  auto state = std::make_unique<State>();
  state->file = std::move(*file);
  state->key = Secret::sized(crypto_secretstream_xchacha20poly1305_KEYBYTES);
  random.fill(state->key.writable());
  crypto_secretstream_xchacha20poly1305_init_push(&state->stream, state->header.data(),
                                                  state->key.view().data());
  state->plain.reserve(kSpoolPiece);
  state->message.resize(kMessage);
  return Spool(std::move(state));
}

Status Spool::State::write_all(ByteView bytes) const {
  while (!bytes.empty()) {
    const ssize_t size = ::write(file.get(), bytes.data(), bytes.size());
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return disk_error("writing");
    bytes = bytes.subspan(static_cast<std::size_t>(size));
  }
  return {};
}

Status Spool::State::push(ByteView piece, bool last) {
  unsigned long long size = 0;
  const unsigned char tag = last ? crypto_secretstream_xchacha20poly1305_TAG_FINAL
                                 : crypto_secretstream_xchacha20poly1305_TAG_MESSAGE;
  crypto_secretstream_xchacha20poly1305_push(&stream, message.data(), &size, piece.data(), piece.size(),
                                             nullptr, 0, tag);
  return write_all(ByteView(message).first(static_cast<std::size_t>(size)));
}

Status Spool::write(ByteView bytes) {
  State& state = *state_;
  if (state.sealed) return Error{ErrorKind::internal, "writing the spool: it was sealed"};
  while (!bytes.empty()) {
    const std::size_t size = std::min(bytes.size(), kSpoolPiece - state.plain.size());
    append(state.plain, bytes.first(size));
    bytes = bytes.subspan(size);
    if (state.plain.size() == kSpoolPiece) {
      if (auto status = state.push(state.plain, false); !status) return status;
      state.plain.clear();
    }
  }
  return {};
}

Status Spool::seal() {
  State& state = *state_;
  if (auto status = state.push(state.plain, true); !status) return status;
  wipe(state.plain);
  state.plain.clear();
  state.sealed = true;
  if (::lseek(state.file.get(), 0, SEEK_SET) != 0) return disk_error("rewinding");
  crypto_secretstream_xchacha20poly1305_init_pull(&state.stream, state.header.data(),
                                                  state.key.view().data());
  return {};
}

Result<std::size_t> Spool::State::read_some(std::span<std::uint8_t> out) const {
  std::size_t filled = 0;
  while (filled < out.size()) {
    const ssize_t size = ::read(file.get(), out.data() + filled, out.size() - filled);
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return disk_error("reading");
    if (size == 0) break;
    filled += static_cast<std::size_t>(size);
  }
  return filled;
}

Result<Bytes> Spool::read() {
  State& state = *state_;
  if (state.ended) return Bytes{};
  auto size = state.read_some(state.message);
  if (!size) return size.error();
  Bytes piece(kSpoolPiece);
  unsigned long long plain = 0;
  unsigned char tag = 0;
  if (*size < crypto_secretstream_xchacha20poly1305_ABYTES ||
      crypto_secretstream_xchacha20poly1305_pull(&state.stream, piece.data(), &plain, &tag,
                                                 state.message.data(), *size, nullptr, 0) != 0) {
    return Error{ErrorKind::corrupt,
                 "reading the spool: its bytes are not those that were written: ask again, and have "
                 "the home's disk looked at"};
  }
  piece.resize(static_cast<std::size_t>(plain));
  state.ended = tag == crypto_secretstream_xchacha20poly1305_TAG_FINAL;
  return piece;
}

void clear_spool(const std::filesystem::path& folder) {
  std::error_code problem;
  for (const auto& file : std::filesystem::directory_iterator(folder, problem)) {
    std::error_code ignored;
    std::filesystem::remove(file.path(), ignored);
  }
}

}  // namespace sceau::gate
