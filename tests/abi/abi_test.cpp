// The C interface as a C program meets it: codes, ownership, hostile arguments, verification.
#include "sceau/sceau.h"

#include <CppUTest/TestHarness.h>

#include <string>

#include "../client/people.h"
#include "sceau/base/digest.h"
#include "sceau/client/author.h"
#include "sceau/client/receipt.h"

using namespace sceau;

namespace {

struct Evidence {
  Bytes statement, evidence, cades;
};

Evidence approval_of(const client::test::People& people) {
  FixedClock clock(client::test::kNow);
  SeededRandom random(7);
  const Digest any = sha256(as_bytes("any"));
  auto bytes = client::Author(clock, random)
                   .write({client::test::kRealm, {1, any}}, "approval", "carol",
                          statement::Object{{"evidence", any}, {"request", any}})
                   .value();
  client::test::SoftwareSigner signer(people.key, people.certificate.der());
  client::test::FixedPins pins("246824");
  auto signature = client::sign_statement(signer, pins, bytes, client::test::kNow).value();
  const Bytes cades = signature.bytes;
  return {bytes, evidence::serialise({{std::move(signature)}}), cades};
}

}  // namespace

TEST_GROUP(CInterface) {
  sceau_t* context = nullptr;
  void setup() override { CHECK_EQUAL(SCEAU_OK, sceau_new(&context)); }
  void teardown() override {
    sceau_free(&context);
    POINTERS_EQUAL(nullptr, context);
  }
};

TEST(CInterface, EveryCodeHasAText) {
  for (int code = SCEAU_OK; code <= SCEAU_ERR_INTERNAL; ++code) {
    CHECK(std::string(sceau_strerr(code)).size() > 3);
    CHECK(std::string(sceau_strerr(code)) != sceau_strerr(-1));
  }
  STRCMP_EQUAL("no code of libsceau", sceau_strerr(4711));
  CHECK(std::string(sceau_version()).find('.') != std::string::npos);
}

TEST(CInterface, NullIsAnArgumentErrorAndNeverACrash) {
  auto* const somewhere = reinterpret_cast<sceau_act_t*>(1);
  sceau_act_t* act = somewhere;
  sceau_token_t* token = nullptr;
  sceau_gate_t* gate = nullptr;
  const uint8_t* bytes = nullptr;
  size_t size = 0;
  char state[16];
  CHECK_EQUAL(SCEAU_ERR_ARGUMENT, sceau_new(nullptr));
  CHECK_EQUAL(SCEAU_ERR_ARGUMENT, sceau_set_pin_callback(nullptr, nullptr, nullptr));
  CHECK_EQUAL(SCEAU_ERR_ARGUMENT, sceau_set_memory(context, nullptr));
  CHECK_EQUAL(SCEAU_ERR_ARGUMENT, sceau_add_module(context, ""));
  CHECK_EQUAL(SCEAU_ERR_ARGUMENT, sceau_set_relying_party(context, ""));
  CHECK_EQUAL(SCEAU_ERR_ARGUMENT, sceau_set_fido_keys(context, nullptr, 3));
  CHECK_EQUAL(SCEAU_ERR_INVALID, sceau_set_fido_keys(context, reinterpret_cast<const uint8_t*>("{}"), 2));
  CHECK_EQUAL(SCEAU_OK, sceau_set_fido_keys(context, nullptr, 0));
  CHECK_EQUAL(SCEAU_ERR_ARGUMENT, sceau_token_list(context, nullptr));
  CHECK_EQUAL(SCEAU_ERR_ARGUMENT, sceau_token_open(nullptr, "x", &token));
  CHECK_EQUAL(SCEAU_ERR_ARGUMENT, sceau_token_certificate(nullptr, SCEAU_USE_SIGN, &bytes, &size));
  CHECK_EQUAL(SCEAU_ERR_ARGUMENT, sceau_gate_open(context, nullptr, "x", &gate));
  CHECK_EQUAL(SCEAU_ERR_ARGUMENT, sceau_gate_login(nullptr, nullptr));
  CHECK_EQUAL(SCEAU_ERR_ARGUMENT, sceau_gate_request_state(nullptr, "x", 0, state, sizeof state));
  CHECK_EQUAL(SCEAU_ERR_ARGUMENT, sceau_gate_rows(nullptr, "x", nullptr, nullptr));
  CHECK_EQUAL(SCEAU_ERR_ARGUMENT, sceau_request_sign(nullptr, nullptr, nullptr, &act));
  POINTERS_EQUAL(nullptr, act);
  act = somewhere;
  CHECK_EQUAL(SCEAU_ERR_ARGUMENT, sceau_approve(nullptr, nullptr, nullptr, &act));
  POINTERS_EQUAL(nullptr, act);
  CHECK_EQUAL(SCEAU_ERR_ARGUMENT, sceau_refuse(nullptr, nullptr, "x", nullptr, nullptr));
  CHECK_EQUAL(SCEAU_ERR_ARGUMENT, sceau_act_submit(nullptr, nullptr));
  CHECK_EQUAL(SCEAU_ERR_ARGUMENT, sceau_pending_list(nullptr, nullptr));
  CHECK_EQUAL(SCEAU_ERR_ARGUMENT, sceau_verify_receipt(context, nullptr, 5, nullptr, 5, nullptr, nullptr));
  CHECK_EQUAL(0U, sceau_token_list_size(nullptr));
  CHECK_EQUAL(0U, sceau_pending_size(nullptr));
  CHECK_EQUAL(0U, sceau_report_signers(nullptr));
  POINTERS_EQUAL(nullptr, sceau_token_list_reader(nullptr, 0));
  POINTERS_EQUAL(nullptr, sceau_pending_digest(nullptr, 0));
  POINTERS_EQUAL(nullptr, sceau_report_signer_person(nullptr, 0));
  POINTERS_EQUAL(nullptr, sceau_act_statement(nullptr, &size));
  STRCMP_EQUAL("", sceau_message(nullptr));
  sceau_free(nullptr);
  sceau_token_close(&token);
  sceau_gate_close(nullptr);
}

