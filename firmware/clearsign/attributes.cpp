#include "clearsign/attributes.h"

#include "clearsign/objects.h"
#include "core/tlv.h"

namespace sceau::firmware::clearsign {

namespace {

constexpr std::uint32_t kBoolean = 0x01;
constexpr std::uint32_t kInteger = 0x02;
constexpr std::uint32_t kOctetString = 0x04;
constexpr std::uint32_t kOid = 0x06;
constexpr std::uint32_t kUtcTime = 0x17;
constexpr std::uint32_t kGeneralizedTime = 0x18;
constexpr std::uint32_t kSequence = 0x30;
constexpr std::uint32_t kSet = 0x31;
constexpr std::uint32_t kCovers = 0x80;

constexpr std::uint8_t kData[] = {0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x07, 0x01};
constexpr std::uint8_t kContentType[] = {0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x09, 0x03};
constexpr std::uint8_t kMessageDigest[] = {0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x09, 0x04};
constexpr std::uint8_t kSigningTime[] = {0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x09, 0x05};
constexpr std::uint8_t kSigningCertificate[] = {0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D,
                                                0x01, 0x09, 0x10, 0x02, 0x2F};

void write_attribute(ByteView type, std::uint32_t tag, ByteView value, Writer& out) {
  TlvWriter tlv(out);
  const std::size_t attribute = tlv.begin(kSequence);
  tlv.element(kOid, type);
  const std::size_t values = tlv.begin(kSet);
  tlv.element(tag, value);
  tlv.end(values);
  tlv.end(attribute);
}

// RFC 5652, 11.3: UTCTime through 2049, GeneralizedTime before 1950 and after.
void write_signing_time(ByteView time, Writer& out) {
  std::array<std::uint8_t, 15> digits{};
  Writer text(digits);
  for (const std::uint8_t c : time) {
    if (c != '-' && c != ':' && c != 'T') text.byte(c);
  }
  const std::string_view year = as_text(time).substr(0, 4);
  const bool utc = year >= "1950" && year < "2050";
  write_attribute(kSigningTime, utc ? kUtcTime : kGeneralizedTime, text.written().subspan(utc ? 2 : 0), out);
}

void write_counter(std::uint32_t counter, TlvWriter& tlv) {
  std::array<std::uint8_t, 5> number{};
  store_be32(number.data() + 1, counter);
  std::size_t skip = 0;
  while (skip < 4 && number[skip] == 0 && number[skip + 1] < 0x80) ++skip;
  tlv.element(kInteger, ByteView(number).subspan(skip));
}

void write_boolean(bool value, TlvWriter& tlv) {
  const std::uint8_t byte = value ? 0xFF : 0x00;
  tlv.element(kBoolean, ByteView(&byte, 1));
}

void write_token_statement(const TokenStatement& token, Writer& out) {
  constexpr std::uint8_t kVersion[] = {1};
  std::array<std::uint8_t, 4> serial{};
  store_be32(serial.data(), token.serial);
  TlvWriter tlv(out);
  const std::size_t attribute = tlv.begin(kSequence);
  tlv.element(kOid, kTokenStatement);
  const std::size_t values = tlv.begin(kSet);
  const std::size_t value = tlv.begin(kSequence);
  tlv.element(kInteger, kVersion);
  tlv.element(kOctetString, serial);
  tlv.element(kOctetString, token.firmware);
  write_counter(token.counter, tlv);
  write_boolean(token.presence, tlv);
  write_boolean(token.verified, tlv);
  tlv.element(kOctetString, token.shown);
  tlv.element(kOctetString, token.journal);
  if (token.decides) tlv.element(kCovers, token.covers);
  tlv.end(value);
  tlv.end(values);
  tlv.end(attribute);
}

void write_signing_certificate(const Hash& certificate, Writer& out) {
  TlvWriter tlv(out);
  const std::size_t attribute = tlv.begin(kSequence);
  tlv.element(kOid, kSigningCertificate);
  const std::size_t values = tlv.begin(kSet);
  const std::size_t signing_certificate = tlv.begin(kSequence);
  const std::size_t certificates = tlv.begin(kSequence);
  const std::size_t id = tlv.begin(kSequence);
  tlv.element(kOctetString, certificate);
  tlv.end(id);
  tlv.end(certificates);
  tlv.end(signing_certificate);
  tlv.end(values);
  tlv.end(attribute);
}

}  // namespace

// DER orders the elements of a SET OF by their bytes; here their lengths decide, and those are 24 bytes,
// 28 or 30, 47, 55, and more than 100.
Status write_attributes(const Hash& statement, const Hash& certificate, ByteView signing_time,
                        const TokenStatement& token, Writer& out) {
  TlvWriter tlv(out);
  const std::size_t set = tlv.begin(kSet);
  write_attribute(kContentType, kOid, kData, out);
  write_signing_time(signing_time, out);
  write_attribute(kMessageDigest, kOctetString, statement, out);
  write_signing_certificate(certificate, out);
  write_token_statement(token, out);
  tlv.end(set);
  return out.overflowed() ? Status::kTooLong : Status::kOk;
}

}  // namespace sceau::firmware::clearsign
