#include "piv/attestation.h"

#include "core/tlv.h"

namespace sceau::firmware::piv {

namespace {

constexpr std::string_view kAttestationName = "Sceau PIV Attestation";
constexpr std::size_t kMaxCertificate = 640;

// 1.3.6.1.4.1.41482.3.n
constexpr std::uint8_t kFirmwareVersion[] = {0x2B, 0x06, 0x01, 0x04, 0x01, 0x82, 0xC4, 0x0A, 0x03, 0x03};
constexpr std::uint8_t kSerial[] = {0x2B, 0x06, 0x01, 0x04, 0x01, 0x82, 0xC4, 0x0A, 0x03, 0x07};
constexpr std::uint8_t kPolicy[] = {0x2B, 0x06, 0x01, 0x04, 0x01, 0x82, 0xC4, 0x0A, 0x03, 0x08};

class MakerSigner final : public CertificateSigner {
 public:
  explicit MakerSigner(Maker& maker) : maker_(maker) {}
  Result<std::size_t> sign(ByteView hash, ByteSpan signature) override {
    return maker_.sign(hash, signature);
  }

 private:
  Maker& maker_;
};

class KeySigner final : public CertificateSigner {
 public:
  KeySigner(KeyEngine& engine, const KeyPair& pair) : engine_(engine), pair_(pair) {}
  Result<std::size_t> sign(ByteView hash, ByteSpan signature) override {
    const Result<KeyOutput> made = engine_.use(pair_, hash);
    if (!made.ok()) return made.status();
    if (made.value().size > signature.size()) return Status::kTooLong;
    copy(made.value().view(), signature);
    return made.value().size;
  }

 private:
  KeyEngine& engine_;
  const KeyPair& pair_;
};

// An INTEGER, as the serial extension wants it.
std::size_t write_serial(std::uint32_t serial, ByteSpan into) {
  std::array<std::uint8_t, 5> number{};
  store_be32(number.data() + 1, serial);
  std::size_t skip = 0;
  while (skip < 4 && number[skip] == 0 && number[skip + 1] < 0x80) ++skip;
  Writer out(into);
  TlvWriter(out).element(0x02, ByteView(number).subspan(skip));
  return out.size();
}

// "9A", after the slot's number as people write it.
std::array<char, 2> slot_name(std::uint8_t slot) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  return {kDigits[slot >> 4], kDigits[slot & 0x0F]};
}

}  // namespace

Status Attestation::ensure() {
  if (store_.contains(place::kAttestationKey)) return Status::kOk;
  Maker* maker = board_.maker();
  if (maker == nullptr) return Status::kNotFound;
  const Result<KeyPair> pair = engine_.generate(KeyType::kP256);
  if (!pair.ok()) return pair.status();

  CertificateContent content;
  content.issuer = maker->name();
  content.issuer_key_identifier = maker->key_identifier();
  content.common_name = kAttestationName;
  content.key = pair.value().open;
  content.authority = true;
  Status status = board_.random(content.serial_number);
  if (status != Status::kOk) return status;
  std::array<std::uint8_t, 7> serial{};
  const std::size_t serial_size = write_serial(board_.serial(), serial);
  const CertificateExtension extensions[] = {{kFirmwareVersion, kVersion},
                                             {kSerial, ByteView(serial).first(serial_size)}};
  content.extensions = extensions;

  // The data object's form: 70 certificate, 71 how it is compressed (not), FE nothing.
  std::array<std::uint8_t, kMaxCertificate + 9> object{};
  Writer out(object);
  TlvWriter tlv(out);
  const std::size_t certificate = tlv.begin(0x70);
  MakerSigner signer(*maker);
  status = write_certificate(content, signer, out);
  if (status != Status::kOk) return status;
  tlv.end(certificate);
  const std::uint8_t uncompressed = 0;
  tlv.element(0x71, ByteView(&uncompressed, 1));
  tlv.element(0xFE, {});
  if (out.overflowed()) return Status::kTooLong;

  Key key;
  key.pin_policy = PinPolicy::kNever;
  key.pair = pair.value();
  const Keys::Record record = Keys::encode(key);
  const Change changes[] = {Change::set(place::kAttestationKey, record.view()),
                            Change::set(place::kAttestationCertificate, out.written())};
  return store_.apply(changes, Room::kReserved);
}

Status Attestation::attest(std::uint8_t slot, const Key& key, Writer& out) {
  return attest({slot,
                 key.pair.open,
                 static_cast<std::uint8_t>(key.pin_policy),
                 static_cast<std::uint8_t>(key.touch_policy),
                 {}},
                out);
}

Result<KeyOutput> Attestation::sign(ByteView message) {
  const Result<Key> attesting = Keys(store_).read(kSlotAttestation);
  if (!attesting.ok()) return attesting.status();
  const Result<Hash> hash = sha256({message});
  if (!hash.ok()) return hash.status();
  return engine_.use(attesting.value().pair, hash.value());
}

Status Attestation::attest(const Claim& claim, Writer& out) {
  const Result<Key> attesting = Keys(store_).read(kSlotAttestation);
  if (!attesting.ok()) return attesting.status();
  const Result<KeyIdentifier> identifier = key_identifier(attesting.value().pair.open);
  if (!identifier.ok()) return identifier.status();
  std::array<std::uint8_t, 64> issuer{};
  Writer name(issuer);
  write_name(kAttestationName, name);
  std::array<char, 32> subject{};
  constexpr std::string_view kPrefix = "Sceau PIV Attestation ";
  const std::array<char, 2> slot_digits = slot_name(claim.slot);
  std::memcpy(subject.data(), kPrefix.data(), kPrefix.size());
  std::memcpy(subject.data() + kPrefix.size(), slot_digits.data(), slot_digits.size());

  CertificateContent content;
  content.issuer = name.written();
  content.issuer_key_identifier = identifier.value();
  content.common_name = {subject.data(), kPrefix.size() + slot_digits.size()};
  content.key = claim.key;
  const Status status = board_.random(content.serial_number);
  if (status != Status::kOk) return status;
  std::array<std::uint8_t, 7> serial{};
  const std::size_t serial_size = write_serial(board_.serial(), serial);
  const std::uint8_t policy[] = {claim.pin_policy, claim.touch_policy};
  const CertificateExtension extensions[] = {{kFirmwareVersion, kVersion},
                                             {kSerial, ByteView(serial).first(serial_size)},
                                             {kPolicy, policy},
                                             claim.more};
  const bool more = !claim.more.value.empty();
  content.extensions = std::span<const CertificateExtension>(extensions).first(more ? 4 : 3);
  KeySigner signer(engine_, attesting.value().pair);
  return write_certificate(content, signer, out);
}

}  // namespace sceau::firmware::piv
