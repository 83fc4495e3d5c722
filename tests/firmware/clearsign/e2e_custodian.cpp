// Custodians' keys through pcscd: a master cloned to two of three people, moved to another slot, deriving.
#include "../../token/certificates.h"
#include "over_pcsc.h"
#include "samples.h"
#include "sceau/base/digest.h"
#include "sceau/pki/key_policy.h"
#include "sceau/token/clear_card.h"
#include "sceau/token/escrow.h"
#include "sceau/token/piv.h"
// CppUTest comes last: its macros fight the standard headers.
#include <CppUTest/TestHarness.h>

using namespace sceau;  // NOLINT(google-build-using-namespace): the tests' own subject

namespace {

constexpr token::ClearSlot kOld = 0xC2;
constexpr token::ClearSlot kNew = 0xC3;

template <typename T>
T must(Result<T> result) {
  CHECK_TEXT(result.ok(), result ? "" : result.error().message.c_str());
  return std::move(*result);
}

}  // namespace

TEST_GROUP(CustodianOverPcsc) {
  token::ClearCard card{test::connect()};
  Secret pin{as_bytes("123456")};
  std::vector<test::SoftwareKey> people{3};
  pki::Custodian custodian;
  Bytes derivation = test::sample(*statement::find_type("derive"), false);

  void setup() override {
    custodian = {2, {{"alice", people[0].point()}, {"bob", people[1].point()}, {"carol", people[2].point()}}};
    pki::KeyPolicy policy{true, true, 900, {"derive"}, {}, {}};
    policy.custodian = pki::write_custodian(custodian);
    for (const auto slot : {kOld, kNew}) {
      static_cast<void>(card.remove(slot, pin));
      must(card.generate(slot, pki::write_key_policy(policy), pin));
    }
  }
  void teardown() override {
    for (const auto slot : {kOld, kNew}) CHECK(card.remove(slot, pin).ok());
  }
  Secret derived(token::ClearSlot slot) {
    token::ClearOrder order;
    order.slot = slot;
    order.statement = derivation;
    order.signing_time = test::kSampleTime;
    auto made = must(card.derive(order, pin, {}));
    const auto key = must(card.key(slot));
    CHECK(test::verifies(key.public_key, made.signature.attributes, made.signature.signature));
    CHECK(made.signature.lines.find("derive a project's pseudonym key") == 0);
    return std::move(made.key);
  }
};

TEST(CustodianOverPcsc, TheMasterMovesByTheSharesOfTwoAndNobodyElseCanDerive) {
  const auto shares = must(card.shares(kOld, pin));
  LONGS_EQUAL(3, shares.size());
  CHECK(card.shares(kOld, pin).error().kind == ErrorKind::refused);
  const std::string serial = must(card.information()).serial;
  const Secret before = derived(kOld);
  LONGS_EQUAL(32, before.size());

  const auto point = must(card.begin_restoration(kNew, serial, kOld, pin));
  // Each holder: is it that token's point? Then her share, sealed to it.
  const auto pass_on = [&](std::size_t i) {
    const token::SealedShare share{custodian.holders[i].id, static_cast<int>(i + 1), to_base64(shares[i])};
    const auto opened = must(
        token::open_share(share, {serial, "custodian C2"}, people[i].spki(),
                          [&](ByteView peer) -> Result<Secret> { return Secret(people[i].agree(peer)); }));
    LONGS_EQUAL(3, opened.count);
    const auto sealed = must(
        token::pass_on_share(opened, {"restore", point.public_key}, {serial, "custodian C3"},
                             [&](ByteView peer) -> Result<Secret> { return Secret(people[i].agree(peer)); }));
    return *from_base64(sealed.sealed);
  };
  LONGS_EQUAL(1, must(card.bring_share(kNew, pass_on(2))));
  LONGS_EQUAL(0, must(card.bring_share(kNew, pass_on(1))));
  CHECK(derived(kNew).equals(before.view()));

  token::PivCard piv(test::connect());
  const auto device = must(piv.certificate(token::Slot::attestation));
  CHECK(token::check_restoration(point, device).ok());
  auto false_point = point;
  false_point.public_key = people[0].spki();
  CHECK(token::check_restoration(false_point, device).error().kind == ErrorKind::authentication);
  false_point = point;
  false_point.message[20] ^= 1;
  CHECK(token::check_restoration(false_point, device).error().kind == ErrorKind::authentication);
}

TEST(CustodianOverPcsc, AKeyWhoseMasterWasNotClonedDerivesNothing) {
  token::ClearOrder order;
  order.slot = kOld;
  order.statement = derivation;
  order.signing_time = test::kSampleTime;
  CHECK(card.derive(order, pin, {}).error().kind == ErrorKind::refused);
  CHECK(card.bring_share(kOld, Bytes(135, 1)).error().kind == ErrorKind::refused);
}
