#include "token.h"

namespace sceau::firmware {

namespace {

// TS, T0 with the number of historical bytes, TD1 and TD2 for T=0 offered and T=1 offered; then, in compact
// TLV (ISO 7816-4 clause 8.1.1): 73, card capabilities: selection by whole and partial AID; one-byte data
// units; chaining (80) and extended lengths (40). 55: the issuer's name. Last, the exclusive or of all but
// TS.
template <std::uint8_t kLengths>
constexpr std::array<std::uint8_t, 16> make_answer() {
  std::array<std::uint8_t, 16> atr{0x3B,     0x8B, 0x80, 0x01, 0x80, 0x73, 0xC0, 0x21,
                                   kLengths, 0x55, 'S',  'c',  'e',  'a',  'u',  0};
  std::uint8_t check = 0;
  for (std::size_t i = 1; i + 1 < atr.size(); ++i) check = static_cast<std::uint8_t>(check ^ atr[i]);
  atr.back() = check;
  return atr;
}

constexpr auto kExtendedAnswer = make_answer<0xC0>();
constexpr auto kShortAnswer = make_answer<0x80>();

}  // namespace

Token::Token(Board& board, TokenOptions options)
    : options_(options),
      store_(board),
      engine_(board),
      clear_sign_(board, store_, engine_),
      piv_(board, store_, engine_, clear_sign_.shown_keys()),
      fido_(board, store_, engine_),
      applications_{&piv_, &clear_sign_, &fido_.card},
      dispatcher_(applications_, options.short_only) {}

Status Token::start() {
  Status status = store_.mount();
  if (status == Status::kOk) status = piv_.start();
  return status == Status::kOk ? fido_.authenticator.start() : status;
}

ByteView Token::answer_to_reset(bool short_only) { return short_only ? kShortAnswer : kExtendedAnswer; }

void Token::serve(Transport& transport) {
  std::array<std::uint8_t, Dispatcher::kMaxFrame> command{};
  std::array<std::uint8_t, kMaxAnswer> answer{};
  for (;;) {
    const Transport::Received received = transport.wait(command);
    std::size_t size = 0;
    switch (received.event) {
      case Transport::Event::kClosed:
        reset();
        return;
      case Transport::Event::kPowerOff:
      case Transport::Event::kPowerOn:
        reset();
        continue;
      case Transport::Event::kTooLong:
        size = answer_too_long(answer);
        break;
      case Transport::Event::kCommand:
        size = exchange(ByteView(command).first(received.size), answer);
        wipe(ByteSpan(command).first(received.size));
        break;
    }
    // A transport that cannot be written to reports kClosed on the next wait.
    static_cast<void>(transport.answer(ByteView(answer).first(size)));
    wipe(ByteSpan(answer).first(size));
  }
}

}  // namespace sceau::firmware
