// Every file of tests/vectors/evidence through this verifier and through OpenSSL's CMS_verify.
#include <filesystem>
#include <set>
#include <sstream>

#include "forge.h"
#include "sceau/base/files.h"
#include "sceau/evidence/verifier.h"
// CppUTest comes last: its macros fight the standard headers.
#include <CppUTest/TestHarness.h>

using namespace sceau;
using namespace sceau::evidence;
using namespace sceau::test;

TEST_GROUP(SignatureVectors) {
  std::string folder = std::string(SCEAU_TEST_VECTORS) + "/evidence/";
  Bytes statement = *read_file(folder + "statement.json");
  pki::TrustStore trust;

  void setup() override {
    const std::string pem = to_text(*read_file(folder + "roots-and-crls.pem"));
    const auto authorities = *pki::Certificate::all_from_pem(pem);
    const auto crls = *pki::Crl::all_from_pem(pem);
    for (const auto& certificate : authorities) CHECK(trust.add_authority(certificate).ok());
    for (const auto& crl : crls) CHECK(trust.add_crl(crl).ok());
  }

  void check(const std::vector<std::string>& row, Verifier& verifier) {
    const Bytes file = *read_file(folder + "files/" + row.at(2) + ".p7s");
    const auto ours =
        verifier.verify({"alice", "cades", file}, sha256(statement), trust, pki::KeyUse::sign, now_time);
    const std::string stock = openssl_verdict(file, statement, trust, now_time);
    CHECK_TEXT(ours.ok() == (row.at(0) == "accept"),
               (row.at(2) + ": " + (ours ? "taken" : ours.error().message)).c_str());
    CHECK_TEXT(stock.empty() == (row.at(1) == "accept"), (row.at(2) + ", OpenSSL: " + stock).c_str());
    if (ours) CHECK_TEXT(stock.empty(), row.at(2).c_str());
    if (!ours) STRCMP_EQUAL(row.at(3).c_str(), ours.error().message.c_str());
  }
};

TEST(SignatureVectors, WeAcceptNothingThatOpenSslRefuses) {
  std::stringstream stream(to_text(*read_file(folder + "list.txt")));
  std::set<std::string> listed;
  Verifier verifier;
  std::size_t accepted = 0;
  for (std::string line; std::getline(stream, line);) {
    if (line.empty() || line[0] == '#') continue;
    std::vector<std::string> row;
    std::stringstream cells(line);
    for (std::string cell; std::getline(cells, cell, '\t');) row.push_back(cell);
    check(row, verifier);
    check(row, verifier);  // again, now that certificates and paths are remembered
    accepted += row.at(0) == "accept" ? 1 : 0;
    listed.insert(row.at(2) + ".p7s");
  }
  CHECK(accepted >= 8 && listed.size() >= 70);
  for (const auto& file : std::filesystem::directory_iterator(folder + "files")) {
    CHECK_TEXT(listed.contains(file.path().filename()), file.path().c_str());
  }
}
