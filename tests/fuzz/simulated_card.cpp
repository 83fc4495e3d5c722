#include "simulated_card.h"

#include "core/tlv.h"
#include "crypto/aes.h"
#include "fuzz.h"

namespace sceau::fuzz {
namespace {

bool done(const Bytes& answer) { return answer[answer.size() - 2] == 0x90 && answer.back() == 0; }

void log_in(SimulatedCard& card) {
  const Bytes challenge = card.exchange(Bytes{0x00, 0x87, 0x0A, 0x9B, 0x04, 0x7C, 0x02, 0x81, 0x00, 0x00});
  require(done(challenge), "a fresh card that gives no challenge");
  const Bytes response = answer_to(ByteView(challenge).subspan(4, 16));
  Bytes apdu{0x00, 0x87, 0x0A, 0x9B, 0x14, 0x7C, 0x12, 0x82, 0x10};
  append(apdu, response);
  apdu.push_back(0);
  require(done(card.exchange(apdu)), "a fresh card that refuses the factory's management key");
}

// The attestation of a slot's key as its certificate.
void certify(SimulatedCard& card, std::uint8_t slot, std::uint8_t object) {
  Bytes attested = card.exchange(Bytes{0x00, 0xF9, slot, 0x00, 0x00, 0x00, 0x00});
  require(done(attested), "a fresh card that attests nothing");
  attested.resize(attested.size() - 2);
  Bytes content(attested.size() + 32);
  firmware::Writer out(content);
  firmware::TlvWriter tlv(out);
  tlv.element(0x5C, Bytes{0x5F, 0xC1, object});
  const std::size_t whole = tlv.begin(0x53);
  tlv.element(0x70, attested);
  tlv.element(0x71, Bytes{0});
  tlv.element(0xFE, {});
  tlv.end(whole);
  content.resize(out.size());
  Bytes apdu{0x00, 0xDB, 0x3F, 0xFF, 0x00};
  append_u16(apdu, static_cast<std::uint16_t>(content.size()));
  append(apdu, content);
  require(done(card.exchange(apdu)), "a fresh card that keeps no certificate");
}

// The flash of a card in use.
std::vector<std::uint8_t> prepared_flash() {
  SimulatedCard card{SimulatedCard::Blank{}};
  log_in(card);
  for (const std::uint8_t slot : Bytes{0x9A, 0x9C, 0x9D, 0x9E})
    require(done(card.exchange(Bytes{0x00, 0x47, 0x00, slot, 0x05, 0xAC, 0x03, 0x80, 0x01, 0x11, 0x00})),
            "a fresh card that generates no key");
  certify(card, 0x9A, 0x05);
  certify(card, 0x9C, 0x0A);
  return card.flash().content();
}

}  // namespace

Bytes answer_to(ByteView challenge) {
  firmware::AesBlock block;
  std::copy(challenge.begin(), challenge.begin() + 16, block.begin());
  Bytes key;
  for (int i = 0; i < 24; ++i) key.push_back(static_cast<std::uint8_t>(i % 8 + 1));
  return to_bytes(ByteView(firmware::aes_encrypt_block(key, block).value()));
}

SimulatedCard::SimulatedCard(Blank) : board_(flash_) { reset(); }

SimulatedCard::SimulatedCard(bool short_only) : options_{short_only}, board_(flash_) {
  static const std::vector<std::uint8_t> prepared = prepared_flash();
  flash_.content() = prepared;
  reset();
}

void SimulatedCard::reset() {
  token_ = std::make_unique<firmware::Token>(board_, options_);
  require(token_->start() == firmware::Status::kOk, "a sound card that does not come up");
}

Bytes SimulatedCard::exchange(ByteView command) {
  // Of exactly its size, so that AddressSanitizer sees one byte read too many.
  const std::unique_ptr<std::uint8_t[]> exact(new std::uint8_t[command.size()]);
  std::copy(command.begin(), command.end(), exact.get());
  Bytes answer(firmware::Token::kMaxAnswer);
  answer.resize(token_->exchange({exact.get(), command.size()}, answer));
  require(answer.size() >= 2, "an answer without a status word");
  return answer;
}

}  // namespace sceau::fuzz
