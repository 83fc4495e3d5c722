// The FIDO Metadata Service's file, made here with keys of our own.
#include "sceau/evidence/fido_metadata.h"

#include <CppUTest/TestHarness.h>

#include "authenticator.h"
#include "crafted.h"

using namespace sceau;
using namespace sceau::test;
using namespace sceau::evidence;

namespace {

constexpr const char* kModel = "0123abcd-0123-4567-89ab-0123456789ab";
constexpr const char* kOther = "aaaaaaaa-aaaa-aaaa-aaaa-aaaaaaaaaaaa";

std::string to_base64url(ByteView bytes) {
  std::string text = to_base64(bytes);
  while (!text.empty() && text.back() == '=') text.pop_back();
  for (char& c : text) c = c == '+' ? '-' : c == '/' ? '_' : c;
  return text;
}

// r || s of a DER signature.
Bytes raw_signature(const Bytes& der) {
  Bytes raw;
  std::size_t at = 2;
  for (int part = 0; part < 2; ++part) {
    const std::size_t size = der[at + 1];
    Bytes number(der.begin() + static_cast<std::ptrdiff_t>(at) + 2,
                 der.begin() + static_cast<std::ptrdiff_t>(at + 2 + size));
    while (number.size() > 32) number.erase(number.begin());
    number.insert(number.begin(), 32 - number.size(), 0);
    append(raw, number);
    at += 2 + size;
  }
  return raw;
}

Aaguid aaguid(const char* text) {
  std::string digits = text;
  std::erase(digits, '-');
  Aaguid out{};
  const auto bytes = from_hex(digits);
  std::copy(bytes->begin(), bytes->end(), out.begin());
  return out;
}

}  // namespace

TEST_GROUP(FidoMetadataFile) {
  Authenticator maker;
  Key root_key = craft_key("P-256"), middle_key = craft_key("P-256"), own_key = craft_key("P-256");
  pki::Certificate root = issue("Service root", root_key, nullptr, nullptr, true);
  pki::Certificate middle = issue("Service authority", middle_key, &root, root_key, true);
  pki::Certificate own = issue(metadata_host, own_key, &middle, middle_key, false);
  std::string algorithm = "ES256", next_update = "2027-01-01", reports = R"([{"status":"FIDO_CERTIFIED"}])";
  std::string more_entries;
  int number = 7;

  static pki::Certificate issue(const std::string& name, const Key& key, const pki::Certificate* issuer,
                                const Key& issuer_key, bool authority) {
    Plan plan;
    plan.name = name;
    plan.key = key;
    plan.issuer = issuer;
    plan.issuer_key = issuer_key;
    plan.key_usage = authority ? "critical,keyCertSign" : "critical,digitalSignature";
    plan.basic_constraints = authority ? "critical,CA:TRUE" : "critical,CA:FALSE";
    return craft(plan);
  }
  [[nodiscard]] std::string payload() const {
    return R"({"legalHeader":"…","no":)" + std::to_string(number) + R"(,"nextUpdate":")" + next_update +
           R"(","entries":[{"aaguid":")" + kModel +
           R"(","metadataStatement":{"description":"A key","tcDisplay":[1.5,null],"attestationRootCertificates":[")" +
           to_base64(maker.maker.der()) + R"("]},"statusReports":)" + reports +
           R"(},{"attestationCertificateKeyIdentifiers":["00"],"statusReports":[]})" + more_entries + "]}";
  }
  [[nodiscard]] std::string file(const std::vector<pki::Certificate>& chain) const {
    std::string x5c;
    for (const auto& one : chain) x5c += (x5c.empty() ? "\"" : ",\"") + to_base64(one.der()) + "\"";
    const std::string header = R"({"alg":")" + algorithm + R"(","typ":"JWT","x5c":[)" + x5c + "]}";
    const std::string message = to_base64url(as_bytes(header)) + "." + to_base64url(as_bytes(payload()));
    return message + "." + to_base64url(raw_signature(ecdsa(own_key.get(), as_bytes(message))));
  }
  [[nodiscard]] Result<FidoMetadata> read(const std::string& text) const {
    const std::vector<pki::Certificate> roots = {root};
    return read_metadata_file(as_bytes(text), roots, now_time);
  }
  [[nodiscard]] Result<FidoMetadata> read() const { return read(file({own, middle})); }
  void refused(const Result<FidoMetadata>& verdict, const char* why) const {
    CHECK_FALSE(verdict.ok());
    STRCMP_CONTAINS(why, verdict.error().message.c_str());
  }
};

