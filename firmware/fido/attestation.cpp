#include "fido/attestation.h"

#include "core/tlv.h"

namespace sceau::firmware::fido {

namespace {

// 1.3.6.1.4.1.45724.1.1.4, id-fido-gen-ce-aaguid; and basicConstraints.
constexpr std::uint8_t kAaguidOid[] = {0x2B, 0x06, 0x01, 0x04, 0x01, 0x82, 0xE5, 0x1C, 0x01, 0x01, 0x04};
constexpr std::uint8_t kBasicConstraints[] = {0x55, 0x1D, 0x13};
constexpr std::uint8_t kNotAnAuthority[] = {0x30, 0x00};

constexpr std::uint8_t kUtf8String = 0x0C;
constexpr std::uint8_t kPrintableString = 0x13;

ObjectKey key_place(Attestation::Kind kind) {
  return kind == Attestation::Kind::kBatch ? place::kBatchKey : place::kDeviceKey;
}
ObjectKey certificate_place(Attestation::Kind kind) {
  return kind == Attestation::Kind::kBatch ? place::kBatchCertificate : place::kDeviceCertificate;
}

class MakerSigner final : public CertificateSigner {
 public:
  explicit MakerSigner(Maker& maker) : maker_(maker) {}
  Result<std::size_t> sign(ByteView hash, ByteSpan signature) override {
    return maker_.sign(hash, signature);
  }

 private:
  Maker& maker_;
};

// One attribute 2.5.4.`type` of a name.
void write_attribute(std::uint8_t type, std::uint8_t string, ByteView value, Writer& out) {
  const std::uint8_t oid[] = {0x55, 0x04, type};
  TlvWriter tlv(out);
  const std::size_t set = tlv.begin(0x31);
  const std::size_t attribute = tlv.begin(0x30);
  tlv.element(0x06, oid);
  tlv.element(string, value);
  tlv.end(attribute);
  tlv.end(set);
}

// WebAuthn 8.2.1: country, organisation, unit "Authenticator Attestation", common name; a device's own
// certificate has its serial number too.
void write_subject(Attestation::Kind kind, std::uint32_t serial, Writer& out) {
  constexpr std::uint8_t kCountry = 6;
  constexpr std::uint8_t kOrganization = 10;
  constexpr std::uint8_t kUnit = 11;
  constexpr std::uint8_t kCommonName = 3;
  constexpr std::uint8_t kSerialNumber = 5;
  TlvWriter tlv(out);
  const std::size_t name = tlv.begin(0x30);
  write_attribute(kCountry, kPrintableString, as_bytes("FR"), out);
  write_attribute(kOrganization, kUtf8String, as_bytes("Sceau"), out);
  write_attribute(kUnit, kUtf8String, as_bytes("Authenticator Attestation"), out);
  if (kind == Attestation::Kind::kBatch) {
    write_attribute(kCommonName, kUtf8String, as_bytes("Sceau FIDO Batch"), out);
  } else {
    constexpr std::string_view kDigits = "0123456789ABCDEF";
    std::array<std::uint8_t, 8> digits{};
    for (std::size_t i = 0; i < digits.size(); ++i) {
      digits[i] = static_cast<std::uint8_t>(kDigits[(serial >> (28 - 4 * i)) & 0x0F]);
    }
    write_attribute(kCommonName, kUtf8String, as_bytes("Sceau FIDO Device"), out);
    write_attribute(kSerialNumber, kPrintableString, digits, out);
  }
  tlv.end(name);
}

}  // namespace

Status Attestation::ensure() {
  for (const Kind kind : {Kind::kBatch, Kind::kDevice}) {
    if (store_.contains(key_place(kind))) continue;
    const Status status = make(kind);
    if (status != Status::kOk) return status;
  }
  return Status::kOk;
}

Status Attestation::make(Kind kind) {
  Maker* maker = board_.maker();
  if (maker == nullptr) return Status::kNotFound;
  const ByteView batch = kind == Kind::kBatch ? maker->batch_key() : ByteView();
  const Result<KeyPair> pair =
      batch.empty() ? engine_.generate(KeyType::kP256) : engine_.from_scalar(KeyType::kP256, batch);
  if (!pair.ok()) return pair.status();
  // Of the key, so that all devices of a batch have the same certificate.
  const Result<KeyIdentifier> identifier = key_identifier(pair.value().open);
  if (!identifier.ok()) return identifier.status();

  std::array<std::uint8_t, 18> aaguid{0x04, 0x10};
  copy(kAaguid, ByteSpan(aaguid).subspan(2));
  std::array<std::uint8_t, 160> subject{};
  Writer name(subject);
  write_subject(kind, board_.serial(), name);
  const CertificateExtension extensions[] = {{kBasicConstraints, kNotAnAuthority}, {kAaguidOid, aaguid}};
  CertificateContent content;
  content.issuer = maker->name();
  content.issuer_key_identifier = maker->key_identifier();
  content.subject = name.written();
  content.key = pair.value().open;
  content.extensions = extensions;
  copy(ByteView(identifier.value()).first(content.serial_number.size()), content.serial_number);

  std::array<std::uint8_t, kMaxCertificate> certificate{};
  Writer out(certificate);
  MakerSigner signer(*maker);
  const Status status = write_certificate(content, signer, out);
  if (status != Status::kOk) return status;
  const Change changes[] = {Change::set(key_place(kind), pair.value().secret.view()),
                            Change::set(certificate_place(kind), out.written())};
  return store_.apply(changes, Room::kReserved);
}

Result<std::size_t> Attestation::certificate_size(Kind kind) { return store_.size(certificate_place(kind)); }

Status Attestation::certificate(Kind kind, Writer& out) {
  const Result<std::size_t> size = store_.read(certificate_place(kind), out.rest());
  if (!size.ok()) return size.status();
  out.grow(size.value());
  return Status::kOk;
}

Result<KeyOutput> Attestation::sign(Kind kind, const Hash& hash) {
  SecretArray<32> scalar;
  const Result<std::size_t> size = store_.read(key_place(kind), scalar);
  if (!size.ok()) return size.status();
  KeyPair pair;
  pair.secret.assign(scalar);
  return engine_.use(pair, hash);
}

}  // namespace sceau::firmware::fido
