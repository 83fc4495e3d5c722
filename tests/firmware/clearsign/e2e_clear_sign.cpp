// A simulated token's clear-sign application through pcscd, judged by stock OpenSSL and by the host library.
// tools/simulate runs it with one token, "alice".
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include "over_pcsc.h"
#include "samples.h"
#include "sceau/base/files.h"
#include "sceau/client/sign.h"
#include "sceau/evidence/token_statement.h"
#include "sceau/evidence/verifier.h"
#include "sceau/pki/attestation.h"
#include "sceau/pki/authority.h"
#include "sceau/token/clear_signer.h"
#include "sceau/token/piv.h"
// CppUTest comes last: its macros fight the standard headers.
#include <CppUTest/TestHarness.h>

using namespace sceau;  // NOLINT(google-build-using-namespace): the tests' own subject

namespace {

constexpr Time kNow = test::kSampleTime;
constexpr Time kDay = 86400;

class Pins final : public token::PinSource {
 public:
  Result<Secret> pin(const token::PinRequest& request) override {
    purpose = request.purpose;
    return Secret(as_bytes("123456"));
  }
  void shows(const token::ShownPage& page) override {
    lines += page.lines;
    last = page;
  }
  std::string purpose, lines;
  token::ShownPage last;
};

Bytes write_file_in(const std::filesystem::path& path, ByteView bytes) {
  CHECK(write_file(path, bytes).ok());
  return to_bytes(bytes);
}

}  // namespace

TEST_GROUP(ClearSignOverPcsc) {
  pki::KeyPolicy policy{true, true, 900, {"approval", "extraction.request"}, {}, {}};
  std::shared_ptr<token::ClearCard> card = std::make_shared<token::ClearCard>(test::connect());
  Pins pins;
  SystemRandom random;
  std::filesystem::path folder =
      std::filesystem::temp_directory_path() / ("clear-" + std::to_string(::getpid()));
  std::optional<pki::SoftwareKey> authority_key;
  std::optional<pki::Certificate> root, certificate;
  Bytes crl;

  void setup() override {
    std::filesystem::create_directories(folder);
    Secret pin(as_bytes("123456"));
    static_cast<void>(card->remove(token::kFirstClearSlot, pin));
    auto spki = card->generate(token::kFirstClearSlot, pki::write_key_policy(policy), pin);
    CHECK_TEXT(spki.ok(), spki ? "" : spki.error().message.c_str());
    authority_key = *pki::SoftwareKey::generate();
    const pki::Validity validity{kNow - kDay, kNow + kDay};
    root = *pki::self_sign_authority(authority_key->spki(), {"Root", "", "Test"}, validity,
                                     authority_key->signer(), random);
    certificate = *pki::issue(*root, *spki, {"Alice", "alice", "Test"}, pki::KeyUse::sign, validity,
                              authority_key->signer(), random);
    crl = *pki::issue_crl(*root, {}, 1, kNow - kDay, kNow + kDay, authority_key->signer());
    CHECK(card->put_certificate(token::kFirstClearSlot, certificate->der(), pin).ok());
  }
  void teardown() override { std::filesystem::remove_all(folder); }

  evidence::Signature sign(const Bytes& statement, const client::Decided& about = {}) {
    auto signer = token::find_clear_signer(test::connect(), "1");
    CHECK(signer.ok() && *signer != nullptr);
    auto signature = client::sign_statement(**signer, pins, statement, kNow, about);
    CHECK_TEXT(signature.ok(), signature ? "" : signature.error().message.c_str());
    return *signature;
  }
  evidence::TokenStatement stated(const evidence::Signature& signature) {
    const auto view = evidence::read_cades(signature.bytes);
    CHECK(view.ok());
    auto read = evidence::read_token_statement(view->token_statement);
    CHECK(read.ok());
    return *read;
  }
  // What `openssl cms -verify` says: 0 when it takes the signature.
  int openssl(const Bytes& statement, const evidence::Signature& signature) {
    write_file_in(folder / "request.json", statement);
    write_file_in(folder / "request.p7s", signature.bytes);
    write_file_in(folder / "root.der", root->der());
    write_file_in(folder / "crl.der", crl);
    const std::string in =
        "cd " + folder.string() +
        " && openssl x509 -inform DER -in root.der -out roots.pem"
        " && openssl crl -inform DER -in crl.der >>roots.pem"
        " && openssl cms -verify -cades -binary -inform DER -in request.p7s -content request.json"
        " -CAfile roots.pem -crl_check -purpose any -out /dev/null -attime " +
        std::to_string(kNow) + " 2>/dev/null";
    return std::system(in.c_str());  // NOLINT: a test's own command
  }
};

