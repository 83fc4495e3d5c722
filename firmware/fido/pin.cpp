#include "fido/pin.h"

#include "fido/cbor.h"

namespace sceau::firmware::fido {

namespace {

using SettingsRecord = std::array<std::uint8_t, 4>;

SettingsRecord encode(const Settings& settings) {
  return {static_cast<std::uint8_t>(settings.always_uv ? 1 : 0), settings.min_pin,
          static_cast<std::uint8_t>(settings.force_change ? 1 : 0),
          static_cast<std::uint8_t>(settings.enterprise ? 1 : 0)};
}

std::size_t code_points(ByteView text) {
  std::size_t count = 0;
  for (const std::uint8_t byte : text) count += (byte & 0xC0) != 0x80 ? 1 : 0;
  return count;
}

}  // namespace

Result<std::uint8_t> Pin::tries() {
  std::array<std::uint8_t, 1> record{};
  const Result<std::size_t> size = store_.read(place::kPinTries, record);
  if (size.status() == Status::kNotFound) return kPinLimit;
  if (!size.ok()) return size.status();
  return record[0];
}

Status Pin::write_tries(std::uint8_t tries) {
  return store_.set(place::kPinTries, ByteView(&tries, 1), Room::kReserved);
}

Result<Pin::Record> Pin::read_record() {
  Record record;
  const Result<std::size_t> size = store_.read(place::kPin, record);
  if (!size.ok()) return size.status();
  return size.value() == record.size() ? Result<Record>(record) : Status::kCorrupt;
}

Result<std::uint8_t> Pin::length() {
  const Result<Record> record = read_record();
  if (!record.ok()) return record.status();
  return record.value().back();
}

Result<Hash> Pin::keyed_hash(ByteView salt, ByteView pin_hash) {
  const Result<DerivedKey> key = derive_key(board_.unique_secret(), "sceau fido pin");
  return key.ok() ? hmac_sha256(key.value(), {salt, pin_hash}) : key.status();
}

CtapStatus Pin::compare(ByteView pin_hash) {
  const Result<Record> record = read_record();
  if (!record.ok()) return ctap_status(record.status());
  const ByteView bytes = record.value();
  const Result<Hash> hash = keyed_hash(bytes.first(kSalt), pin_hash);
  if (!hash.ok()) return CtapStatus::kOther;
  const bool same =
      equal_in_constant_time(bytes.subspan(kSalt, kHashSize), ByteView(hash.value()), compared_);
  return same ? CtapStatus::kSuccess : CtapStatus::kPinInvalid;
}

CtapStatus Pin::verify(ByteView pin_hash) {
  if (!is_set()) return CtapStatus::kPinNotSet;
  const Result<std::uint8_t> left = tries();
  if (!left.ok()) return ctap_status(left.status());
  if (left.value() == 0) return CtapStatus::kPinBlocked;
  if (blocked_until_power()) return CtapStatus::kPinAuthBlocked;
  const auto fewer = static_cast<std::uint8_t>(left.value() - 1);
  Status counted = write_tries(fewer);
  if (counted != Status::kOk) return ctap_status(counted);
  const CtapStatus compared = compare(pin_hash);
  if (compared == CtapStatus::kPinInvalid) {
    wrong_in_a_row_ += 1;
    if (fewer == 0) return CtapStatus::kPinBlocked;
    return blocked_until_power() ? CtapStatus::kPinAuthBlocked : compared;
  }
  if (compared != CtapStatus::kSuccess) return compared;
  wrong_in_a_row_ = 0;
  counted = write_tries(kPinLimit);
  return ctap_status(counted);
}

CtapStatus Pin::replace(ByteView pin) {
  Result<Settings> rules = settings();
  if (!rules.ok()) return ctap_status(rules.status());
  const std::size_t points = code_points(pin);
  if (pin.size() > kMaxPin || !is_utf8(pin) || points < rules.value().min_pin) {
    return CtapStatus::kPinPolicyViolation;
  }
  const Result<Hash> plain = sha256({pin});
  if (!plain.ok()) return CtapStatus::kOther;
  const ByteView pin_hash = ByteView(plain.value()).first(kPinHash);
  if (rules.value().force_change && is_set() && compare(pin_hash) == CtapStatus::kSuccess) {
    return CtapStatus::kPinPolicyViolation;
  }
  Record record;
  if (board_.random(ByteSpan(record).first(kSalt)) != Status::kOk) return CtapStatus::kOther;
  const Result<Hash> hash = keyed_hash(ByteView(record).first(kSalt), pin_hash);
  if (!hash.ok()) return CtapStatus::kOther;
  copy(hash.value(), ByteSpan(record).subspan(kSalt));
  record.back() = static_cast<std::uint8_t>(points);
  rules.value().force_change = false;
  const SettingsRecord settings_record = encode(rules.value());
  const std::uint8_t limit = kPinLimit;
  const Change changes[] = {Change::set(place::kPin, record),
                            Change::set(place::kPinTries, ByteView(&limit, 1)),
                            Change::set(place::kSettings, settings_record)};
  return ctap_status(store_.apply(changes, Room::kReserved));
}

Result<Settings> Pin::settings() {
  SettingsRecord record{};
  const Result<std::size_t> size = store_.read(place::kSettings, record);
  if (size.status() == Status::kNotFound) return Settings{};
  if (!size.ok()) return size.status();
  if (size.value() != record.size()) return Status::kCorrupt;
  return Settings{record[0] != 0, record[1], record[2] != 0, record[3] != 0};
}

Status Pin::write(const Settings& settings) { return write(settings, nullptr); }

Status Pin::write(const Settings& settings, const MinPinRelyingParties* parties) {
  const SettingsRecord record = encode(settings);
  std::array<std::uint8_t, kMaxMinPinRelyingParties * kHashSize> list{};
  Writer out(list);
  for (std::size_t i = 0; parties != nullptr && i < parties->count; ++i) out.bytes(parties->hashes[i]);
  const Change changes[] = {Change::set(place::kSettings, record),
                            Change::set(place::kMinPinRelyingParties, out.written())};
  return store_.apply(std::span<const Change>(changes).first(parties != nullptr ? 2 : 1), Room::kReserved);
}

Result<MinPinRelyingParties> Pin::relying_parties() {
  std::array<std::uint8_t, kMaxMinPinRelyingParties * kHashSize> list{};
  MinPinRelyingParties parties;
  const Result<std::size_t> size = store_.read(place::kMinPinRelyingParties, list);
  if (size.status() == Status::kNotFound) return parties;
  if (!size.ok()) return size.status();
  for (; parties.count < size.value() / kHashSize; ++parties.count) {
    copy(ByteView(list).subspan(parties.count * kHashSize, kHashSize), parties.hashes[parties.count]);
  }
  return parties;
}

}  // namespace sceau::firmware::fido
