#include "sceau/pki/certificate.h"

#include <filesystem>

#include "crafted.h"
#include "sceau/base/files.h"
// CppUTest comes last: its macros fight the standard headers.
#include <CppUTest/TestHarness.h>

using namespace sceau;
using namespace sceau::pki;
using namespace sceau::test;

TEST_GROUP(ReadCertificate) {
  Key key = craft_key("P-256");
  Certificate certificate = craft({.key = key});
};

TEST(ReadCertificate, TellsWhatItSays) {
  STRCMP_EQUAL("CN=Alice Martin, serialNumber=alice", certificate.subject_text().c_str());
  STRCMP_EQUAL("alice", certificate.person().c_str());
  STRCMP_EQUAL("Alice Martin", certificate.common_name().c_str());
  LONGS_EQUAL(begin_time, certificate.not_before());
  LONGS_EQUAL(end_time, certificate.not_after());
  LONGS_EQUAL(usage_non_repudiation, certificate.key_usage().value());
  CHECK_FALSE(certificate.is_ca());
  CHECK(certificate.is_self_issued());
  CHECK(certificate.spki() == spki_of(key));
  CHECK(certificate.algorithm() == KeyAlgorithm::p256);
  CHECK(certificate.digest() == sha256(certificate.der()));
  CHECK(certificate.extension("2.5.29.15").value() == (Bytes{0x03, 0x02, 0x06, 0x40}));
  CHECK_FALSE(certificate.extension("1.2.3.4").has_value());
}

TEST(ReadCertificate, NamesItsPersonByCommonNameWhereTheSubjectHasNoSerialNumber) {
  STRCMP_EQUAL("899700218896", craft({.name = "899700218896", .person = "", .key = key}).person().c_str());
}

TEST(ReadCertificate, KnowsItsKindOfKey) {
  CHECK(craft({.key = craft_key("P-384")}).algorithm() == KeyAlgorithm::p384);
  CHECK(craft({.key = craft_key("RSA")}).algorithm() == KeyAlgorithm::rsa);
  CHECK(craft({.key = craft_key("ED25519")}).algorithm() == KeyAlgorithm::other);
  CHECK_FALSE(craft({.key = key, .key_usage = ""}).key_usage().has_value());
}

TEST(ReadCertificate, GoesThroughPem) {
  const Certificate other = craft({.name = "Bob", .key = key});
  const auto both = Certificate::all_from_pem("Bob and Alice\n" + other.to_pem() + certificate.to_pem());
  LONGS_EQUAL(2, both->size());
  CHECK(both->at(0) == other && both->at(1) == certificate);
  CHECK(*Certificate::from_pem(certificate.to_pem()) == certificate);
  CHECK_FALSE(Certificate::from_pem("no certificate here").ok());
  std::string broken = certificate.to_pem();
  broken[100] = broken[100] == '!' ? '?' : '!';
  CHECK_FALSE(Certificate::from_pem(broken).ok());
}

TEST(ReadCertificate, RefusesEveryTruncation) {
  const Bytes& der = certificate.der();
  for (std::size_t length = 0; length < der.size(); ++length) {
    CHECK_FALSE(Certificate::from_der(ByteView(der).first(length)).ok());
  }
}

TEST(ReadCertificate, SurvivesEveryFlippedByte) {
  const Bytes& der = certificate.der();
  for (std::size_t i = 0; i < der.size(); ++i) {
    Bytes changed = der;
    changed[i] ^= 0xFF;
    const auto read = Certificate::from_der(changed);
    if (read) CHECK_FALSE(*read == certificate);
  }
}

TEST(ReadCertificate, RefusesEveryHostileFile) {
  std::size_t count = 0;
  for (const auto& file :
       std::filesystem::directory_iterator(std::string(SCEAU_TEST_VECTORS) + "/pki/hostile")) {
    const Bytes bytes = *read_file(file.path());
    const bool crl = file.path().filename().string().starts_with("crl-");
    const bool csr = file.path().filename().string().starts_with("csr-");
    const bool taken = crl   ? Crl::from_der(bytes).ok()
                       : csr ? read_csr(bytes).ok()
                             : Certificate::from_der(bytes).ok();
    CHECK_FALSE_TEXT(taken, file.path().c_str());
    ++count;
  }
  CHECK(count >= 15);
}