TEST(CInterface, AFailureSaysInOneLineWhatWasWrong) {
  STRCMP_EQUAL("", sceau_message(context));
  sceau_gate_t* gate = nullptr;
  CHECK_EQUAL(SCEAU_ERR_NOT_FOUND,
              sceau_gate_open(context, "https://127.0.0.1:1", "/nonexistent.pem", &gate));
  const std::string line = sceau_message(context);
  CHECK(line.find("/nonexistent.pem") != std::string::npos);
  CHECK(line.find('\n') == std::string::npos);
  POINTERS_EQUAL(nullptr, gate);
}

TEST(CInterface, ARequestTakesItsPartsAndRefusesSenselessOnes) {
  sceau_request_t* request = nullptr;
  CHECK_EQUAL(SCEAU_OK, sceau_request_new(context, &request));
  CHECK_EQUAL(SCEAU_OK, sceau_request_set_project(request, "p"));
  CHECK_EQUAL(SCEAU_ERR_ARGUMENT, sceau_request_set_purpose(request, nullptr));
  CHECK_EQUAL(SCEAU_ERR_ARGUMENT, sceau_request_set_max_rows(request, 0));
  CHECK_EQUAL(SCEAU_ERR_ARGUMENT, sceau_request_set_decide_by(request, -1));
  CHECK_EQUAL(SCEAU_ERR_ARGUMENT, sceau_request_add_sql(request, nullptr));
  CHECK_EQUAL(SCEAU_OK, sceau_request_add_sql(request, "SELECT 1"));
  sceau_request_free(&request);
  POINTERS_EQUAL(nullptr, request);
}

TEST_GROUP(CVerification) {
  sceau_t* context = nullptr;
  const client::test::People people;
  const std::string trust = people.trust_pem();
  const Evidence made = approval_of(people);
  void setup() override { CHECK_EQUAL(SCEAU_OK, sceau_new(&context)); }
  void teardown() override { sceau_free(&context); }
  int verify(const Bytes& statement, const Bytes& evidence, sceau_report_t** report) {
    return sceau_verify_evidence(context, statement.data(), statement.size(), evidence.data(),
                                 evidence.size(), reinterpret_cast<const uint8_t*>(trust.data()),
                                 trust.size(), client::test::kNow, report);
  }
};

TEST(CVerification, GoodEvidenceSaysWhoSignedWhat) {
  for (const Bytes* evidence : {&made.evidence, &made.cades}) {
    sceau_report_t* report = nullptr;
    CHECK_EQUAL(SCEAU_OK, verify(made.statement, *evidence, &report));
    STRCMP_EQUAL("approval", sceau_report_type(report));
    STRCMP_EQUAL(to_hex(sha256(made.statement)).c_str(), sceau_report_digest(report));
    CHECK_EQUAL(1U, sceau_report_signers(report));
    STRCMP_EQUAL("carol", sceau_report_signer_person(report, 0));
    POINTERS_EQUAL(nullptr, sceau_report_signer_person(report, 1));
    CHECK(sceau_report_signer_time(report, 0) == client::test::kNow);
    CHECK(sceau_report_index(report) == -1);
    sceau_report_free(&report);
  }
}

TEST(CVerification, EveryChangedByteIsNoticed) {
  for (std::size_t at = 0; at < made.statement.size(); ++at) {
    Bytes changed = made.statement;
    changed[at] ^= 1U;
    sceau_report_t* report = reinterpret_cast<sceau_report_t*>(1);
    CHECK(verify(changed, made.evidence, &report) != SCEAU_OK);
    POINTERS_EQUAL(nullptr, report);
  }
  for (std::size_t at = 0; at < made.cades.size(); at += 3) {
    Bytes changed = made.cades;
    changed[at] ^= 0x40U;
    sceau_report_t* report = nullptr;
    CHECK(verify(made.statement, changed, &report) != SCEAU_OK);
  }
}

TEST(CVerification, WhatIsNoReceiptIsRefused) {
  const std::string junk[] = {"{}", "[]", "\xFF\xFE", "{\"proof\":\"x\"}"};
  for (const std::string& text : junk) {
    sceau_report_t* report = nullptr;
    CHECK_EQUAL(
        SCEAU_ERR_INVALID,
        sceau_verify_receipt(context, reinterpret_cast<const uint8_t*>(text.data()), text.size(),
                             reinterpret_cast<const uint8_t*>(trust.data()), trust.size(), nullptr, &report));
    POINTERS_EQUAL(nullptr, report);
  }
}
