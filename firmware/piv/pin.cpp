#include "piv/pin.h"

namespace sceau::firmware::piv {

namespace {

constexpr std::uint8_t kDefaultPin[] = {'1', '2', '3', '4', '5', '6', 0xFF, 0xFF};
constexpr std::uint8_t kDefaultPuk[] = {'1', '2', '3', '4', '5', '6', '7', '8'};

ByteView default_value(Reference which) {
  return which == Reference::kPin ? ByteView(kDefaultPin) : ByteView(kDefaultPuk);
}
ObjectKey reference_place(Reference which) {
  return which == Reference::kPin ? place::kPinReference : place::kPukReference;
}
ObjectKey tries_place(Reference which) {
  return which == Reference::kPin ? place::kPinTries : place::kPukTries;
}

}  // namespace

bool PinVault::well_formed(ByteView value) {
  if (value.size() != kPinSize) return false;
  std::size_t length = 0;
  while (length < kPinSize && value[length] != 0xFF) ++length;
  for (std::size_t i = length; i < kPinSize; ++i) {
    if (value[i] != 0xFF) return false;
  }
  return length >= 6;
}

Result<Tries> PinVault::tries(Reference which) {
  TriesRecord record{};
  const Result<std::size_t> size = store_.read(tries_place(which), record);
  if (!size.ok()) return size.status();
  return size.value() == record.size() ? Result<Tries>(Tries{record[0], record[1]}) : Status::kCorrupt;
}

Status PinVault::write_tries(Reference which, Tries tries) {
  return store_.set(tries_place(which), TriesRecord{tries.limit, tries.left}, Room::kReserved);
}

Result<PinVault::Record> PinVault::read_record(Reference which) {
  Record record;
  const Result<std::size_t> size = store_.read(reference_place(which), record.bytes);
  if (!size.ok()) return size.status();
  return size.value() == record.bytes.size() ? Result<Record>(record) : Status::kCorrupt;
}

Result<bool> PinVault::is_default(Reference which) {
  const Result<Record> record = read_record(which);
  if (!record.ok()) return record.status();
  return record.value().bytes.back() != 0;
}

Result<Hash> PinVault::keyed_hash(Reference which, ByteView salt, ByteView value) {
  const Result<DerivedKey> key = derive_key(board_.unique_secret(), "sceau piv references");
  if (!key.ok()) return key.status();
  const std::array<std::uint8_t, 1> name{static_cast<std::uint8_t>(which)};
  return hmac_sha256(key.value(), {ByteView(name), salt, value});
}

Result<PinVault::Record> PinVault::make_record(Reference which, ByteView value) {
  Record record;
  const Status status = board_.random(ByteSpan(record.bytes).first(kSalt));
  if (status != Status::kOk) return status;
  const Result<Hash> hash = keyed_hash(which, record.salt(), value);
  if (!hash.ok()) return hash.status();
  copy(hash.value(), ByteSpan(record.bytes).subspan(kSalt, kHashSize));
  std::uint32_t uncounted = 0;  // not a comparison with a reference
  record.bytes.back() = equal_in_constant_time(value, default_value(which), uncounted) ? 1 : 0;
  return record;
}

Result<Match> PinVault::verify(Reference which, ByteView value) {
  Result<Tries> tries = this->tries(which);
  if (!tries.ok()) return tries.status();
  if (tries.value().left == 0) return Match::kBlocked;
  tries.value().left = static_cast<std::uint8_t>(tries.value().left - 1);
  Status status = write_tries(which, tries.value());
  if (status != Status::kOk) return status;

  const Result<Record> record = read_record(which);
  if (!record.ok()) return record.status();
  const Result<Hash> hash = keyed_hash(which, record.value().salt(), value);
  if (!hash.ok()) return hash.status();
  if (!equal_in_constant_time(record.value().hash(), ByteView(hash.value()), compared_)) return Match::kNo;

  tries.value().left = tries.value().limit;
  status = write_tries(which, tries.value());
  if (status != Status::kOk) return status;
  return Match::kYes;
}

Status PinVault::replace(Reference which, ByteView value, std::uint8_t limit) {
  const Result<Record> record = make_record(which, value);
  if (!record.ok()) return record.status();
  const TriesRecord tries{limit, limit};
  const Change changes[] = {Change::set(reference_place(which), record.value().bytes),
                            Change::set(tries_place(which), tries)};
  return store_.apply(changes, Room::kReserved);
}

Status PinVault::restore_defaults(std::uint8_t pin_limit, std::uint8_t puk_limit,
                                  std::span<const Change> before) {
  const Result<Record> pin = make_record(Reference::kPin, kDefaultPin);
  const Result<Record> puk = make_record(Reference::kPuk, kDefaultPuk);
  if (!pin.ok() || !puk.ok()) return Status::kHardware;
  const TriesRecord pin_tries{pin_limit, pin_limit};
  const TriesRecord puk_tries{puk_limit, puk_limit};
  std::array<Change, kMaxBefore + 4> changes{
      Change::set(place::kPinReference, pin.value().bytes), Change::set(place::kPinTries, pin_tries),
      Change::set(place::kPukReference, puk.value().bytes), Change::set(place::kPukTries, puk_tries)};
  if (before.size() > kMaxBefore) return Status::kInvalid;
  std::size_t count = 4;
  for (const Change& change : before) changes[count++] = change;
  return store_.apply(std::span<const Change>(changes).first(count), Room::kReserved);
}

}  // namespace sceau::firmware::piv
