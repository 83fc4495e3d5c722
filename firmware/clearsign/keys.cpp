#include "clearsign/keys.h"

#include "core/tlv.h"

namespace sceau::firmware::clearsign {

namespace {

// Secret scalar, public point, policy.
constexpr std::size_t kScalar = secret_size(KeyType::kP256);
constexpr std::size_t kPoint = public_size(KeyType::kP256);
using Record = BoundedSecret<kScalar + kPoint + kMaxPolicy>;
// The secret, and whether it was cloned.
using MasterRecord = SecretArray<kMasterSize + 1>;

MasterRecord encode(const Master& master, bool cloned) {
  MasterRecord record;
  copy(master, record);
  record[kMasterSize] = cloned ? 1 : 0;
  return record;
}

}  // namespace

Result<Key> Keys::read(std::uint8_t slot) {
  Record record;
  const Result<std::size_t> size = store_.read(key_place(slot), record.bytes);
  if (!size.ok()) return size.status();
  record.size = size.value();
  if (record.size <= kScalar + kPoint) return Status::kCorrupt;
  Key key;
  key.pair.open.type = KeyType::kP256;
  const ByteView bytes = record.view();
  const bool whole = key.pair.secret.assign(bytes.first(kScalar)) &&
                     key.pair.open.bytes.assign(bytes.subspan(kScalar, kPoint)) &&
                     key.policy.assign(bytes.subspan(kScalar + kPoint));
  return whole ? Result<Key>(key) : Status::kCorrupt;
}

Status Keys::write(std::uint8_t slot, const Key& key, const Master* master) {
  Record record;
  Writer out(record.bytes);
  out.bytes(key.pair.secret.view());
  out.bytes(key.pair.open.bytes.view());
  out.bytes(key.policy.view());
  record.size = out.size();
  if (out.overflowed()) return Status::kInvalid;
  const MasterRecord secret = master != nullptr ? encode(*master, false) : MasterRecord();
  const Change changes[] = {Change::set(key_place(slot), record.view()),
                            Change::set(master_place(slot), secret)};
  return store_.apply(std::span(changes).first(master != nullptr ? 2 : 1), Room::kOrdinary);
}

Status Keys::remove(std::uint8_t slot) {
  if (!contains(slot)) return Status::kNotFound;
  const Change changes[] = {Change::remove(key_place(slot)), Change::remove(certificate_place(slot)),
                            Change::remove(master_place(slot))};
  return store_.apply(changes, Room::kReserved);
}

Result<KeptMaster> Keys::master(std::uint8_t slot) {
  MasterRecord record;
  const Result<std::size_t> size = store_.read(master_place(slot), record);
  if (!size.ok()) return size.status();
  if (size.value() != record.size()) return Status::kCorrupt;
  KeptMaster master;
  copy(ByteView(record).first(kMasterSize), master.secret);
  master.cloned = record[kMasterSize] != 0;
  return master;
}

Status Keys::mark_cloned(std::uint8_t slot, const Master& master) {
  return store_.set(master_place(slot), encode(master, true), Room::kReserved);
}

Result<std::uint32_t> Keys::counter(std::uint8_t slot) {
  std::array<std::uint8_t, 4> bytes{};
  const Result<std::size_t> size = store_.read(counter_place(slot), bytes);
  if (!size.ok() && size.status() == Status::kNotFound) return std::uint32_t{0};
  if (!size.ok()) return size.status();
  return size.value() == bytes.size() ? Result<std::uint32_t>(load_be32(bytes.data())) : Status::kCorrupt;
}

Result<std::size_t> Keys::certificate(std::uint8_t slot, ByteSpan into) {
  return store_.read(certificate_place(slot), into);
}

Status Keys::put_certificate(std::uint8_t slot, ByteView der) {
  return store_.set(certificate_place(slot), der, Room::kOrdinary);
}

void Keys::list(Writer& response) const {
  for (std::uint8_t slot = kSlotFirst; slot <= kSlotLast; ++slot) {
    if (contains(slot)) response.byte(slot);
  }
}

Status Keys::show(std::uint8_t slot, Writer& response) {
  const Result<Key> key = read(slot);
  if (!key.ok()) return key.status();
  TlvWriter tlv(response);
  tlv.element(0x80, key.value().pair.open.bytes.view());
  tlv.element(0x81, key.value().policy.view());
  const std::size_t content = tlv.begin(0x82);
  const Result<std::size_t> size = certificate(slot, response.rest());
  if (!size.ok() && size.status() != Status::kNotFound) return size.status();
  if (size.ok()) response.grow(size.value());
  tlv.end(content);
  return Status::kOk;
}

}  // namespace sceau::firmware::clearsign
