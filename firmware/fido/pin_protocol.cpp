#include "fido/pin_protocol.h"

#include "crypto/aes_cbc.h"

namespace sceau::firmware::fido {

CtapResult<Encrypted> encrypt(Board& board, const SharedSecret& secret, ByteView plain) {
  AesBlock initial;
  const std::size_t head = secret.protocol == kProtocolTwo ? initial.size() : 0;
  if (head != 0 && board.random(initial) != Status::kOk) return CtapStatus::kOther;
  Encrypted encrypted;
  encrypted.size = head + plain.size();
  if (encrypted.size > kMaxEncrypted) return CtapStatus::kOther;
  copy(ByteView(initial).first(head), encrypted.bytes);
  const Status status =
      encrypt_cbc(secret.encryption, initial, plain, ByteSpan(encrypted.bytes).subspan(head, plain.size()));
  return status == Status::kOk ? CtapResult<Encrypted>(encrypted) : CtapStatus::kOther;
}

CtapResult<Decrypted> decrypt(const SharedSecret& secret, ByteView encrypted) {
  AesBlock initial;
  if (secret.protocol == kProtocolTwo) {
    if (encrypted.size() < initial.size()) return CtapStatus::kInvalidParameter;
    copy(encrypted.first(initial.size()), initial);
    encrypted = encrypted.subspan(initial.size());
  }
  Decrypted plain;
  if (encrypted.empty() || encrypted.size() % kAesBlock != 0 || encrypted.size() > plain.bytes.size()) {
    return CtapStatus::kInvalidParameter;
  }
  plain.size = encrypted.size();
  const Status status =
      decrypt_cbc(secret.encryption, initial, encrypted, ByteSpan(plain.bytes).first(plain.size));
  return status == Status::kOk ? CtapResult<Decrypted>(plain) : CtapStatus::kOther;
}

bool is_authentic(std::uint32_t protocol, ByteView key, std::initializer_list<ByteView> parts, ByteView tag) {
  const Result<Hash> made = hmac_sha256(key, parts);
  const std::size_t size = protocol == kProtocolOne ? 16 : kHashSize;
  if (!made.ok() || tag.size() != size) return false;
  std::uint32_t uncounted = 0;
  return equal_in_constant_time(ByteView(made.value()).first(size), tag, uncounted);
}

CtapStatus KeyAgreement::ensure() {
  if (made_) return CtapStatus::kSuccess;
  const Result<KeyPair> pair = engine_.generate(KeyType::kP256);
  if (!pair.ok()) return CtapStatus::kOther;
  copy(pair.value().secret.view(), scalar_);
  copy(pair.value().open.bytes.view(), point_);
  made_ = true;
  return CtapStatus::kSuccess;
}

void KeyAgreement::renew() {
  wipe(scalar_);
  made_ = false;
}

CtapResult<ByteView> KeyAgreement::point() {
  const CtapStatus status = ensure();
  if (status != CtapStatus::kSuccess) return status;
  return ByteView(point_);
}

CtapResult<SharedSecret> KeyAgreement::agree(std::uint32_t protocol, const CosePoint& theirs) {
  if (!is_protocol(protocol)) return CtapStatus::kInvalidParameter;
  const CtapStatus status = ensure();
  if (status != CtapStatus::kSuccess) return status;
  KeyPair pair;
  pair.secret.assign(scalar_);
  const Result<KeyOutput> x = engine_.agree(pair, theirs.point);
  if (x.status() == Status::kInvalid) return CtapStatus::kInvalidParameter;
  if (!x.ok()) return CtapStatus::kOther;
  SharedSecret secret;
  secret.protocol = protocol;
  if (protocol == kProtocolOne) {
    const Result<Hash> hash = sha256({x.value().view()});
    if (!hash.ok()) return CtapStatus::kOther;
    copy(hash.value(), secret.authentication);
    copy(hash.value(), secret.encryption);
    return secret;
  }
  const Result<DerivedKey> authentication = derive_key(x.value().view(), "CTAP2 HMAC key");
  const Result<DerivedKey> encryption = derive_key(x.value().view(), "CTAP2 AES key");
  if (!authentication.ok() || !encryption.ok()) return CtapStatus::kOther;
  secret.authentication = authentication.value();
  secret.encryption = encryption.value();
  return secret;
}

}  // namespace sceau::firmware::fido