TEST(ClearSignOverPcsc, StockOpensslAndTheHostLibraryTakeWhatItSigns) {
  const Bytes request = test::sample(*statement::find_type("extraction.request"), true);
  const auto signature = sign(request);
  LONGS_EQUAL(0, openssl(request, signature));
  Bytes other = request;
  other[50] ^= 1;
  CHECK(openssl(other, signature) != 0);
  const auto read = stated(signature);
  LONGS_EQUAL(card->key(token::kFirstClearSlot)->counter, read.counter);
  CHECK(read.presence);
  CHECK(read.verified);
  CHECK(!read.covers);
  CHECK(read.shown == sha256(as_bytes(pins.lines)));
  LONGS_EQUAL(32, read.firmware.size());
  LONGS_EQUAL(pins.last.pages, pins.last.page);
  CHECK(pins.lines.find("ask for an extraction\nby: alice\n") == 0);
}

TEST(ClearSignOverPcsc, AnApprovalCoversTheEvidenceOfTheRequestItShowed) {
  const Bytes request = test::sample(*statement::find_type("extraction.request"), true);
  const Bytes evidence = evidence::serialise({{sign(request)}});
  const Bytes approval = test::decision_on(request, evidence);
  pins.lines.clear();
  const auto signature = sign(approval, {request, evidence});
  LONGS_EQUAL(0, openssl(approval, signature));
  CHECK(stated(signature).covers == sha256(evidence));
  CHECK(pins.lines.find("-- the request: --") != std::string::npos);
  auto signer = token::find_clear_signer(test::connect(), "1");
  const Bytes changed = test::evidence_by("alice");
  const auto refused = client::sign_statement(**signer, pins, approval, kNow, {request, changed});
  CHECK(!refused.ok());
  CHECK(refused.error().kind == ErrorKind::refused);
}

TEST(ClearSignOverPcsc, TheAttestationNamesThePolicyAndTheJournalTheSignature) {
  const auto attestation = card->attest(token::kFirstClearSlot);
  CHECK(attestation.ok());
  token::PivCard piv(test::connect());
  const auto device = piv.certificate(token::Slot::attestation);
  CHECK(device.ok());
  const char* program = std::getenv("SCEAU_TOKEN");  // NOLINT(concurrency-mt-unsafe): one thread
  const std::string command = std::string(program) +
                              " --print-attestation-root | openssl x509 -outform DER -out " +
                              (folder / "maker.der").string();
  LONGS_EQUAL(0, std::system(command.c_str()));  // NOLINT: a test's own command
  const std::vector<pki::Certificate> roots{*pki::Certificate::from_der(*read_file(folder / "maker.der"))};
  const std::vector<Bytes> chain{*device};
  const auto attested = pki::check_attestation(*attestation, chain, roots, kNow);
  CHECK_TEXT(attested.ok(), attested ? "" : attested.error().message.c_str());
  CHECK(attested->clear_sign == policy);
  STRCMP_EQUAL("c1", attested->slot.c_str());
  CHECK(attested->public_key == certificate->spki());

  const Bytes request = test::sample(*statement::find_type("extraction.request"), false);
  const auto read = stated(sign(request));
  const Digest challenge = sha256(as_bytes("fresh"));
  const auto head = card->journal_head(challenge);
  CHECK(head.ok());
  CHECK(head->head == read.journal);
  const auto entry = card->journal_entry(head->count);
  CHECK(entry.ok());
  LONGS_EQUAL(read.counter, entry->counter);
  CHECK(entry->statement == sha256(request));
  CHECK(entry->shown == read.shown);
  CHECK(entry->head == head->head);
  write_file_in(folder / "message", head->message);
  write_file_in(folder / "signature", head->signature);
  write_file_in(folder / "device.der", *device);
  const std::string verify =
      "cd " + folder.string() +
      " && openssl x509 -inform DER -in device.der -noout -pubkey >key.pem"
      " && openssl dgst -sha256 -verify key.pem -signature signature message >/dev/null";
  LONGS_EQUAL(0, std::system(verify.c_str()));  // NOLINT: a test's own command
}

TEST(ClearSignOverPcsc, WhatThePolicyDoesNotAllowIsRefused) {
  auto signer = token::find_clear_signer(test::connect(), "1");
  const Bytes login = test::sample(*statement::find_type("login"), true);
  const auto refused = client::sign_statement(**signer, pins, login, kNow);
  CHECK(!refused.ok());
  CHECK(refused.error().message.find("policy does not allow") != std::string::npos);
}
