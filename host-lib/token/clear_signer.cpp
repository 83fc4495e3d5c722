#include "sceau/token/clear_signer.h"

#include <utility>

#include "openssl.h"

namespace sceau::token {

ClearSigner::ClearSigner(std::shared_ptr<ClearCard> card, ClearSlot slot, std::string serial)
    : card_(std::move(card)), slot_(slot), serial_(std::move(serial)) {}

Result<KeyInfo> ClearSigner::key() {
  if (certificate_.empty()) {
    auto certificate = card_->certificate(slot_);
    if (!certificate) return certificate.error();
    certificate_ = std::move(*certificate);
  }
  KeyInfo info;
  info.kind = SignatureKind::clear_sign;
  info.token_serial = serial_;
  info.reader = card_->reader();
  info.slot = clear_slot_text(slot_);
  info.certificate = certificate_;
  return info;
}

Result<Signed> ClearSigner::sign(const ToSign& to_sign, PinSource& pins) {
  if (to_sign.statement.empty())
    return Error{ErrorKind::invalid, "a clear-sign key signs statements: there is none to sign"};
  auto info = key();
  if (!info) return info.error();
  auto pin = pins.pin({serial_.empty() ? card_->reader() : serial_, card_->tries_left(),
                       "sign with clear-sign slot " + info->slot});
  if (!pin) return pin.error();
  ClearOrder order;
  order.slot = slot_;
  order.statement = to_sign.statement;
  order.request = to_sign.request;
  order.evidence = to_sign.evidence;
  order.signing_time = to_sign.signing_time;
  order.certificate = sha256(certificate_);
  auto made = card_->sign(order, *pin, [&pins](const ShownPage& page) { pins.shows(page); });
  if (!made) return made.error();
  const KeyOwner owner = key_from_certificate(certificate_);
  const Digest digest = sha256(made->attributes);
  if (!owner || !verify_digest(owner.get(), digest, made->signature))
    return Error{ErrorKind::corrupt, "the token in reader \"" + card_->reader() +
                                         "\" made a signature that does not fit the certificate in slot " +
                                         info->slot + ": enrol it again"};
  return Signed{std::move(made->signature), std::move(made->attributes), std::nullopt, false};
}

Result<std::unique_ptr<ClearSigner>> find_clear_signer(std::unique_ptr<Channel> channel,
                                                       const std::string& serial,
                                                       const std::function<bool(ByteView)>& suits) {
  auto card = std::make_shared<ClearCard>(std::move(channel));
  auto token = card->information();
  if (!token) {
    if (token.error().kind == ErrorKind::not_found) return std::unique_ptr<ClearSigner>();
    return token.error();
  }
  for (const ClearSlot slot : token->slots) {
    auto key = card->key(slot);
    if (!key) return key.error();
    if (key->certified && (!suits || suits(key->policy)))
      return std::make_unique<ClearSigner>(card, slot, serial);
  }
  return std::unique_ptr<ClearSigner>();
}

}  // namespace sceau::token
