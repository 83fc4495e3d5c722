#include "piv/management.h"

#include "crypto/triple_des.h"

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
    case kTripleDes:
      return 24;
    case kAes256:
      return 32;
    default:
      return 0;
  }
}

bool serves(const ManagementKey& key, std::uint8_t algorithm) {
  const bool either = algorithm == kTripleDes || algorithm == kAes192;
  return algorithm == key.algorithm || (key.is_default && either);
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
  // The default value is the default key whichever of the two a tool calls it.
  const bool is_default = (algorithm == kAes192 || algorithm == kTripleDes) &&
                          equal_in_constant_time(key, ByteView(kDefaultKey), uncounted);
  return store_.set(place::kManagementKey, encode(algorithm, touch_policy, is_default, key), Room::kReserved);
}

void Management::drop_challenge() {
  asked_ = Asked::kNothing;
  wipe(plain_.bytes);
}

void Management::log_out() {
  drop_challenge();
  authenticated_ = false;
}

Result<Block> Management::encrypt(std::uint8_t algorithm, ByteView block) {
  const Result<ManagementKey> key = this->key();
  if (!key.ok()) return key.status();
  Block result;
  result.size = block.size();
  if (algorithm == kTripleDes) {
    const Status status =
        triple_des_encrypt_block(key.value().view(), block, ByteSpan(result.bytes).first(kTripleDesBlock));
    if (status != Status::kOk) return status;
    return result;
  }
  AesBlock plain;
  copy(block, plain);
  const Result<AesBlock> encrypted = aes_encrypt_block(key.value().view(), plain);
  if (!encrypted.ok()) return encrypted.status();
  result.bytes = encrypted.value();
  return result;
}

Result<Block> Management::ask(Asked what, std::uint8_t algorithm) {
  drop_challenge();
  plain_.size = algorithm == kTripleDes ? kTripleDesBlock : kAesBlock;
  const Status status = board_.random(ByteSpan(plain_.bytes).first(plain_.size));
  if (status != Status::kOk) return status;
  asked_ = what;
  asked_with_ = algorithm;
  return plain_;
}

bool Management::take_question(Asked what, std::uint8_t algorithm) {
  const bool was_asked = asked_ == what && asked_with_ == algorithm;
  drop_challenge();
  authenticated_ = false;
  return was_asked;
}

Result<Block> Management::begin_mutual(std::uint8_t algorithm) {
  const Result<Block> witness = ask(Asked::kWitness, algorithm);
  if (!witness.ok()) return witness.status();
  return encrypt(algorithm, witness.value().view());
}

Result<Block> Management::finish_mutual(std::uint8_t algorithm, ByteView witness, ByteView challenge) {
  const Block right = plain_;
  std::uint32_t uncounted = 0;
  if (!take_question(Asked::kWitness, algorithm) || challenge.size() != right.size ||
      !equal_in_constant_time(witness, right.view(), uncounted)) {
    return Status::kInvalid;
  }
  Result<Block> response = encrypt(algorithm, challenge);
  authenticated_ = response.ok();
  return response;
}

Result<Block> Management::begin_single(std::uint8_t algorithm) { return ask(Asked::kResponse, algorithm); }

Status Management::finish_single(std::uint8_t algorithm, ByteView response) {
  const Block challenge = plain_;
  if (!take_question(Asked::kResponse, algorithm)) return Status::kInvalid;
  const Result<Block> right = encrypt(algorithm, challenge.view());
  if (!right.ok()) return right.status();
  std::uint32_t uncounted = 0;
  if (!equal_in_constant_time(response, right.value().view(), uncounted)) return Status::kInvalid;
  authenticated_ = true;
  return Status::kOk;
}

}  // namespace sceau::firmware::piv
