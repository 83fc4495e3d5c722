#include "crypto/certificate.h"

#include "core/tlv.h"
#include "crypto/elliptic.h"

namespace sceau::firmware {

namespace {

constexpr std::uint32_t kBoolean = 0x01;
constexpr std::uint32_t kInteger = 0x02;
constexpr std::uint32_t kBitString = 0x03;
constexpr std::uint32_t kOctetString = 0x04;
constexpr std::uint32_t kNull = 0x05;
constexpr std::uint32_t kOid = 0x06;
constexpr std::uint32_t kUtf8String = 0x0C;
constexpr std::uint32_t kGeneralizedTime = 0x18;
constexpr std::uint32_t kUtcTime = 0x17;
constexpr std::uint32_t kSequence = 0x30;
constexpr std::uint32_t kSet = 0x31;

constexpr std::uint8_t kCommonName[] = {0x55, 0x04, 0x03};
constexpr std::uint8_t kEcdsaWithSha256[] = {0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04, 0x03, 0x02};
constexpr std::uint8_t kEcPublicKey[] = {0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01};
constexpr std::uint8_t kPrime256v1[] = {0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07};
constexpr std::uint8_t kSecp384r1[] = {0x2B, 0x81, 0x04, 0x00, 0x22};
constexpr std::uint8_t kRsaEncryption[] = {0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x01};
constexpr std::uint8_t kBasicConstraints[] = {0x55, 0x1D, 0x13};
constexpr std::uint8_t kKeyUsage[] = {0x55, 0x1D, 0x0F};
constexpr std::uint8_t kSubjectKeyIdentifier[] = {0x55, 0x1D, 0x0E};
constexpr std::uint8_t kAuthorityKeyIdentifier[] = {0x55, 0x1D, 0x23};

// BasicConstraints { cA TRUE, pathLenConstraint 0 } and KeyUsage { keyCertSign }.
constexpr std::uint8_t kAuthorityConstraints[] = {0x30, 0x06, 0x01, 0x01, 0xFF, 0x02, 0x01, 0x00};
constexpr std::uint8_t kAuthorityUsage[] = {0x03, 0x02, 0x02, 0x04};

void write_algorithm(TlvWriter& tlv) {
  const std::size_t algorithm = tlv.begin(kSequence);
  tlv.element(kOid, kEcdsaWithSha256);
  tlv.end(algorithm);
}

void write_bit_string(ByteView bits, Writer& out) {
  TlvWriter tlv(out);
  const std::size_t string = tlv.begin(kBitString);
  out.byte(0);
  out.bytes(bits);
  tlv.end(string);
}

// The bits of a subjectPublicKey: the point (RFC 5480, 2.2), or the RSAPublicKey (RFC 8017, A.1.1).
using KeyBits = BoundedBytes<kMaxModulus + 16>;
KeyBits key_bits(const PublicKey& key) {
  KeyBits bits;
  Writer out(bits.bytes);
  if (is_rsa(key.type)) {
    TlvWriter tlv(out);
    const std::size_t sequence = tlv.begin(kSequence);
    const std::size_t modulus = tlv.begin(kInteger);
    out.byte(0);  // the modulus' first bit is one: without this it would be a negative number
    out.bytes(key.bytes.view());
    tlv.end(modulus);
    tlv.element(kInteger, kRsaExponent);
    tlv.end(sequence);
  } else {
    out.bytes(key.bytes.view());
  }
  bits.size = out.size();
  return bits;
}

void write_key(const PublicKey& key, Writer& out) {
  TlvWriter tlv(out);
  const std::size_t info = tlv.begin(kSequence);
  const std::size_t algorithm = tlv.begin(kSequence);
  if (is_rsa(key.type)) {
    tlv.element(kOid, kRsaEncryption);
    tlv.element(kNull, {});
  } else {
    tlv.element(kOid, kEcPublicKey);
    tlv.element(kOid, key.type == KeyType::kP384 ? ByteView(kSecp384r1) : ByteView(kPrime256v1));
  }
  tlv.end(algorithm);
  write_bit_string(key_bits(key).view(), out);
  tlv.end(info);
}

void write_extension(const CertificateExtension& extension, bool critical, Writer& out) {
  constexpr std::uint8_t kTrue[] = {0xFF};
  TlvWriter tlv(out);
  const std::size_t sequence = tlv.begin(kSequence);
  tlv.element(kOid, extension.oid);
  if (critical) tlv.element(kBoolean, kTrue);
  tlv.element(kOctetString, extension.value);
  tlv.end(sequence);
}

void write_key_identifiers(const KeyIdentifier& subject, ByteView issuer, Writer& out) {
  std::array<std::uint8_t, 8 + kKeyIdentifier> buffer{};
  Writer value(buffer);
  TlvWriter tlv(value);
  tlv.element(kOctetString, subject);
  write_extension({kSubjectKeyIdentifier, value.written()}, false, out);
  value.clear();
  const std::size_t sequence = tlv.begin(kSequence);
  tlv.element(0x80, issuer);
  tlv.end(sequence);
  write_extension({kAuthorityKeyIdentifier, value.written()}, false, out);
}

Status write_extensions(const CertificateContent& content, Writer& out) {
  const Result<KeyIdentifier> subject = key_identifier(content.key);
  if (!subject.ok()) return subject.status();
  TlvWriter tlv(out);
  const std::size_t tagged = tlv.begin(0xA3);
  const std::size_t list = tlv.begin(kSequence);
  if (content.authority) {
    write_extension({kBasicConstraints, kAuthorityConstraints}, true, out);
    write_extension({kKeyUsage, kAuthorityUsage}, true, out);
  }
  write_key_identifiers(subject.value(), content.issuer_key_identifier, out);
  for (const CertificateExtension& extension : content.extensions) write_extension(extension, false, out);
  tlv.end(list);
  tlv.end(tagged);
  return Status::kOk;
}

Status write_to_be_signed(const CertificateContent& content, Writer& out) {
  constexpr std::uint8_t kVersion3[] = {0x02, 0x01, 0x02};
  TlvWriter tlv(out);
  const std::size_t body = tlv.begin(kSequence);
  tlv.element(0xA0, kVersion3);
  // Positive and in its shortest form: 01 to 7F in front.
  std::array<std::uint8_t, kSerialNumber> number = content.serial_number;
  number[0] = static_cast<std::uint8_t>((number[0] & 0x3F) | 0x40);
  tlv.element(kInteger, number);
  write_algorithm(tlv);
  out.bytes(content.issuer);
  const std::size_t validity = tlv.begin(kSequence);
  tlv.element(kUtcTime, as_bytes("200101000000Z"));
  tlv.element(kGeneralizedTime, as_bytes("99991231235959Z"));
  tlv.end(validity);
  if (content.subject.empty()) {
    write_name(content.common_name, out);
  } else {
    out.bytes(content.subject);
  }
  write_key(content.key, out);
  const Status status = write_extensions(content, out);
  tlv.end(body);
  return status;
}

}  // namespace

Result<KeyIdentifier> key_identifier(const PublicKey& key) {
  const KeyBits bits = key_bits(key);
  const Result<Hash> hash = sha256({bits.view()});
  if (!hash.ok()) return hash.status();
  KeyIdentifier identifier{};
  copy(ByteView(hash.value()).first(kKeyIdentifier), identifier);
  return identifier;
}

void write_name(std::string_view common_name, Writer& out) {
  TlvWriter tlv(out);
  const std::size_t name = tlv.begin(kSequence);
  const std::size_t relative = tlv.begin(kSet);
  const std::size_t attribute = tlv.begin(kSequence);
  tlv.element(kOid, kCommonName);
  tlv.element(kUtf8String, as_bytes(common_name));
  tlv.end(attribute);
  tlv.end(relative);
  tlv.end(name);
}

Status write_certificate(const CertificateContent& content, CertificateSigner& signer, Writer& out) {
  TlvWriter tlv(out);
  const std::size_t certificate = tlv.begin(kSequence);
  const std::size_t start = out.size();
  const Status status = write_to_be_signed(content, out);
  if (status != Status::kOk) return status;
  if (out.overflowed()) return Status::kTooLong;
  const Result<Hash> hash = sha256({out.written().subspan(start)});
  if (!hash.ok()) return hash.status();
  std::array<std::uint8_t, kMaxSignature> signature{};
  const Result<std::size_t> size = signer.sign(hash.value(), signature);
  if (!size.ok()) return size.status();
  write_algorithm(tlv);
  write_bit_string(ByteView(signature).first(size.value()), out);
  tlv.end(certificate);
  return out.overflowed() ? Status::kTooLong : Status::kOk;
}

}  // namespace sceau::firmware
