#include "clearsign/custodian.h"

namespace sceau::firmware::clearsign {

namespace {

constexpr std::uint32_t kInteger = 0x02;
constexpr std::uint32_t kOctetString = 0x04;
constexpr std::uint32_t kUtf8String = 0x0C;
constexpr std::uint32_t kSequence = 0x30;

Result<Holder> read_holder(ByteView content) {
  TlvReader reader(content);
  const Result<Tlv> id = reader.next();
  const Result<Tlv> point = reader.next();
  if (!id.ok() || !point.ok() || !reader.done()) return Status::kInvalid;
  const bool good = id.value().tag == kUtf8String && statement::is_registry_id(id.value().value) &&
                    point.value().tag == kOctetString && point.value().value.size() == kHolderPoint;
  return good ? Result<Holder>(Holder{id.value().value, point.value().value}) : Status::kInvalid;
}

void put_u16(std::size_t value, std::array<std::uint8_t, 2>& into) {
  into = {static_cast<std::uint8_t>(value >> 8U), static_cast<std::uint8_t>(value)};
}

}  // namespace

Result<Custodian> read_custodian(ByteView content) {
  TlvReader reader(content);
  const Result<Tlv> threshold = reader.next();
  const Result<Tlv> holders = reader.next();
  if (!threshold.ok() || !holders.ok() || !reader.done() || threshold.value().tag != kInteger ||
      threshold.value().value.size() != 1 || holders.value().tag != kSequence) {
    return Status::kInvalid;
  }
  Custodian custodian;
  custodian.threshold = threshold.value().value[0];
  TlvReader list(holders.value().value);
  while (!list.done()) {
    const Result<Tlv> item = list.next();
    if (!item.ok() || item.value().tag != kSequence || custodian.count == kMaxHolders) {
      return Status::kInvalid;
    }
    const Result<Holder> holder = read_holder(item.value().value);
    if (!holder.ok()) return Status::kInvalid;
    if (custodian.count != 0 &&
        as_text(custodian.holders[custodian.count - 1U].id) >= as_text(holder.value().id)) {
      return Status::kInvalid;
    }
    custodian.holders[custodian.count++] = holder.value();
  }
  const bool bounded = custodian.threshold >= 1 && custodian.threshold <= custodian.count;
  return bounded ? Result<Custodian>(custodian) : Status::kInvalid;
}

void write_custodian(const Custodian& custodian, std::uint32_t tag, TlvWriter& tlv) {
  const std::size_t whole = tlv.begin(tag);
  tlv.element(kInteger, ByteView(&custodian.threshold, 1));
  const std::size_t list = tlv.begin(kSequence);
  for (const Holder& holder : custodian.all()) {
    const std::size_t item = tlv.begin(kSequence);
    tlv.element(kUtf8String, holder.id);
    tlv.element(kOctetString, holder.point);
    tlv.end(item);
  }
  tlv.end(list);
  tlv.end(whole);
}

Result<DerivedKey> derive_project_key(const Master& master, const statement::Statement& statement) {
  const Result<statement::Scalar> label = statement::body_scalar(statement, "label");
  const Result<statement::Scalar> project = statement::body_scalar(statement, "project");
  const Result<statement::Scalar> epoch = statement::body_scalar(statement, "epoch");
  const Result<statement::Scalar> extraction = statement::body_scalar(statement, "extraction");
  if (!statement.is("derive") || !label.ok() || !project.ok() || !epoch.ok()) return Status::kInvalid;
  const ByteView texts[] = {statement.realm.raw, label.value().text.raw, project.value().text.raw,
                            extraction.ok() ? extraction.value().text.raw : ByteView()};
  std::array<std::uint8_t, 2> sizes[5]{};
  for (std::size_t i = 0; i < 4; ++i) put_u16(texts[i].size(), sizes[i]);
  put_u16(static_cast<std::size_t>(epoch.value().integer), sizes[4]);
  const Result<Hash> hash = hmac_sha256(master, {as_bytes("sceau derive v1"), sizes[0], texts[0], sizes[1],
                                                 texts[1], sizes[2], texts[2], sizes[3], texts[3], sizes[4]});
  if (!hash.ok()) return hash.status();
  DerivedKey key;
  copy(hash.value(), key);
  return key;
}

}  // namespace sceau::firmware::clearsign
