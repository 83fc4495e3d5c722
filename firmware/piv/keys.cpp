#include "piv/keys.h"

namespace sceau::firmware::piv {

namespace {

constexpr std::size_t kHeader = 4;

ObjectKey key_place(std::uint8_t slot) {
  return slot == kSlotAttestation ? place::kAttestationKey : static_cast<ObjectKey>(place::kKeys + slot);
}

}  // namespace

std::uint8_t Key::algorithm() const {
  switch (pair.type()) {
    case KeyType::kP256:
      return kEccP256;
    case KeyType::kP384:
      return kEccP384;
    case KeyType::kRsa2048:
      return kRsa2048;
    case KeyType::kRsa3072:
      return kRsa3072;
  }
  return kAlgorithmUnnamed;
}

Result<KeyType> key_type(std::uint8_t algorithm) {
  switch (algorithm) {
    case kEccP256:
      return KeyType::kP256;
    case kEccP384:
      return KeyType::kP384;
    case kRsa2048:
      return KeyType::kRsa2048;
    case kRsa3072:
      return KeyType::kRsa3072;
    default:
      return Status::kInvalid;
  }
}

PinPolicy default_pin_policy(std::uint8_t slot) {
  if (slot == kSlotSignature) return PinPolicy::kAlways;
  return slot == kSlotCardAuthentication ? PinPolicy::kNever : PinPolicy::kOnce;
}

Keys::Record Keys::encode(const Key& key) {
  Record record;
  Writer out(record.bytes);
  out.byte(key.algorithm());
  out.byte(static_cast<std::uint8_t>(key.pin_policy));
  out.byte(static_cast<std::uint8_t>(key.touch_policy));
  out.byte(static_cast<std::uint8_t>(key.origin));
  out.bytes(key.pair.secret.view());
  out.bytes(key.pair.open.bytes.view());
  record.size = out.size();
  return record;
}

bool Keys::contains(std::uint8_t slot) const { return store_.contains(key_place(slot)); }

Result<Key> Keys::read(std::uint8_t slot) {
  Record record;
  const Result<std::size_t> size = store_.read(key_place(slot), record.bytes);
  if (!size.ok()) return size.status();
  record.size = size.value();
  const Result<KeyType> type = key_type(record.bytes[0]);
  if (!type.ok()) return Status::kCorrupt;
  const std::size_t secret = secret_size(type.value());
  if (record.size != kHeader + secret + public_size(type.value())) return Status::kCorrupt;
  Key key;
  key.pin_policy = static_cast<PinPolicy>(record.bytes[1]);
  key.touch_policy = static_cast<TouchPolicy>(record.bytes[2]);
  key.origin = static_cast<Origin>(record.bytes[3]);
  key.pair.open.type = type.value();
  const bool whole = key.pair.secret.assign(record.view().subspan(kHeader, secret)) &&
                     key.pair.open.bytes.assign(record.view().subspan(kHeader + secret));
  return whole ? Result<Key>(key) : Status::kCorrupt;
}

Status Keys::write(std::uint8_t slot, const Key& key) {
  const Record record = encode(key);
  return store_.set(key_place(slot), record.view(), Room::kOrdinary);
}

Status Keys::move(std::uint8_t from, std::uint8_t to) {
  Record record;
  const Result<std::size_t> size = store_.read(key_place(from), record.bytes);
  if (!size.ok()) return size.status();
  record.size = size.value();
  const Change changes[] = {Change::remove(key_place(from)), Change::set(key_place(to), record.view())};
  return store_.apply(changes, Room::kOrdinary);
}

Status Keys::remove(std::uint8_t slot) {
  return contains(slot) ? store_.remove(key_place(slot)) : Status::kNotFound;
}

}  // namespace sceau::firmware::piv
