// Real commands to the FIDO application of a simulated token, in a reader and on its socket: runs under
// `tools/simulate --hid alice`; FidoUntouched with --touch deny, FidoGone where the token may be killed.
#include <CppUTest/TestHarness.h>
#include <csignal>
#include <cstdlib>

#include "fixed_pins.h"
#include "sceau/base/files.h"
#include "sceau/token/fido_signer.h"
#include "sceau/token/reader.h"

using namespace sceau;
using namespace sceau::token;
using sceau::test::FixedPins;

namespace {

constexpr const char* kRelyingParty = "gate.example";
constexpr std::size_t kFlagsAt = 32;  // in authenticator data
constexpr unsigned kPresent = 0x01;
constexpr unsigned kVerified = 0x04;

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : value;
}

template <typename T>
T must(Result<T> result) {
  if (!result) FAIL(result.error().message.c_str());
  return std::move(*result);
}

std::unique_ptr<FidoKey> in_reader() {
  const Readers readers = must(Readers::open());
  return std::make_unique<FidoKey>(must(readers.connect(environment("SCEAU_READER_alice"))));
}

std::unique_ptr<FidoKey> on_socket() {
  return std::make_unique<FidoKey>(environment("SCEAU_SIMULATE_DIR") + "/alice.hid", "alice");
}

Secret pin(std::string_view text = "2468") { return Secret(as_bytes(text)); }

void see_to_pin(FidoKey& key) {
  if (must(key.information()).pin_set) return;
  const auto set = key.set_pin(pin());
  if (!set) FAIL(set.error().message.c_str());
}

MadeFidoCredential make(FidoKey& key, const std::string& user) {
  see_to_pin(key);
  const Secret right = pin();
  return must(key.make({kRelyingParty, to_bytes(user), user, sha256(as_bytes("client data"))}, &right));
}

unsigned flags_of(const Bytes& data) { return data.size() > kFlagsAt ? data[kFlagsAt] : 0U; }

}  // namespace

TEST_GROUP(FidoKeys) {
  const Secret right = pin();
  FidoOrder order(const Bytes& credential) const {
    return {kRelyingParty, credential, sha256(as_bytes("more client data")), true};
  }
};

TEST(FidoKeys, WhatAReaderMadeASocketFindsAndUses) {
  auto reader = in_reader();
  const auto made = make(*reader, "carol");
  STRCMP_EQUAL("packed", made.format.c_str());
  CHECK_EQUAL(1, made.certificates.size());
  CHECK_EQUAL(kPresent | kVerified, flags_of(made.authenticator_data) & (kPresent | kVerified));
  auto socket = on_socket();
  bool found = false;
  for (const auto& one : must(socket->credentials(kRelyingParty)))
    found = found || (one.id == made.id && to_text(one.user) == "carol");
  CHECK(found);
  for (FidoKey* key : {reader.get(), socket.get()}) {
    const auto answer = must(key->sign(order(made.id), &right));
    CHECK_EQUAL(kPresent | kVerified, flags_of(answer.authenticator_data));
    CHECK(!answer.signature.empty());
  }
}

TEST(FidoKeys, AnotherRelyingPartyFindsNothing) {
  auto key = on_socket();
  const auto made = make(*key, "carol");
  CHECK(must(key->credentials("elsewhere.example")).empty());
  FidoOrder elsewhere = order(made.id);
  elsewhere.relying_party = "elsewhere.example";
  const auto answer = key->sign(elsewhere, &right);
  CHECK(!answer && answer.error().kind == ErrorKind::not_found);
}

TEST(FidoKeys, AWrongPinSaysTheTriesLeftAndARightOneRestoresThem) {
  auto key = in_reader();
  const auto made = make(*key, "carol");
  const Secret wrong = pin("1357");
  const auto refused = key->sign(order(made.id), &wrong);
  CHECK(!refused && refused.error().kind == ErrorKind::authentication);
  STRCMP_CONTAINS("the PIN is wrong: 7 tries left", refused.error().message.c_str());
  CHECK_EQUAL(7, must(key->information()).tries_left.value_or(0));
  must(key->sign(order(made.id), &right));
  CHECK_EQUAL(8, must(key->information()).tries_left.value_or(0));
}

TEST(FidoKeys, ASecondFirstPinIsRefused) {
  auto key = in_reader();
  see_to_pin(*key);
  const auto again = key->set_pin(pin("97531"));
  CHECK(!again && again.error().kind == ErrorKind::refused);
}

TEST(FidoKeys, APinIsChangedByWhoKnowsIt) {
  auto key = on_socket();
  see_to_pin(*key);
  CHECK_FALSE(key->change_pin(pin("1357"), pin("97531")).ok());
  CHECK(key->change_pin(pin(), pin("97531")).ok());
  CHECK(key->change_pin(pin("97531"), pin()).ok());
}

TEST(FidoKeys, TheSignerAsksForThePinOnceAndLeavesThePresenceOutWhenTold) {
  auto made = make(*in_reader(), "carol");
  FidoSigner signer(in_reader(), {kRelyingParty, {made.id, to_bytes("carol")}, "fido2-0", {}});
  FixedPins pins("2468");
  const Bytes client_data = to_bytes("{}");
  ToSign work;
  work.client_data = client_data;
  work.presence = false;
  const auto answer = must(signer.sign(work, pins));
  CHECK_EQUAL(1, pins.asked);
  CHECK(answer.assertion.has_value());
  CHECK_EQUAL(kVerified, flags_of(answer.assertion->authenticator_data));
  CHECK(answer.assertion->client_data_json == client_data);
  CHECK_FALSE(signer.sign(ToSign{}, pins).ok());
}

TEST_GROUP(FidoUntouched){};

TEST(FidoUntouched, NothingIsMadeAndTheMessageSaysWhy) {
  auto key = on_socket();
  see_to_pin(*key);
  const Secret right = pin();
  const auto made = key->make({kRelyingParty, to_bytes("carol"), "carol", {}}, &right);
  CHECK(!made && made.error().kind == ErrorKind::refused);
  STRCMP_CONTAINS("touch", made.error().message.c_str());
}

TEST_GROUP(FidoGone){};

TEST(FidoGone, AKeyThatWentAwayIsUnavailable) {
  auto reader = in_reader();
  auto socket = on_socket();
  const auto made = make(*reader, "carol");
  const auto process = must(read_file(environment("SCEAU_SIMULATE_DIR") + "/alice.pid", 64));
  CHECK_EQUAL(0, ::kill(std::stoi(to_text(process)), SIGKILL));
  const Secret right = pin();
  for (FidoKey* key : {reader.get(), socket.get()}) {
    const auto answer = key->sign({kRelyingParty, made.id, {}, true}, &right);
    CHECK(!answer.ok());
    CHECK_TEXT(answer.error().kind == ErrorKind::unavailable, answer.error().message.c_str());
  }
}
