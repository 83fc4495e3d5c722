#include "piv/management.h"

namespace sceau::firmware::piv {

namespace {

constexpr std::size_t kHeader = 3;  // algorithm, touch policy, whether it is the default key

// The value that Yubico's tools, and after them all others, expect on a fresh card.
constexpr std::uint8_t kDefaultKey[] = {1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4,
                                        5, 6, 7, 8, 1, 2, 3, 4, 5, 6, 7, 8};

Management::Bytes encode(std::uint8_t algorithm, TouchPolicy touch_policy, bool is_default, ByteView key) {
  Management::Bytes bytes;
  bytes[0] = algorithm;
  bytes[1] = static_cast<std::uint8_t>(touch_policy);
  bytes[2] = is_default ? 1 : 0;
  copy(key, ByteSpan(bytes).subspan(kHeader));
  return bytes;
}

}  // namespace

std::size_t management_key_size(std::uint8_t algorithm) {
  switch (algorithm) {
    case kAes128:
      return 16;
    case kAes192:
      return 24;
    case kAes256:
      return 32;
    default:
      return 0;
  }
}

ByteView ManagementKey::view() const { return ByteView(bytes).first(management_key_size(algorithm)); }

Management::Bytes Management::default_record() {
  return encode(kAes192, TouchPolicy::kNever, true, kDefaultKey);
}

Result<ManagementKey> Management::key() {
  Bytes bytes;
  const Result<std::size_t> size = store_.read(place::kManagementKey, bytes);
  if (!size.ok()) return size.status();
  if (size.value() != bytes.size() || management_key_size(bytes[0]) == 0) return Status::kCorrupt;
  ManagementKey key;
  key.algorithm = bytes[0];
  key.touch_policy = static_cast<TouchPolicy>(bytes[1]);
  key.is_default = bytes[2] != 0;
  copy(ByteView(bytes).subspan(kHeader), key.bytes);
  return key;
}

Status Management::replace(std::uint8_t algorithm, ByteView key, TouchPolicy touch_policy) {
  if (key.empty() || key.size() != management_key_size(algorithm)) return Status::kInvalid;
  std::uint32_t uncounted = 0;
  const bool is_default =
      algorithm == kAes192 && equal_in_constant_time(key, ByteView(kDefaultKey), uncounted);
  return store_.set(place::kManagementKey, encode(algorithm, touch_policy, is_default, key), Room::kReserved);
}

void Management::drop_challenge() {
  asked_ = Asked::kNothing;
  wipe(plain_);
}

void Management::log_out() {
  drop_challenge();
  authenticated_ = false;
}

Result<AesBlock> Management::ask(Asked what) {
  drop_challenge();
  const Status status = board_.random(plain_);
  if (status != Status::kOk) return status;
  asked_ = what;
  return plain_;
}

// Uses the challenge up whatever the outcome.
bool Management::answered(Asked what, ByteView answer, const AesBlock& right) {
  const bool was_asked = asked_ == what;
  drop_challenge();
  authenticated_ = false;
  std::uint32_t uncounted = 0;
  return was_asked && answer.size() == kAesBlock &&
         equal_in_constant_time(answer, ByteView(right), uncounted);
}

Result<AesBlock> Management::begin_mutual() {
  const Result<ManagementKey> key = this->key();
  if (!key.ok()) return key.status();
  const Result<AesBlock> witness = ask(Asked::kWitness);
  if (!witness.ok()) return witness.status();
  return aes_encrypt_block(key.value().view(), witness.value());
}

Result<AesBlock> Management::finish_mutual(ByteView witness, ByteView challenge) {
  const AesBlock right = plain_;
  if (!answered(Asked::kWitness, witness, right) || challenge.size() != kAesBlock) return Status::kInvalid;
  const Result<ManagementKey> key = this->key();
  if (!key.ok()) return key.status();
  AesBlock block;
  copy(challenge, block);
  const Result<AesBlock> response = aes_encrypt_block(key.value().view(), block);
  authenticated_ = response.ok();
  return response;
}

Result<AesBlock> Management::begin_single() { return ask(Asked::kResponse); }

Status Management::finish_single(ByteView response) {
  const Result<ManagementKey> key = this->key();
  if (!key.ok()) return key.status();
  const Result<AesBlock> right = aes_encrypt_block(key.value().view(), plain_);
  if (!right.ok()) return right.status();
  if (!answered(Asked::kResponse, response, right.value())) return Status::kInvalid;
  authenticated_ = true;
  return Status::kOk;
}

}  // namespace sceau::firmware::piv
