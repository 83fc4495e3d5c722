// Clear-sign keys: what their tokens state, against the policy that their attestations name.
#include <algorithm>

#include "check.h"
#include "sceau/evidence/cades.h"
#include "sceau/evidence/token_statement.h"
#include "sceau/pki/der.h"
#include "sceau/statement/lines.h"

using namespace sceau;
using namespace sceau::test;

namespace {

constexpr std::uint8_t kTokenStatement[] = {0x69, 0x81, 0xDE, 0x9D, 0xAE, 0xA7, 0xC5, 0xB6, 0xD2, 0xB2,
                                            0x9D, 0x9D, 0x9F, 0xD6, 0xCF, 0xB1, 0xF0, 0xB1, 0x9A, 0x28};

Bytes truth(bool value) {
  return pki::der(pki::der_boolean, Bytes{static_cast<std::uint8_t>(value ? 0xFF : 0)});
}

Bytes number(std::uint32_t value) {
  Bytes bytes{0};
  for (int shift = 24; shift >= 0; shift -= 8) bytes.push_back(static_cast<std::uint8_t>(value >> shift));
  while (bytes.size() > 1 && bytes[0] == 0 && bytes[1] < 0x80) bytes.erase(bytes.begin());
  return pki::der(pki::der_integer, bytes);
}

Bytes der_of(const evidence::TokenStatement& stated) {
  Bytes serial;
  for (int shift = 24; shift >= 0; shift -= 8)
    serial.push_back(static_cast<std::uint8_t>(stated.serial >> shift));
  Bytes content = number(1);
  append(content, pki::der(pki::der_octet_string, serial));
  append(content, pki::der(pki::der_octet_string, stated.firmware));
  append(content, number(stated.counter));
  append(content, truth(stated.presence));
  append(content, truth(stated.verified));
  append(content, pki::der(pki::der_octet_string, stated.shown));
  append(content, pki::der(pki::der_octet_string, stated.journal));
  if (stated.covers) append(content, pki::der(0x80, *stated.covers));
  return pki::der(pki::der_sequence, content);
}

// The attributes with a token statement among them.
Bytes with_token_statement(const Bytes& attributes, const evidence::TokenStatement& stated) {
  std::vector<Bytes> all;
  pki::DerReader outer(attributes);
  for (pki::DerReader reader(*outer.next(pki::der_set)); !reader.done();)
    all.push_back(to_bytes(reader.next()->whole));
  all.push_back(pki::der(pki::der_sequence,
                         {pki::der(pki::der_oid, kTokenStatement), pki::der(pki::der_set, der_of(stated))}));
  std::sort(all.begin(), all.end());
  Bytes content;
  for (const Bytes& one : all) append(content, one);
  return pki::der(pki::der_set, content);
}

}  // namespace

TEST_GROUP(ClearSignKeys) {
  World world;
  pki::KeyPolicy policy{true, true, 900, {"approval", "extraction.request"}, {{"aggregate", "individual"}},
                        {}};

  void setup() override {
    enrol("dora", "2001");
    enrol("carl", "2002");
  }

  // A second token of that person, whose signing key is a clear-sign key.
  void enrol(const std::string& person, const std::string& serial) {
    Card card = world.make_card(person, serial);
    card.sign.attestation = world.maker.attest(card.maker, card.sign.key.spki(),
                                               {serial, "c1", 3, 2, pki::write_key_policy(policy)});
    world.put_blob(card.sign.attestation);
    Value token = World::token_value(card);
    token.as_object()["keys"].as_array()[0].as_object()["slot"] = "C1";
    const Bytes statement =
        world.write("token.enrol", person,
                    Object{{"person", person}, {"token", token}, {"escrow", world.escrow_value()}});
    std::vector<const Card*> signers{&card, &world.card("bea")};
    if (person == "carl") signers.push_back(&world.card("ada"));
    CHECK_ACCEPTED(world.submit(statement, world.sign(statement, signers)).judgement);
    world.cards.insert_or_assign(person + "-clear", std::move(card));
  }

  evidence::TokenStatement stated(const Bytes& statement, std::uint32_t counter,
                                  const std::string& serial = "2001") {
    evidence::TokenStatement about;
    about.serial = static_cast<std::uint32_t>(std::stoul(serial));
    about.firmware = Bytes(32, 0xF1);
    about.counter = counter;
    about.presence = about.verified = true;
    about.shown = statement::shown_digest(*statement::read_statement(statement));
    about.journal.fill(7);
    return about;
  }
  Bytes sign(const Bytes& statement, const evidence::TokenStatement& about,
             const std::string& name = "dora-clear") {
    const Card& card = world.card(name);
    const Bytes attributes = with_token_statement(
        evidence::signed_attributes(sha256(statement), *card.sign.certificate, world.clock.now()), about);
    const Bytes signature = *card.sign.key.sign(attributes);
    return evidence::serialise(
        {{{card.person, "cades",
           *evidence::assemble_cades(*card.sign.certificate, {}, attributes, signature)}}});
  }
  Bytes request(const std::string& kind = "aggregate") {
    return world.write("extraction.request", "dora", world.request_body(kind));
  }
  void demand() {
    Object body = World::policy_body();
    body["clear_sign"] = 1;
    world.must("policy.set", {"ada", "bea"}, Object{{"policy", body}});
  }
};

TEST(ClearSignKeys, SignWhatTheirPolicyAllows) {
  const Bytes statement = request();
  CHECK_ACCEPTED(world.ask(statement, sign(statement, stated(statement, 1))));
  const registry::Token* token = world.registry.token("2001");
  CHECK(token->keys.front().clear_sign == policy);
}

