#include "sceau/token/piv_signer.h"

#include <utility>

#include "openssl.h"
#include "rsa_block.h"
#include "sceau/base/digest.h"

namespace sceau::token {
namespace {

// A digest shorter than the curve's order is a smaller number: zeros in front.
Bytes as_long_as_curve(ByteView digest, Algorithm algorithm) {
  Bytes padded(curve_size(algorithm) - digest.size(), 0);
  append(padded, digest);
  return padded;
}

}  // namespace

PivSigner::PivSigner(std::shared_ptr<PivCard> card, PivSignerOptions options)
    : card_(std::move(card)), options_(std::move(options)) {
  if (options_.pin == PinPolicy::standard)
    options_.pin = options_.slot == Slot::signature ? PinPolicy::always : PinPolicy::once;
}

PivSigner::~PivSigner() = default;

Status PivSigner::load_certificate() {
  if (!certificate_.empty()) return {};
  auto certificate = card_->certificate(options_.slot);
  if (!certificate) return certificate.error();
  const KeyOwner key = key_from_certificate(*certificate);
  if (!key || spki_of(key.get()).empty())
    return Error{ErrorKind::corrupt, "slot " + slot_text(options_.slot) + " of the card in reader \"" +
                                         card_->reader() +
                                         "\" holds no certificate that can be read: enrol it again"};
  certificate_ = std::move(*certificate);
  return {};
}

Result<KeyInfo> PivSigner::key() {
  if (auto loaded = load_certificate(); !loaded) return loaded.error();
  KeyInfo info;
  info.kind = SignatureKind::certificate;
  info.token_serial = options_.serial;
  info.reader = card_->reader();
  info.slot = slot_text(options_.slot);
  info.certificate = certificate_;
  return info;
}

Result<Bytes> PivSigner::public_key() {
  if (!options_.public_key.empty()) return options_.public_key;
  if (auto loaded = load_certificate(); !loaded) return loaded.error();
  return spki_of(key_from_certificate(certificate_).get());
}

Result<std::shared_ptr<evp_pkey_st>> PivSigner::read_key() {
  if (!key_) {
    auto spki = public_key();
    if (!spki) return spki.error();
    key_ = key_from_spki(*spki);
  }
  return key_;
}

Result<Signed> PivSigner::sign(const ToSign& to_sign, PinSource& pins) {
  if (to_sign.attributes.empty())
    return Error{ErrorKind::invalid, "a certificate key signs CMS attributes: there are none to sign"};
  auto key = read_key();
  if (!key) return key.error();
  const bool rsa = rsa_of(key->get()).has_value();
  auto signature = rsa ? sign_rsa(key->get(), to_sign.attributes, pins) : sign_raw(to_sign.attributes, pins);
  if (!signature) return signature.error();
  return Signed{std::move(*signature), to_bytes(to_sign.attributes), std::nullopt, rsa};
}

// PSS: the card computes, the padding is made here.
Result<Bytes> PivSigner::sign_rsa(evp_pkey_st* key, ByteView to_be_signed, PinSource& pins) {
  const Digest digest = sha256(to_be_signed);
  const Bytes block = pss_block(key, digest);
  if (block.empty()) return Error{ErrorKind::internal, "OpenSSL cannot pad a digest for an RSA key"};
  auto signature = sign_with_card(block, *rsa_of(key), pins);
  if (!signature) return signature;
  if (!verify_pss(key, digest, *signature)) return unfit();
  return signature;
}

Error PivSigner::unfit() const {
  return {ErrorKind::corrupt, "the card in reader \"" + card_->reader() +
                                  "\" made a signature that does not fit the certificate in slot " +
                                  slot_text(options_.slot) + ": enrol it again"};
}

// ECDSA, or the bare RSA function over a padded block.
Result<Bytes> PivSigner::use_key(ByteView block, Algorithm algorithm) {
  if (algorithm == Algorithm::p256 || algorithm == Algorithm::p384)
    return card_->sign_digest(options_.slot, algorithm, block);
  auto signature = card_->rsa_private(options_.slot, algorithm, block);
  if (!signature) return signature.error();
  return to_bytes(signature->view());
}

Result<Bytes> PivSigner::sign_raw(ByteView to_be_signed, PinSource& pins) {
  auto key = read_key();
  if (!key) return key.error();
  const auto algorithm = curve_of(key->get());
  if (!algorithm)
    return Error{
        ErrorKind::refused,
        "the key in slot " + slot_text(options_.slot) +
            " is neither P-256 nor P-384 (nor RSA of 2048 or 3072 bits, for statements): enrol one of these"};
  const Bytes digest = as_long_as_curve(sha256(to_be_signed), *algorithm);
  auto signature = sign_with_card(digest, *algorithm, pins);
  if (!signature) return signature;
  if (!verify_digest(key->get(), digest, *signature)) return unfit();
  return signature;
}

PinRequest PivSigner::pin_request() const {
  return {options_.serial.empty() ? card_->reader() : options_.serial, card_->tries_left(),
          "sign with slot " + slot_text(options_.slot)};
}

Result<bool> PivSigner::type_on_reader(PinSource& pins) {
  auto pad = card_->has_pin_pad();
  if (!pad || !*pad) return pad;
  return pins.type_on_reader(pin_request());
}

// A person types while nobody holds the card; PIN and signature then go in one hold.
Result<Bytes> PivSigner::sign_with_pin(ByteView block, Algorithm algorithm, PinSource& pins) {
  auto pad = type_on_reader(pins);
  if (!pad) return pad.error();
  auto pin = *pad ? Result<Secret>(Secret()) : pins.pin(pin_request());
  if (!pin) return pin.error();
  auto held = card_->hold();
  if (!held) return held.error();
  auto verified = *pad ? card_->verify_pin_on_pad() : card_->verify_pin(*pin);
  if (!verified) return verified.error();
  pin_given_ = true;
  auto signature = use_key(block, algorithm);
  if (!signature && signature.error().kind == ErrorKind::authentication) return untouched();
  return signature;
}

Result<Bytes> PivSigner::sign_with_card(ByteView block, Algorithm algorithm, PinSource& pins) {
  if (options_.pin == PinPolicy::always || (options_.pin == PinPolicy::once && !pin_given_))
    return sign_with_pin(block, algorithm, pins);
  {
    auto held = card_->hold();
    if (!held) return held.error();
    auto signature = use_key(block, algorithm);
    if (signature || signature.error().kind != ErrorKind::authentication) return signature;
    if (options_.pin == PinPolicy::never) return untouched();
    auto verified = card_->pin_verified();
    if (!verified) return verified.error();
    if (*verified) return untouched();
  }
  // Another program, or a reset, took the log-in away.
  return sign_with_pin(block, algorithm, pins);
}

Error PivSigner::untouched() const {
  return {ErrorKind::refused, "the card in reader \"" + card_->reader() +
                                  "\" did not sign: its button was not pressed in time: sign again and "
                                  "touch it when it asks"};
}

}  // namespace sceau::token
