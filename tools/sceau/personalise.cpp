#include "personalise.h"

#include <algorithm>

#include "sceau/pki/key_policy.h"
#include "sceau/token/clear_card.h"

namespace sceau::tool {

using statement::Value;
using token::Slot;

namespace {

const char* use_word(Slot slot) {
  switch (slot) {
    case Slot::signature:
      return "sign";
    case Slot::authentication:
      return "login";
    case Slot::session:
      return "session";
    default:
      return "recovery";
  }
}

}  // namespace

std::vector<token::KeyPlan> key_plans(const KeyOptions& options) {
  auto plans =
      token::standard_keys(options.touch ? token::TouchPolicy::always : token::TouchPolicy::never, true);
  if (options.authority_key) {
    plans.push_back({kAuthoritySlot, token::PinPolicy::always, token::TouchPolicy::never});
  }
  return plans;
}

Result<TokenDescription> certify(Workplace& place, Holder& holder, const token::InitialisedToken& made,
                                 const NewHolder& who, const Issuer& issuer, Time until) {
  const pki::Subject subject{who.name, who.person, who.organisation};
  const pki::Validity validity{std::max(place.clock.now() - 60, issuer.certificate.not_before()),
                               std::min(until, issuer.certificate.not_after())};
  TokenDescription description;
  statement::Array keys;
  auto& card = holder.card();
  auto hold = card.hold();
  if (!hold) return hold.error();
  if (auto open = card.authenticate(made.secrets.management_key, place.random); !open) return open.error();
  for (const auto& key : made.keys) {
    if (key.slot == kAuthoritySlot) continue;
    statement::Object entry{{"attestation", sha256(key.attestation)},
                            {"public_key", to_base64(key.public_key)},
                            {"slot", token::slot_text(key.slot)},
                            {"use", use_word(key.slot)}};
    description.blobs.push_back(key.attestation);
    if (key.slot != Slot::key_management) {
      place.output.step("certificate for slot " + token::slot_text(key.slot) + " of " + holder.label());
      const auto use = key.slot == Slot::authentication ? pki::KeyUse::login : pki::KeyUse::sign;
      auto certificate =
          pki::issue(issuer.certificate, key.public_key, subject, use, validity, issuer.sign, place.random);
      if (!certificate) return certificate.error();
      if (auto put = card.put_certificate(key.slot, certificate->der()); !put) return put.error();
      entry.emplace("certificate", certificate->digest());
      description.blobs.push_back(certificate->der());
    }
    keys.emplace_back(std::move(entry));
  }
  description.blobs.push_back(made.attestation_certificate);
  description.token =
      statement::Object{{"attestation_chain", statement::digests({sha256(made.attestation_certificate)})},
                        {"keys", std::move(keys)},
                        {"kind", "piv"},
                        {"serial", made.serial}};
  place.output.done();
  return description;
}

Status add_clear_sign_key(Workplace& place, Holder& holder, const Secret& pin, const NewHolder& who,
                          const Issuer& issuer, Time until, TokenDescription& description) {
  constexpr std::uint32_t kLongestWindow = 86400;
  const pki::KeyPolicy policy{
      true,
      true,
      kLongestWindow,
      {"approval", "export.release", "export.request", "extraction.request", "refusal", "review", "trace"},
      {},
      {}};
  const auto slot = token::kFirstClearSlot;
  auto card = holder.clear_card();
  if (!card) return card.error();
  place.output.step("clear-sign key in " + holder.label() + ": press its button");
  auto key = (*card)->generate(slot, pki::write_key_policy(policy), pin);
  if (!key) return key.error();
  const pki::Validity validity{std::max(place.clock.now() - 60, issuer.certificate.not_before()),
                               std::min(until, issuer.certificate.not_after())};
  auto certificate = pki::issue(issuer.certificate, *key, {who.name, who.person, who.organisation},
                                pki::KeyUse::sign, validity, issuer.sign, place.random);
  if (!certificate) return certificate.error();
  if (auto put = (*card)->put_certificate(slot, certificate->der(), pin); !put) return put;
  auto attestation = (*card)->attest(slot);
  if (!attestation) return attestation.error();
  description.token.as_object()["keys"].as_array().emplace_back(
      statement::Object{{"attestation", sha256(*attestation)},
                        {"certificate", certificate->digest()},
                        {"public_key", to_base64(*key)},
                        {"slot", token::clear_slot_text(slot)},
                        {"use", "sign"}});
  description.blobs.push_back(std::move(*attestation));
  description.blobs.push_back(certificate->der());
  place.output.done();
  return {};
}

Result<Value> seal_escrow(Workplace& place, const token::TokenSecrets& secrets, int threshold,
                          const std::vector<token::Recipient>& recipients,
                          const token::EscrowContext& context) {
  auto sealed = token::seal_shares(secrets, threshold, recipients, context, place.random);
  if (!sealed) return sealed.error();
  statement::Array shares;
  for (const auto& share : *sealed) {
    shares.emplace_back(
        statement::Object{{"index", share.index}, {"sealed", share.sealed}, {"to", share.recipient}});
  }
  Value escrow;
  escrow.as_object().emplace("k", threshold);
  escrow.as_object().emplace("shares", std::move(shares));
  return escrow;
}

Result<Secret> choose_pin(Holder& holder, const std::string& person) {
  auto pin =
      client::ask_new_secret("PIN of token " + holder.label() + ", chosen by " + person + " (6 to 8 digits)");
  if (!pin) return pin;
  if (auto allowed = token::check_new_pin(*pin); !allowed) return allowed.error();
  holder.know_pin(pin->clone());
  return pin;
}

Status check_blank(Holder& holder) {
  auto state = holder.card().pin_state();
  if (!state) return state.error();
  if (state->is_default && !*state->is_default) {
    return Error{ErrorKind::refused, "token " + holder.label() +
                                         " was initialised before: use another one, or say "
                                         "--erase to lose its keys for ever"};
  }
  return {};
}

}  // namespace sceau::tool
