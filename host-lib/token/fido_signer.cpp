#include "sceau/token/fido_signer.h"

#include <utility>

#include "sceau/token/fido_user.h"
#include "sceau/token/trail.h"

namespace sceau::token {

FidoSigner::FidoSigner(std::shared_ptr<FidoKey> key, FidoSignerOptions options)
    : key_(std::move(key)), options_(std::move(options)) {}

Result<KeyInfo> FidoSigner::key() {
  KeyInfo info;
  info.kind = SignatureKind::webauthn;
  info.token_serial = options_.serial;
  info.reader = key_->name();
  info.slot = "fido2";
  info.person = user_of(options_.credential.user);
  info.rp_id = options_.relying_party;
  info.public_key = options_.public_key;
  return info;
}

Result<Signed> FidoSigner::sign(const ToSign& to_sign, PinSource& pins) {
  if (to_sign.client_data.empty())
    return Error{ErrorKind::invalid, "a FIDO2 key signs client data: there is none to sign"};
  auto pin = fido_pin(*key_, options_.serial, "sign with a FIDO2 key", pins);
  if (!pin) return pin.error();
  FidoOrder order{options_.relying_party, options_.credential.id, sha256(to_sign.client_data),
                  to_sign.presence};
  if (order.presence) pins.awaits_touch(key_->name());
  auto answer = key_->sign(order, *pin ? &**pin : nullptr);
  if (!answer) return answer.error();
  note_key_use("credential " + options_.serial + " of " + key_->name(), "WebAuthn assertion",
               order.client_data);
  AssertionFields fields{options_.credential.id, std::move(answer->authenticator_data),
                         to_bytes(to_sign.client_data)};
  return Signed{std::move(answer->signature), {}, std::move(fields), false};
}

Result<std::optional<Secret>> fido_pin(FidoKey& key, const std::string& token, const std::string& doing,
                                       PinSource& pins) {
  auto information = key.information();
  if (!information) return information.error();
  if (information->verifies_by_itself) return std::optional<Secret>();
  if (!information->pin_set)
    return Error{ErrorKind::authentication,
                 "no PIN is set on FIDO2 key \"" + key.name() +
                     "\": 'sceau token init --fido2' sets one, and so does 'fido2-token -S'"};
  if (information->tries_left && *information->tries_left == 0)
    return Error{ErrorKind::authentication,
                 "the PIN of FIDO2 key \"" + key.name() +
                     "\" is blocked, and only erasing it ends that: have it revoked, and enrol another"};
  auto pin = pins.pin({token, information->tries_left, doing});
  if (!pin) return pin.error();
  return std::optional<Secret>(std::move(*pin));
}

}  // namespace sceau::token
