// What a browser hands out for a new credential.
#include "sceau/evidence/attestation_object.h"

#include <CppUTest/TestHarness.h>

#include "authenticator.h"

using namespace sceau;
using namespace sceau::evidence;

namespace {

// CBOR, each in its shortest form.
Bytes head(unsigned type, std::size_t size) {
  const auto first = static_cast<std::uint8_t>(type << 5U);
  if (size < 24) return {static_cast<std::uint8_t>(first | size)};
  if (size < 256) return {static_cast<std::uint8_t>(first | 24U), static_cast<std::uint8_t>(size)};
  return {static_cast<std::uint8_t>(first | 25U), static_cast<std::uint8_t>(size >> 8U),
          static_cast<std::uint8_t>(size)};
}
Bytes joined(std::initializer_list<Bytes> parts) {
  Bytes out;
  for (const Bytes& part : parts) append(out, part);
  return out;
}
Bytes text(std::string_view content) { return joined({head(3, content.size()), to_bytes(content)}); }
Bytes string(const Bytes& content) { return joined({head(2, content.size()), content}); }

const Bytes kAlgorithm = joined({text("alg"), {0x26}});

}  // namespace

TEST_GROUP(AttestationObject) {
  FidoAttestation given;
  void setup() override {
    Authenticator key;
    key.flags = 0x45;
    given = key.attestation(enrolment_challenge("a.example/realm", "alice"));
  }
  Bytes signature() const { return joined({text("sig"), string(given.signature)}); }
  Bytes certificates() const { return joined({text("x5c"), head(4, 1), string(given.certificates.front())}); }
  Bytes packed() const { return joined({head(5, 3), kAlgorithm, signature(), certificates()}); }
  Bytes data() const { return joined({text("authData"), string(given.authenticator_data)}); }
  Bytes object(std::string_view format, const Bytes& statement) const {
    return joined({head(5, 3), text("fmt"), text(format), text("attStmt"), statement, data()});
  }
  Result<FidoAttestation> read(const Bytes& bytes) const {
    return read_attestation_object(bytes, given.client_data);
  }
  void fails(const Bytes& bytes, ErrorKind kind, const char* why) const {
    const auto made = read(bytes);
    CHECK_FALSE(made.ok());
    CHECK(made.error().kind == kind);
    STRCMP_CONTAINS(why, made.error().message.c_str());
  }
};

TEST(AttestationObject, IsWhatTheKeyAttested) {
  const auto made = read(object("packed", packed()));
  CHECK(made.ok());
  CHECK(*made == given);
}

TEST(AttestationObject, FieldsMayComeInAnyOrder) {
  const auto made = read(joined({head(5, 3), data(), text("attStmt"), head(5, 3), certificates(), kAlgorithm,
                                 signature(), text("fmt"), text("packed")}));
  CHECK(made.ok());
  CHECK(*made == given);
}

TEST(AttestationObject, WhatSaysTooLittleOfTheKeysMakeIsRefused) {
  fails(object("fido-u2f", joined({head(5, 2), signature(), certificates()})), ErrorKind::refused,
        "another format");
  fails(object("packed", joined({head(5, 3), text("alg"), {0x27}, signature(), certificates()})),
        ErrorKind::refused, "ES256");
  fails(object("packed", joined({head(5, 1), kAlgorithm})), ErrorKind::refused, "ES256");
}

TEST(AttestationObject, WhetherAMakerMustAttestIsNotItsToSay) {
  const auto itself = read(object("packed", joined({head(5, 2), kAlgorithm, signature()})));
  CHECK(itself.ok());
  CHECK(itself->certificates.empty());
  CHECK(itself->signature == given.signature);
  CHECK(itself->client_data == given.client_data);
  const auto nobody = read(object("none", head(5, 0)));
  CHECK(nobody.ok());
  CHECK(nobody->certificates.empty() && nobody->signature.empty());
  CHECK(nobody->authenticator_data == given.authenticator_data);
  fails(object("none", packed()), ErrorKind::invalid, "has an attestation");
}

TEST(AttestationObject, WhatIsMalformedIsInvalid) {
  const Bytes good = object("packed", packed());
  fails({}, ErrorKind::invalid, "too early");
  fails(joined({good, {0x00}}), ErrorKind::invalid, "follows it");
  fails(joined({head(5, 4), text("fmt"), text("packed"), text("fmt"), text("packed"), text("attStmt"),
                packed(), data()}),
        ErrorKind::invalid, "twice");
  fails(joined({head(5, 1), text("other"), {0x00}}), ErrorKind::invalid, "not known");
  fails(object("packed", joined({head(5, 1), text("ver"), {0x00}})), ErrorKind::invalid, "does not have");
  fails(object("packed", joined({head(5, 1), text("x5c"), head(4, 0)})), ErrorKind::invalid,
        "no certificate");
  fails(object("packed", joined({head(5, 1), text("x5c"), head(4, 5)})), ErrorKind::invalid, "more than 4");
  fails({0xBF}, ErrorKind::invalid, "indefinite");
  fails({0xBB, 0, 0, 0, 0, 0, 0, 0, 1}, ErrorKind::invalid, "indefinite, or larger");
  fails({0xB8, 0x03}, ErrorKind::invalid, "shortest form");
  fails({0xB9, 0x00}, ErrorKind::invalid, "too early");
  fails({0xB7}, ErrorKind::invalid, "more fields");
  fails({0x83}, ErrorKind::invalid, "another type");
  fails({0xA1, 0x7A, 0xFF, 0xFF, 0xFF, 0xFF}, ErrorKind::invalid, "too early");
  fails(joined({head(5, 2), text("fmt"), text("packed"), text("attStmt"), packed()}), ErrorKind::invalid,
        "no authenticator data");
  fails(Bytes(100'000, 0xA1), ErrorKind::invalid, "larger");
}

TEST(AttestationObject, CutAnywhereItIsNone) {
  const Bytes good = object("packed", packed());
  for (std::size_t size = 0; size < good.size(); ++size)
    CHECK_FALSE(read(Bytes(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(size))).ok());
}

TEST(AttestationObject, AnyByteMayBeAnyOther) {
  Bytes bytes = object("packed", packed());
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    const std::uint8_t before = bytes[at];
    for (const unsigned value : {0x00U, 0x18U, 0x1BU, 0x5FU, 0x7FU, 0x9FU, 0xBFU, 0xFFU}) {
      bytes[at] = static_cast<std::uint8_t>(value);
      (void)read(bytes).ok();  // no crash, no finding of the sanitizers
    }
    bytes[at] = before;
  }
  CHECK(read(bytes).ok());
}
