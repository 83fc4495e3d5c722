#include "piv/data.h"

#include "core/tlv.h"

namespace sceau::firmware::piv {

namespace {

constexpr std::uint32_t kTagList = 0x5C;
constexpr std::uint32_t kTagContent = 0x53;

// Discovery object (SP 800-73-5 part 1, 3.3.2): the AID, and that the PIV PIN alone is used.
constexpr std::uint8_t kDiscovery[] = {0x7E, 0x12, 0x4F, 0x0B, 0xA0, 0x00, 0x00, 0x03, 0x08, 0x00,
                                       0x00, 0x10, 0x00, 0x01, 0x00, 0x5F, 0x2F, 0x02, 0x40, 0x00};

// The place of a stored object; 0: no object has this tag.
ObjectKey object_place(std::uint32_t tag) {
  const std::uint32_t low = tag & 0xFF;
  if (tag == kTagAttestationCertificate) return place::kAttestationCertificate;
  if (tag >= kTagCardAuthenticationCertificate && tag <= kTagLast) {
    return static_cast<ObjectKey>(place::kObjects + low);
  }
  if ((tag >> 8) == 0x5FFF && (low == 0 || (low >= 0x10 && low <= 0x15))) {
    return static_cast<ObjectKey>(place::kVendor + low);
  }
  return 0;
}

bool needs_pin(std::uint32_t tag) {
  return tag == kTagFingerprints || tag == kTagFacialImage || tag == kTagPrintedInformation ||
         tag == kTagIris;
}

// Table 2 of SP 800-73-5 part 1: where the certificate of a slot is.
std::uint32_t certificate_tag(std::uint8_t slot) {
  switch (slot) {
    case kSlotAuthentication:
      return 0x5FC105;
    case kSlotSignature:
      return 0x5FC10A;
    case kSlotKeyManagement:
      return 0x5FC10B;
    case kSlotCardAuthentication:
      return kTagCardAuthenticationCertificate;
    default:
      return kTagRetiredFirst + slot - kSlotRetiredFirst;
  }
}

template <typename Work>
void for_each_slot(Work work) {
  for (unsigned slot = kSlotRetiredFirst; slot <= kSlotCardAuthentication; ++slot) {
    if (is_key_slot(static_cast<std::uint8_t>(slot))) work(static_cast<std::uint8_t>(slot));
  }
}

// The one tag that a tag list names; 0 when it is not one to three bytes.
std::uint32_t read_tag(ByteView list) {
  if (list.empty() || list.size() > 3) return 0;
  std::uint32_t tag = 0;
  for (const std::uint8_t byte : list) tag = (tag << 8) | byte;
  return tag;
}

}  // namespace

StatusWord DataObjects::get(ByteView command_data, bool pin_verified, Writer& response) {
  TlvReader reader(command_data);
  const Result<Tlv> list = reader.next();
  if (!list.ok() || list.value().tag != kTagList || !reader.done()) return sw::kWrongData;
  const std::uint32_t tag = read_tag(list.value().value);
  if (tag == 0) return sw::kWrongData;
  if (tag == kTagDiscovery) {
    response.bytes(kDiscovery);
    return sw::kOk;
  }
  if (tag == kTagDirectory) return write_directory(response);
  if (tag >= kTagShownFirst && tag <= kTagShownLast) {
    return write_shown(static_cast<std::uint8_t>(tag & 0xFF), response);
  }
  const ObjectKey place = object_place(tag);
  if (place == 0) return sw::kNotFound;
  if (needs_pin(tag) && !pin_verified) return sw::kSecurityStatus;
  const StatusWord word = write_stored(place, response);
  return word == sw::kNotFound && tag == kTagKeyHistory ? write_key_history(response) : word;
}

StatusWord DataObjects::write_stored(ObjectKey place, Writer& response) {
  TlvWriter tlv(response);
  const std::size_t content = tlv.begin(kTagContent);
  const Result<std::size_t> size = store_.read(place, response.rest());
  if (!size.ok()) {
    response.clear();
    return size.status() == Status::kNotFound ? sw::kNotFound : status_word(size.status());
  }
  response.grow(size.value());
  tlv.end(content);
  return sw::kOk;
}

// Where nobody has written a key history, it is told from the retired certificates that are there
// (SP 800-73-5 part 1, 3.3.3).
StatusWord DataObjects::write_key_history(Writer& response) {
  std::uint8_t certificates = 0;
  for (std::uint32_t tag = kTagRetiredFirst; tag <= kTagRetiredLast; ++tag) {
    if (store_.contains(object_place(tag))) ++certificates;
  }
  if (certificates == 0) return sw::kNotFound;
  TlvWriter tlv(response);
  const std::size_t content = tlv.begin(kTagContent);
  tlv.element(0xC1, ByteView(&certificates, 1));
  const std::uint8_t none = 0;
  tlv.element(0xC2, ByteView(&none, 1));
  tlv.element(0xFE, {});
  tlv.end(content);
  return sw::kOk;
}

StatusWord DataObjects::write_directory(Writer& response) {
  const Result<Store::Mark> mark = store_.mark(place::kKeys, place::kDirectoryLast);
  if (!mark.ok()) return status_word(mark.status());
  TlvWriter tlv(response);
  const std::size_t content = tlv.begin(kTagContent);
  tlv.element(0x80, mark.value());
  const std::size_t keys = tlv.begin(0x81);
  for_each_slot([&](std::uint8_t slot) {
    if (store_.contains(static_cast<ObjectKey>(place::kKeys + slot))) response.byte(slot);
  });
  tlv.end(keys);
  const std::size_t certificates = tlv.begin(0x82);
  for_each_slot([&](std::uint8_t slot) {
    if (store_.contains(object_place(certificate_tag(slot)))) response.byte(slot);
  });
  tlv.end(certificates);
  const std::size_t shown = tlv.begin(0x83);
  shown_.list(response);
  tlv.end(shown);
  tlv.end(content);
  return sw::kOk;
}

StatusWord DataObjects::write_shown(std::uint8_t slot, Writer& response) {
  TlvWriter tlv(response);
  const std::size_t content = tlv.begin(kTagContent);
  const Status status = shown_.show(slot, response);
  if (status != Status::kOk) {
    response.clear();
    return status == Status::kNotFound ? sw::kNotFound : status_word(status);
  }
  tlv.end(content);
  return sw::kOk;
}

StatusWord DataObjects::put(ByteView command_data) {
  TlvReader reader(command_data);
  const Result<Tlv> list = reader.next();
  if (!list.ok() || list.value().tag != kTagList) return sw::kWrongData;
  const Result<Tlv> content = reader.next();
  if (!content.ok() || content.value().tag != kTagContent || !reader.done()) return sw::kWrongData;
  const ObjectKey place = object_place(read_tag(list.value().value));
  if (place == 0) return sw::kNotFound;
  // The attestation certificate belongs to a key that nobody can replace.
  if (place == place::kAttestationCertificate) return sw::kConditions;
  const ByteView value = content.value().value;
  if (value.size() > kMaxDataObject) return sw::kWrongLength;
  if (!value.empty()) return status_word(store_.set(place, value, Room::kOrdinary));
  return store_.contains(place) ? status_word(store_.remove(place)) : sw::kOk;
}

// Card Holder Unique Identifier (SP 800-73-5 part 1, 3.1.2): a FASC-N of 9s and 0s, which says that the
// issuer is not a federal agency, so that the GUID alone names the card; no end of validity to speak of.
Chuid make_chuid(std::span<const std::uint8_t, 16> random) {
  constexpr std::uint8_t kFascN[] = {0xD4, 0xE7, 0x39, 0xDA, 0x73, 0x9C, 0xED, 0x39, 0xCE,
                                     0x73, 0x9D, 0x83, 0x68, 0x58, 0x21, 0x08, 0x42, 0x10,
                                     0x84, 0x21, 0xC8, 0x42, 0x10, 0xC3, 0xEB};
  Chuid chuid{};
  Writer out(chuid);
  TlvWriter tlv(out);
  tlv.element(0x30, kFascN);
  std::array<std::uint8_t, 16> guid{};
  copy(random, guid);
  guid[6] = static_cast<std::uint8_t>((guid[6] & 0x0F) | 0x40);  // RFC 4122: version 4, its variant
  guid[8] = static_cast<std::uint8_t>((guid[8] & 0x3F) | 0x80);
  tlv.element(0x34, guid);
  tlv.element(0x35, as_bytes("20991231"));
  tlv.element(0x3E, {});
  tlv.element(0xFE, {});
  return chuid;
}

// Card Capability Container (SP 800-73-5 part 1, 3.1.1): nothing in it is used but its identifier.
CapabilityContainer make_capability_container(std::span<const std::uint8_t, 16> random) {
  CapabilityContainer container{};
  Writer out(container);
  TlvWriter tlv(out);
  const std::size_t identifier = tlv.begin(0xF0);
  constexpr std::uint8_t kIssuer[] = {0xA0, 0x00, 0x00, 0x01, 0x16, 0xFF, 0x02};
  out.bytes(kIssuer);
  out.bytes(ByteView(random).first(14));
  tlv.end(identifier);
  constexpr std::uint8_t kVersion21[] = {0x21};
  constexpr std::uint8_t kZero[] = {0x00};
  constexpr std::uint8_t kPivDataModel[] = {0x10};
  tlv.element(0xF1, kVersion21);
  tlv.element(0xF2, kVersion21);
  tlv.element(0xF3, {});
  tlv.element(0xF4, kZero);
  tlv.element(0xF5, kPivDataModel);
  for (const std::uint32_t tag : {0xF6U, 0xF7U, 0xFAU, 0xFBU, 0xFCU, 0xFDU, 0xFEU}) tlv.element(tag, {});
  return container;
}

}  // namespace sceau::firmware::piv
