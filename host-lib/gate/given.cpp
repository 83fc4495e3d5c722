#include "given.h"

#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>

#include "sceau/base/files.h"

namespace sceau::gate {
namespace {

constexpr std::size_t kNonce = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr std::size_t kTag = crypto_aead_xchacha20poly1305_ietf_ABYTES;
constexpr std::size_t kFileLimit = std::size_t{4} << 30U;
constexpr std::size_t kLength = 4;

// BLAKE2b, as crypto_kdf has it: one key for what people are called, one for the boxes.
Secret derived(const Secret& key, std::uint64_t which, std::size_t size) {
  if (key.size() != crypto_kdf_KEYBYTES) std::abort();
  Secret out = Secret::sized(size);
  crypto_kdf_derive_from_key(out.writable().data(), size, which, "given 01", key.view().data());
  return out;
}

Error lost(const std::string& project, const std::string& what) {
  return {ErrorKind::corrupt, "holding the answer against what project " + project + " was given: " + what +
                                  ": put the newest backup of the gate's home back, or let the auditors open "
                                  "another project"};
}

Error disk_error(const std::string& what) {
  return {ErrorKind::unavailable, what + " what the project was given: " + system_error_text(errno) +
                                      ": make room in the gate's home and ask again"};
}

std::size_t length_at(ByteView bytes) {
  return std::size_t{bytes[0]} | std::size_t{bytes[1]} << 8U | std::size_t{bytes[2]} << 16U |
         std::size_t{bytes[3]} << 24U;
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

}  // namespace

std::mutex& GivenLocks::of(const std::string& project) {
  const std::lock_guard held(mutex_);
  auto& mutex = projects_[project];
  if (!mutex) mutex = std::make_unique<std::mutex>();
  return *mutex;
}

Given::Given(Place place, const Secret& project_key, GivenLocks& locks, Random& random,
             std::function<std::vector<Digest>()> let_out)
    : place_(std::move(place)),
      people_key_(derived(project_key, 1, crypto_shorthash_siphashx24_KEYBYTES)),
      box_key_(derived(project_key, 2, crypto_aead_xchacha20poly1305_ietf_KEYBYTES)),
      locks_(locks),
      random_(random),
      let_out_(std::move(let_out)) {}

std::filesystem::path Given::file() const {
  return place_.folder / to_hex(sha256(as_bytes(place_.project))).substr(0, 32);
}

Bytes Given::bound_to(std::size_t place) const {
  Bytes bound = to_bytes(place_.project);
  bound.push_back(0);
  sceau::append(bound, as_bytes(std::to_string(place)));
  return bound;
}

Bytes Given::make_frame(ByteView answer, std::size_t place) const {
  Bytes plain(place_.request.begin(), place_.request.end());
  sceau::append(plain, answer);
  const std::size_t length = kNonce + plain.size() + kTag;
  Bytes frame(kLength + length);
  for (std::size_t i = 0; i < kLength; ++i) frame[i] = static_cast<std::uint8_t>(length >> (8 * i));
  const auto nonce = std::span(frame).subspan(kLength, kNonce);
  random_.fill(nonce);
  const Bytes bound = bound_to(place);
  unsigned long long size = 0;
  crypto_aead_xchacha20poly1305_ietf_encrypt(frame.data() + kLength + kNonce, &size, plain.data(),
                                             plain.size(), bound.data(), bound.size(), nullptr, nonce.data(),
                                             box_key_.view().data());
  wipe(plain);
  return frame;
}

Result<Bytes> Given::open_frame(ByteView frame, std::size_t place) const {
  if (frame.size() < kNonce + kTag + sizeof(Digest)) return lost(place_.project, "its file is damaged");
  Bytes plain(frame.size() - kNonce - kTag);
  const Bytes bound = bound_to(place);
  unsigned long long size = 0;
  if (crypto_aead_xchacha20poly1305_ietf_decrypt(plain.data(), &size, nullptr, frame.data() + kNonce,
                                                 frame.size() - kNonce, bound.data(), bound.size(),
                                                 frame.data(), box_key_.view().data()) != 0) {
    return lost(place_.project, "its file is not the one that was written");
  }
  return plain;
}

Result<Given::Kept> Given::read() const {
  Kept kept;
  std::error_code problem;
  if (!std::filesystem::exists(file(), problem)) return kept;
  auto bytes = read_file(file(), kFileLimit);
  if (!bytes) return bytes.error();
  ByteView rest = *bytes;
  // A frame that was not written to its end was never relied on.
  while (rest.size() >= kLength && rest.size() - kLength >= length_at(rest)) {
    const std::size_t length = length_at(rest);
    auto plain = open_frame(rest.subspan(kLength, length), kept.answers.size());
    if (!plain) return plain.error();
    Digest request{};
    std::copy_n(plain->begin(), request.size(), request.begin());
    kept.requests.push_back(request);
    kept.answers.emplace_back(plain->begin() + static_cast<std::ptrdiff_t>(request.size()), plain->end());
    rest = rest.subspan(kLength + length);
  }
  kept.size = bytes->size() - rest.size();
  return kept;
}

Status Given::append(ByteView frame, std::uint64_t at) const {
  const bool fresh = at == 0;
  const FileDescriptor out(::open(file().c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!out.valid()) return disk_error("keeping");
  if (::ftruncate(out.get(), static_cast<off_t>(at)) != 0 ||
      ::lseek(out.get(), static_cast<off_t>(at), SEEK_SET) < 0) {
    return disk_error("keeping");
  }
  if (auto written = write_all(out.get(), frame); !written) return written;
  if (::fsync(out.get()) != 0) return disk_error("keeping");
  return fresh ? sync_folder(place_.folder) : Status();
}

Status Given::with(const Decide& decide) {
  const std::lock_guard held(locks_.of(place_.project));
  auto kept = read();
  if (!kept) return kept.error();
  for (const Digest& request : let_out_()) {
    if (std::find(kept->requests.begin(), kept->requests.end(), request) == kept->requests.end())
      return lost(place_.project,
                  "what request " + to_hex(request).substr(0, 12) + " was given is not there");
  }
  auto answer = decide(kept->answers);
  if (!answer) return answer.error();
  if (auto done = append(make_frame(*answer, kept->answers.size()), kept->size); !done) return done;
  used_ = true;
  return {};
}

}  // namespace sceau::gate
