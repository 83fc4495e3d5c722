#include "piv/keys.h"

namespace sceau::firmware::piv {

namespace {

ObjectKey key_place(std::uint8_t slot) {
  return slot == kSlotAttestation ? place::kAttestationKey : static_cast<ObjectKey>(place::kKeys + slot);
}

}  // namespace

PinPolicy default_pin_policy(std::uint8_t slot) {
  if (slot == kSlotSignature) return PinPolicy::kAlways;
  return slot == kSlotCardAuthentication ? PinPolicy::kNever : PinPolicy::kOnce;
}

Keys::Bytes Keys::encode(const Key& key) {
  Bytes bytes;
  bytes[0] = key.algorithm;
  bytes[1] = static_cast<std::uint8_t>(key.pin_policy);
  bytes[2] = static_cast<std::uint8_t>(key.touch_policy);
  bytes[3] = static_cast<std::uint8_t>(key.origin);
  copy(key.pair.secret, ByteSpan(bytes).subspan(4, kP256Scalar));
  copy(key.pair.point, ByteSpan(bytes).subspan(4 + kP256Scalar));
  return bytes;
}

Result<Key> Keys::read(std::uint8_t slot) {
  Bytes bytes;
  const Result<std::size_t> size = store_.read(key_place(slot), bytes);
  if (!size.ok()) return size.status();
  if (size.value() != bytes.size()) return Status::kCorrupt;
  Key key;
  key.algorithm = bytes[0];
  key.pin_policy = static_cast<PinPolicy>(bytes[1]);
  key.touch_policy = static_cast<TouchPolicy>(bytes[2]);
  key.origin = static_cast<Origin>(bytes[3]);
  copy(ByteView(bytes).subspan(4, kP256Scalar), key.pair.secret);
  copy(ByteView(bytes).subspan(4 + kP256Scalar), key.pair.point);
  return key;
}

Status Keys::write(std::uint8_t slot, const Key& key) {
  return store_.set(key_place(slot), encode(key), Room::kOrdinary);
}

}  // namespace sceau::firmware::piv