TEST(ClearSignKeys, SignNothingWithoutTheTokensStatement) {
  const Bytes statement = request();
  CHECK_REFUSED("lacks the token's statement",
                world.ask(statement, world.sign(statement, {&world.card("dora-clear")})));
}

TEST(ClearSignKeys, SignOnlyTheTypesKindsAndWindowsOfTheirPolicy) {
  const Bytes work = request("work");
  CHECK_REFUSED("was not made for kind work", world.ask(work, sign(work, stated(work, 1))));
  policy = {true, true, 60, {"approval", "extraction.request"}, {}, {}};
  enrol("dora", "2003");
  const Bytes statement = request();
  CHECK_REFUSED("windows of 60 s at most",
                world.ask(statement, sign(statement, stated(statement, 1, "2003"))));
  policy.types = {"approval"};
  enrol("dora", "2004");
  CHECK_REFUSED("without extraction.request in its policy",
                world.ask(statement, sign(statement, stated(statement, 1, "2004"))));
}

TEST(ClearSignKeys, StateWhatTheirTokenShowed) {
  const Bytes statement = request();
  auto about = stated(statement, 1);
  about.shown[0] ^= 1;
  CHECK_REFUSED("showed other lines", world.ask(statement, sign(statement, about)));
  about = stated(statement, 1);
  about.serial = 1004;
  CHECK_REFUSED("states the serial number 1004", world.ask(statement, sign(statement, about)));
  about = stated(statement, 1);
  about.presence = false;
  CHECK_REFUSED("another PIN or button", world.ask(statement, sign(statement, about)));
  about = stated(statement, 1);
  about.covers = Digest{};
  CHECK_REFUSED("covers other evidence", world.ask(statement, sign(statement, about)));
}

TEST(ClearSignKeys, NoCounterComesTwice) {
  const Bytes first = request();
  CHECK_ACCEPTED(world.submit(first, sign(first, stated(first, 5))).judgement);
  const Bytes second = request();
  CHECK_REFUSED("states counter 5, which an entry holds already",
                world.ask(second, sign(second, stated(second, 5))));
  CHECK_ACCEPTED(world.ask(second, sign(second, stated(second, 6))));
}

TEST(ClearSignKeys, ASkippedCounterRaisesAnAlarmAndMayComeLate) {
  const Bytes first = request();
  const auto one = world.submit(first, sign(first, stated(first, 1)));
  LONGS_EQUAL(0, one.judgement.alarms.size());
  const Bytes second = request();
  const auto three = world.submit(second, sign(second, stated(second, 3)));
  CHECK_ACCEPTED(three.judgement);
  LONGS_EQUAL(1, three.judgement.alarms.size());
  STRCMP_CONTAINS("skipped from counter 1 to 3", three.judgement.alarms.front().c_str());
  const Bytes late = request();
  const auto two = world.submit(late, sign(late, stated(late, 2)));
  CHECK_ACCEPTED(two.judgement);
  LONGS_EQUAL(0, two.judgement.alarms.size());
}

TEST(ClearSignKeys, NoOtherKeyClaimsToBeOne) {
  const Bytes statement = request();
  CHECK_REFUSED("is no clear-sign key",
                world.ask(statement, sign(statement, stated(statement, 1, "1004"), "dora")));
}

TEST(ClearSignKeys, ADecisionCoversTheEvidenceThatItNames) {
  const Bytes asked = request("individual");
  const auto pending = world.submit(asked, sign(asked, stated(asked, 1)));
  CHECK_ACCEPTED(pending.judgement);
  const Bytes approval = world.write(
      "approval", "carl", Object{{"request", pending.digest()}, {"evidence", pending.evidence_digest()}});
  auto about = stated(approval, 1, "2002");
  CHECK_REFUSED("covers other evidence", world.ask(approval, sign(approval, about, "carl-clear")));
  about.covers = Digest{};
  CHECK_REFUSED("covers other evidence", world.ask(approval, sign(approval, about, "carl-clear")));
  about.covers = pending.evidence_digest();
  CHECK_ACCEPTED(world.ask(approval, sign(approval, about, "carl-clear")));
}

TEST(ClearSignKeys, ArePolicysToDemand) {
  const Bytes before = request();
  CHECK_ACCEPTED(world.ask(before, world.sign(before, {&world.card("dora")})));
  demand();
  const Bytes statement = request();
  CHECK_REFUSED("wants a clear-sign key by policy",
                world.ask(statement, world.sign(statement, {&world.card("dora")})));
  CHECK_ACCEPTED(world.ask(statement, sign(statement, stated(statement, 1))));
}

TEST(ClearSignKeys, ATokenHasOneAtMost) {
  Card card = world.make_card("dora", "2009");
  const Bytes policy_der = pki::write_key_policy(policy);
  card.sign.attestation =
      world.maker.attest(card.maker, card.sign.key.spki(), {"2009", "c1", 3, 2, policy_der});
  world.put_blob(card.sign.attestation);
  Value token = World::token_value(card);
  auto& keys = token.as_object()["keys"].as_array();
  keys[0].as_object()["slot"] = "C1";
  const Card other = world.make_card("dora", "2009");
  Value second = World::token_value(other).as_object()["keys"].as_array()[0];
  const Bytes attestation =
      world.maker.attest(card.maker, other.sign.key.spki(), {"2009", "c2", 3, 2, policy_der});
  world.put_blob(attestation);
  second.as_object()["slot"] = "C2";
  second.as_object()["attestation"] = sha256(attestation);
  keys.push_back(second);
  const Bytes statement = world.write(
      "token.enrol", "dora", Object{{"person", "dora"}, {"token", token}, {"escrow", world.escrow_value()}});
  CHECK_REFUSED("2 keys for signing",
                world.ask(statement, world.sign(statement, {&card, &world.card("bea")})));
}