TEST(FidoMetadataFile, WhatTheServiceSignedIsReadAndKept) {
  const auto metadata = read(file({own, middle}) + "\n");
  CHECK(metadata.ok());
  CHECK_EQUAL(7, metadata->number);
  CHECK_EQUAL(1, metadata->models.size());
  const FidoModel* model = metadata->find(aaguid(kModel));
  CHECK(model != nullptr && model->trouble.empty() && model->roots.size() == 1);
  CHECK(model->roots[0] == maker.maker);
  CHECK(metadata->find(aaguid(kOther)) == nullptr);
  const auto again = read_fido_metadata(serialise(*metadata));
  CHECK(again.ok() && serialise(*again) == serialise(*metadata));
  CHECK(again->find(aaguid(kModel))->roots[0] == maker.maker);
}

TEST(FidoMetadataFile, AnyReportOfTroubleStays) {
  for (const char* status : {"REVOKED", "ATTESTATION_KEY_COMPROMISE", "USER_KEY_REMOTE_COMPROMISE",
                             "USER_KEY_PHYSICAL_COMPROMISE", "USER_VERIFICATION_BYPASS"}) {
    reports = std::string(R"([{"status":")") + status + R"("},{"status":"UPDATE_AVAILABLE"}])";
    const auto metadata = read();
    CHECK(metadata.ok());
    STRCMP_EQUAL(status, metadata->find(aaguid(kModel))->trouble.c_str());
  }
}

TEST(FidoMetadataFile, WhoeverElseSignedItIsRefused) {
  refused(read(file({own})), "no path to a configured attestation root");
  refused(read(file({})), "names no certificate");
  const auto stranger = issue("elsewhere.example", own_key, &middle, middle_key, false);
  refused(read(file({stranger, middle})), "is not mds.fidoalliance.org");
  const auto other = issue(metadata_host, craft_key("P-256"), &middle, middle_key, false);
  refused(read(file({other, middle})), "did not sign it");
  algorithm = "none";
  refused(read(), "did not sign it");
  algorithm = "RS256";
  refused(read(), "did not sign it");
}

TEST(FidoMetadataFile, AChangedByteIsRefused) {
  const std::string good = file({own, middle});
  const std::size_t payload_at = good.find('.') + 10;
  std::string bad = good;
  bad[payload_at] = bad[payload_at] == 'A' ? 'B' : 'A';
  CHECK_FALSE(read(bad).ok());
  for (const std::size_t size : {std::size_t{0}, good.find('.'), good.rfind('.'), good.size() - 1})
    CHECK_FALSE(read(good.substr(0, size)).ok());
  CHECK_FALSE(read(good + ".").ok());
  CHECK_FALSE(read(good + "=").ok());
}

TEST(FidoMetadataFile, AStaleOneIsRefused) {
  next_update = "2026-11-22";
  refused(read(), "next update was due");
  next_update = "soon";
  refused(read(), "nextUpdate is no date");
}

TEST(FidoMetadataFile, AModelListedTwiceIsNoList) {
  more_entries = std::string(R"(,{"aaguid":")") + kModel + R"(","statusReports":[]})";
  refused(read(), "is listed twice");
  more_entries = R"(,{"aaguid":"12"})";
  refused(read(), "an AAGUID is none");
}

TEST(FidoMetadataFile, WhatIsKeptIsCanonical) {
  Bytes kept = serialise(*read());
  CHECK(read_fido_metadata(kept).ok());
  const std::string text = to_text(kept);
  CHECK_FALSE(read_fido_metadata(as_bytes(text.substr(0, text.size() - 1) + ",\"x\":1}")).ok());
  CHECK_FALSE(read_fido_metadata(as_bytes("{}")).ok());
}
