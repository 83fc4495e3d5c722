#include "sceau/token/initialise.h"

#include <algorithm>
#include <array>
#include <utility>

#include "tlv.h"

namespace sceau::token {
namespace {

constexpr std::uint32_t kChuid = 0x5FC102;
constexpr std::string_view kFactoryPin = "123456";
constexpr std::string_view kFactoryPuk = "12345678";

// Uniform decimal digits: bytes from 250 up would favour the low ones.
Secret random_digits(std::size_t count, Random& random) {
  Secret digits = Secret::sized(count);
  for (std::uint8_t& digit : digits.writable()) {
    std::array<std::uint8_t, 1> byte{};
    do {
      random.fill(byte);
    } while (byte[0] >= 250);
    digit = static_cast<std::uint8_t>('0' + byte[0] % 10);
  }
  return digits;
}

TokenSecrets random_secrets(Random& random) {
  TokenSecrets secrets{random_digits(8, random), Secret::sized(32)};
  random.fill(secrets.management_key.writable());
  return secrets;
}

// Card Holder Unique Identifier (SP 800-73-5 part 1, 3.1.2): the FASC-N of those who have no federal
// agency, a random GUID, and an expiry far away: certificates say how long a key is good.
Bytes card_holder_identifier(Random& random) {
  constexpr std::array<std::uint8_t, 25> kNonFederal{0xD4, 0xE7, 0x39, 0xDA, 0x73, 0x9C, 0xED, 0x39, 0xCE,
                                                     0x73, 0x9D, 0x83, 0x68, 0x58, 0x21, 0x08, 0x42, 0x10,
                                                     0x84, 0x21, 0xC8, 0x42, 0x10, 0xC3, 0xEB};
  auto guid = random.array<16>();
  guid[6] = static_cast<std::uint8_t>((guid[6] & 0x0FU) | 0x40U);  // a version 4 UUID
  guid[8] = static_cast<std::uint8_t>((guid[8] & 0x3FU) | 0x80U);
  Bytes chuid;
  append_tlv(chuid, 0x30, kNonFederal);
  append_tlv(chuid, 0x34, guid);
  append_tlv(chuid, 0x35, as_bytes("20991231"));
  append_tlv(chuid, 0x3E, {});
  append_tlv(chuid, 0xFE, {});
  return chuid;
}

Result<std::vector<NewKey>> generate_keys(PivCard& card, const std::vector<KeyPlan>& plans) {
  std::vector<NewKey> keys;
  for (const KeyPlan& plan : plans) {
    auto public_key = card.generate(plan.slot, Algorithm::p256, plan.pin, plan.touch);
    if (!public_key) return public_key.error();
    auto attestation = card.attest(plan.slot);
    if (!attestation) return attestation.error();
    keys.push_back({plan.slot, std::move(*public_key), std::move(*attestation)});
  }
  return keys;
}

// Up to here a failure leaves the factory's PIN, PUK and management key in place.
Result<InitialisedToken> prepare(PivCard& card, const InitialiseOptions& options, Random& random) {
  InitialisedToken token;
  auto serial = card.serial();
  if (!serial) return serial.error();
  token.serial = std::move(*serial);
  if (auto version = card.version()) token.version = std::move(*version);
  if (auto known = card.authenticate(factory_management_key(), random); !known) {
    if (known.error().kind != ErrorKind::authentication) return known.error();
    return Error{ErrorKind::refused, "token " + token.serial +
                                         " does not have the factory's management key: it was initialised "
                                         "before: erase it first"};
  }
  if (auto pin = card.pin_state(); pin && pin->is_default == false)
    return Error{ErrorKind::refused,
                 "token " + token.serial + " does not have the factory's PIN: erase it first"};
  auto keys = generate_keys(card, options.keys);
  if (!keys) return keys.error();
  token.keys = std::move(*keys);
  auto attestation = card.certificate(Slot::attestation);
  if (!attestation) return attestation.error();
  token.attestation_certificate = std::move(*attestation);
  if (auto written = card.put_object(kChuid, card_holder_identifier(random)); !written)
    return written.error();
  return token;
}

Status lock(PivCard& card, const Secret& pin, const TokenSecrets& secrets, Random& random) {
  const Secret factory_puk(as_bytes(kFactoryPuk));
  const Secret factory_pin(as_bytes(kFactoryPin));
  if (auto done = card.change_puk(factory_puk, secrets.puk); !done) return done;
  if (auto done = card.change_pin(factory_pin, pin); !done) return done;
  if (auto done = card.set_management_key(secrets.management_key); !done) return done;
  return card.authenticate(secrets.management_key, random);
}

}  // namespace

// 01 to 08, three times.
Secret factory_management_key() {
  Bytes key;
  for (int i = 0; i < 24; ++i) key.push_back(static_cast<std::uint8_t>(i % 8 + 1));
  return Secret(std::move(key));
}

std::vector<KeyPlan> standard_keys(TouchPolicy touch, bool session_key) {
  std::vector<KeyPlan> keys{{Slot::signature, PinPolicy::always, touch},
                            {Slot::authentication, PinPolicy::once, touch},
                            {Slot::key_management, PinPolicy::once, touch}};
  if (session_key) keys.push_back({Slot::session, PinPolicy::once, TouchPolicy::never});
  return keys;
}

Status check_new_pin(const Secret& pin) {
  const ByteView digits = pin.view();
  const bool all_digits = std::all_of(digits.begin(), digits.end(),
                                      [](std::uint8_t digit) { return digit >= '0' && digit <= '9'; });
  if (digits.size() < 6 || digits.size() > 8 || !all_digits)
    return Error{ErrorKind::refused, "a new PIN has 6 to 8 digits: choose another"};
  if (pin.equals(as_bytes(kFactoryPin)) || pin.equals(as_bytes(kFactoryPuk)))
    return Error{ErrorKind::refused, "the factory's PIN is known to everybody: choose another"};
  if (std::all_of(digits.begin(), digits.end(), [&](std::uint8_t digit) { return digit == digits[0]; }))
    return Error{ErrorKind::refused, "a PIN of one digit repeated is guessed first: choose another"};
  return {};
}

Result<InitialisedToken> initialise(PivCard& card, const Secret& pin, const InitialiseOptions& options,
                                    Random& random) {
  if (auto good = check_new_pin(pin); !good) return good.error();
  auto held = card.hold();
  if (!held) return held.error();
  auto token = prepare(card, options, random);
  if (!token) {
    if (token.error().kind == ErrorKind::refused) return token.error();
    return Error{token.error().kind,
                 token.error().message + "; the token still has the factory's secrets: initialise it again"};
  }
  token->secrets = random_secrets(random);
  if (options.keep)
    if (auto kept = options.keep(token->secrets); !kept)
      return kept.error().within("cannot keep the new secrets of token " + token->serial +
                                 ", which still has the factory's");
  if (auto locked = lock(card, pin, token->secrets, random); !locked)
    return Error{locked.error().kind, locked.error().message + "; token " + token->serial +
                                          " is half initialised: erase it, then initialise it again"};
  return token;
}

Status erase(PivCard& card, Random& random) {
  auto held = card.hold();
  if (!held) return held.error();
  // A guess may hit, and give all tries back: so many rounds that this cannot matter.
  for (const bool puk : {false, true}) {
    bool blocked = false;
    for (int round = 0; round < 600 && !blocked; ++round) {
      const Secret guess = random_digits(8, random);
      auto status = puk ? card.change_puk(guess, guess) : card.verify_pin(guess);
      if (!status && status.error().kind != ErrorKind::authentication) return status;
      blocked = !status && card.tries_left() == 0;
    }
    if (!blocked)
      return Error{ErrorKind::refused, "the card in reader \"" + card.reader() + "\" does not block its " +
                                           (puk ? "PUK" : "PIN") + ": it cannot be erased this way"};
  }
  return card.reset();
}

}  // namespace sceau::token
