#include <CppUTest/TestHarness.h>

#include "sceau/base/digest.h"
#include "sceau/client/enrolment.h"

using namespace sceau;
using namespace sceau::client;

namespace {

const Bytes kCertificate = to_bytes("a certificate");
const Bytes kAttestation = to_bytes("an attestation");

Enrolment example() {
  const statement::Object key{{"attestation", sha256(kAttestation)},
                              {"certificate", sha256(kCertificate)},
                              {"public_key", "AAAA"},
                              {"slot", "9C"},
                              {"use", "sign"}};
  return {"carol",
          statement::Object{{"attestation_chain", statement::Array{}},
                            {"keys", statement::Array{key}},
                            {"kind", "piv"},
                            {"serial", "17"}},
          statement::Object{{"k", 2}},
          {kCertificate, kAttestation}};
}

}  // namespace

TEST_GROUP(Enrolment){};

TEST(Enrolment, ReadsBackWhatWasWritten) {
  const auto written = example();
  auto read = read_enrolment(write_enrolment(written));
  CHECK(read.ok());
  STRCMP_EQUAL("carol", read->person.c_str());
  CHECK(read->token == written.token);
  CHECK(read->escrow == written.escrow);
  CHECK(read->blobs == written.blobs);
}

TEST(Enrolment, ADigestWithoutItsBlobIsRefusedByName) {
  auto written = example();
  written.blobs.pop_back();
  const auto read = read_enrolment(write_enrolment(written));
  CHECK(!read.ok());
  CHECK(read.error().message.find(to_hex(sha256(kAttestation))) != std::string::npos);
}

TEST(Enrolment, OtherFilesAreRefusedWithWhatToDo) {
  for (const char* text : {"", "{}", "not json", "{\"person\":\"carol\"}"}) {
    const auto read = read_enrolment(as_bytes(text));
    CHECK(!read.ok());
    CHECK(read.error().kind == ErrorKind::invalid);
    CHECK(read.error().message.find("sceau token init") != std::string::npos);
  }
}
