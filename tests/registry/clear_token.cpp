#include "clear_token.h"

#include <algorithm>
#include <cstdlib>

#include "sceau/evidence/cades.h"
#include "sceau/pki/der.h"
#include "sceau/statement/lines.h"

namespace sceau::test {
namespace {

constexpr std::uint8_t kTokenStatement[] = {0x69, 0x81, 0xDE, 0x9D, 0xAE, 0xA7, 0xC5, 0xB6, 0xD2, 0xB2,
                                            0x9D, 0x9D, 0x9F, 0xD6, 0xCF, 0xB1, 0xF0, 0xB1, 0x9A, 0x28};

void put(Bytes& out, std::uint64_t value, int bytes) {
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8)
    out.push_back(static_cast<std::uint8_t>(value >> shift));
}

Bytes truth(bool value) {
  return pki::der(pki::der_boolean, Bytes{static_cast<std::uint8_t>(value ? 0xFF : 0)});
}

Bytes number(std::uint32_t value) {
  Bytes bytes{0};
  put(bytes, value, 4);
  while (bytes.size() > 1 && bytes[0] == 0 && bytes[1] < 0x80) bytes.erase(bytes.begin());
  return pki::der(pki::der_integer, bytes);
}

Bytes der_of(const evidence::TokenStatement& stated) {
  Bytes serial;
  put(serial, stated.serial, 4);
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

Bytes entry_bytes(std::size_t entry, const evidence::TokenStatement& about, const Bytes& statement,
                  Time now) {
  Bytes bytes;
  put(bytes, entry, 4);
  bytes.push_back(0xC1);
  bytes.push_back(about.covers ? 2 : 1);
  put(bytes, about.counter, 4);
  put(bytes, static_cast<std::uint64_t>(now), 8);
  append(bytes, sha256(statement));
  append(bytes, about.shown);
  return bytes;
}

}  // namespace

pki::KeyPolicy ClearToken::usual_policy() {
  return {true, true, 900, {"approval", "extraction.request"}, {{"aggregate", "individual"}}, {}};
}

ClearToken::ClearToken(World& world, std::string person, std::string serial, pki::KeyPolicy policy)
    : world_(world), person_(std::move(person)), serial_(std::move(serial)) {
  Card card = world.make_card(person_, serial_);
  card.sign.attestation = world.maker.attest(card.maker, card.sign.key.spki(),
                                             {serial_, "c1", 3, 2, pki::write_key_policy(policy)});
  world.put_blob(card.sign.attestation);
  Value token = World::token_value(card);
  token.as_object()["keys"].as_array()[0].as_object()["slot"] = "C1";
  const Bytes statement =
      world.write("token.enrol", person_,
                  Object{{"person", person_}, {"token", token}, {"escrow", world.escrow_value()}});
  std::vector<const Card*> signers{&card, &world.card("bea")};
  if (person_ == "carl") signers.push_back(&world.card("ada"));
  if (!world.submit(statement, world.sign(statement, signers)).judgement.accepted()) std::abort();
  world.cards.insert_or_assign(person_ + "-clear", std::move(card));
}

evidence::TokenStatement ClearToken::stated(const Bytes& statement, std::uint32_t with,
                                            const Submitted* about) const {
  evidence::TokenStatement stated;
  stated.serial = static_cast<std::uint32_t>(std::stoul(serial_));
  stated.firmware = Bytes(32, 0xF1);
  stated.counter = with;
  stated.presence = stated.verified = true;
  const auto act = statement::read_statement(statement).value();
  if (about == nullptr) {
    stated.shown = statement::shown_digest(act);
  } else {
    const auto request = statement::read_statement(about->statement).value();
    stated.shown = statement::shown_digest(act, &request);
    stated.covers = about->evidence_digest();
  }
  stated.journal.fill(7);
  return stated;
}

Bytes ClearToken::sign(const Bytes& statement, const evidence::TokenStatement& about,
                       const Card* other) const {
  const Card& card = other == nullptr ? world_.cards.at(person_ + "-clear") : *other;
  const Bytes attributes = with_token_statement(
      evidence::signed_attributes(sha256(statement), *card.sign.certificate, world_.clock.now()), about);
  const Bytes signature = *card.sign.key.sign(attributes);
  return evidence::serialise(
      {{{person_, "cades", *evidence::assemble_cades(*card.sign.certificate, {}, attributes, signature)}}});
}

Bytes ClearToken::use(const Bytes& statement, const Submitted* about) {
  auto now = stated(statement, ++counter, about);
  entries.push_back(entry_bytes(entries.size() + 1, now, statement, world_.clock.now()));
  now.journal = head_after(entries.size());
  return sign(statement, now);
}

Digest ClearToken::head_after(std::size_t count) const {
  Digest head{};
  for (std::size_t i = 0; i < count; ++i) {
    Bytes chained = to_bytes(head);
    append(chained, entries[i]);
    head = sha256(chained);
  }
  return head;
}

Object ClearToken::journal(std::size_t first) const {
  const Digest head = head_after(entries.size());
  Bytes blob = to_bytes(head_after(first - 1));
  for (std::size_t i = first - 1; i < entries.size(); ++i) append(blob, entries[i]);
  Bytes message = to_bytes(std::string_view("sceau journal head v1"));
  put(message, std::stoul(serial_), 4);
  put(message, entries.size(), 4);
  append(message, head);
  append(message, world_.roots.back());
  const Bytes signature = world_.cards.at(person_ + "-clear").maker.key.sign(message).value();
  return {{"count", entries.size()},
          {"head", head},
          {"journal", world_.put_blob(blob)},
          {"serial", serial_},
          {"signature", to_base64(signature)}};
}

}  // namespace sceau::test
