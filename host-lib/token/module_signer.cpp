#include "sceau/token/module_signer.h"

#include <openssl/x509v3.h>

#include <algorithm>

#include "module_mechanisms.h"
#include "module_session.h"
#include "openssl.h"
#include "sceau/token/trail.h"

namespace sceau::token {
namespace {

CertificateOwner parse(ByteView der) {
  const unsigned char* at = der.data();
  CertificateOwner parsed(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
  if (!parsed || at != der.data() + der.size()) return {};
  return parsed;
}

// How well a certificate's keyUsage suits: 0 not at all.
int suits(X509* certificate, ModuleKeyUse use) {
  if (X509_check_ca(certificate) == 1) return 0;
  const std::uint32_t usage = X509_get_key_usage(certificate);
  if (usage == UINT32_MAX) return 0;  // it has none
  const bool commits = (usage & X509v3_KU_NON_REPUDIATION) != 0;
  const bool signs = (usage & X509v3_KU_DIGITAL_SIGNATURE) != 0;
  if (use == ModuleKeyUse::login) return signs ? (commits ? 1 : 2) : 0;
  return commits ? (signs ? 1 : 2) : 0;
}

bool newer(X509* a, X509* b) { return ASN1_TIME_compare(X509_get0_notBefore(a), X509_get0_notBefore(b)) > 0; }

std::string name_of(const ModuleCertificate& one) { return one.label.empty() ? to_hex(one.id) : one.label; }

// Nearest issuer first, roots left out.
std::vector<Bytes> chain_of(X509* leaf, const std::vector<ModuleCertificate>& all) {
  std::vector<Bytes> chain;
  std::vector<CertificateOwner> kept;
  X509* below = leaf;
  while (chain.size() < 8) {
    X509* issuer = nullptr;
    for (const ModuleCertificate& one : all) {
      auto candidate = parse(one.certificate);
      if (!candidate || X509_check_issued(candidate.get(), below) != X509_V_OK) continue;
      if (X509_NAME_cmp(X509_get_subject_name(candidate.get()), X509_get_issuer_name(candidate.get())) == 0)
        continue;
      if (std::find(chain.begin(), chain.end(), one.certificate) != chain.end()) continue;
      chain.push_back(one.certificate);
      issuer = candidate.get();
      kept.push_back(std::move(candidate));
      break;
    }
    if (issuer == nullptr) break;
    below = issuer;
  }
  return chain;
}

Result<std::vector<ModuleCertificate>> read_certificates(ModuleSession& session) {
  CK_OBJECT_CLASS wanted_class = CKO_CERTIFICATE;
  CK_ATTRIBUTE wanted{CKA_CLASS, &wanted_class, sizeof wanted_class};
  auto objects = session.find({&wanted, 1});
  if (!objects) return objects.error();
  std::vector<ModuleCertificate> found;
  for (const CK_OBJECT_HANDLE object : *objects) {
    auto value = session.attribute(object, CKA_VALUE);
    if (!value && value.error().kind == ErrorKind::unavailable) return value.error();
    if (!value || !parse(*value)) continue;
    ModuleCertificate one;
    one.certificate = std::move(*value);
    if (auto id = session.attribute(object, CKA_ID)) one.id = std::move(*id);
    if (auto label = session.attribute(object, CKA_LABEL)) one.label = to_text(*label);
    std::erase_if(one.label, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
    found.push_back(std::move(one));
  }
  return found;
}

}  // namespace

struct ModuleSigner::Chosen {
  ModuleCertificate certificate;
  std::vector<Bytes> chain;
  KeyOwner key;
};

Result<std::vector<ModuleCertificate>> module_certificates(const std::shared_ptr<Module>& module,
                                                           const ModuleToken& token) {
  auto session = ModuleSession::open(module, token);
  if (!session) return session.error();
  return read_certificates(**session);
}

ModuleSigner::ModuleSigner(std::shared_ptr<Module> module, ModuleToken token, ModuleSignerOptions options)
    : module_(std::move(module)), token_(std::move(token)), options_(std::move(options)) {}

ModuleSigner::~ModuleSigner() = default;

Error ModuleSigner::wrong(ErrorKind kind, const std::string& what) const {
  return {kind, "token " + token_.name() + " (through " + module_->name() + ") " + what};
}

Result<const ModuleSigner::Chosen*> ModuleSigner::choose() {
  if (chosen_) return chosen_.get();
  if (!session_) {
    auto session = ModuleSession::open(module_, token_);
    if (!session) return session.error();
    session_ = std::move(*session);
  }
  auto all = read_certificates(*session_);
  if (!all) return all.error();
  const ModuleCertificate* best = nullptr;
  CertificateOwner best_parsed;
  std::string there;
  const bool named = options_.object || options_.id;
  for (const ModuleCertificate& one : *all) {
    auto parsed = parse(one.certificate);
    there += (there.empty() ? "" : ", ") + name_of(one);
    if ((options_.object && one.label != *options_.object) || (options_.id && one.id != *options_.id))
      continue;
    const int how = suits(parsed.get(), options_.use);
    if (how == 0 && !named) continue;
    const int best_so_far = best == nullptr ? -1 : suits(best_parsed.get(), options_.use);
    if (how < best_so_far || (how == best_so_far && !newer(parsed.get(), best_parsed.get()))) continue;
    best = &one;
    best_parsed = std::move(parsed);
  }
  if (best == nullptr) {
    const std::string purpose = options_.use == ModuleKeyUse::sign
                                    ? "that signs (keyUsage nonRepudiation)"
                                    : "to log in with (keyUsage digitalSignature)";
    return wrong(ErrorKind::not_found, "has no certificate " + (named ? "of that name" : purpose) +
                                           (there.empty() ? ": it holds none" : ": it holds " + there));
  }
  auto chosen = std::make_unique<Chosen>();
  chosen->certificate = *best;
  chosen->chain = chain_of(best_parsed.get(), *all);
  chosen->key = KeyOwner(X509_get_pubkey(best_parsed.get()));
  chosen_ = std::move(chosen);
  return chosen_.get();
}

Result<KeyInfo> ModuleSigner::key() {
  auto chosen = choose();
  if (!chosen) return chosen.error();
  KeyInfo info;
  info.kind = SignatureKind::certificate;
  info.token_serial = token_.serial;
  info.reader = token_.name();
  info.slot = name_of((*chosen)->certificate);
  info.certificate = (*chosen)->certificate.certificate;
  info.chain = (*chosen)->chain;
  return info;
}

// The private key that shares its certificate's CKA_ID; its label where the token has no ids.
Result<unsigned long> ModuleSigner::private_key(const Chosen& chosen) {
  CK_OBJECT_CLASS wanted_class = CKO_PRIVATE_KEY;
  Bytes name =
      chosen.certificate.id.empty() ? to_bytes(as_bytes(chosen.certificate.label)) : chosen.certificate.id;
  CK_ATTRIBUTE wanted[] = {{CKA_CLASS, &wanted_class, sizeof wanted_class},
                           {chosen.certificate.id.empty() ? CKA_LABEL : CKA_ID, name.data(),
                            static_cast<unsigned long>(name.size())}};
  auto keys = session_->find(wanted);
  if (!keys) return keys.error();
  if (keys->empty())
    return wrong(ErrorKind::not_found, "has no private key for its certificate " +
                                           name_of(chosen.certificate) + ": enrol it again");
  if (keys->size() > 1)
    return wrong(ErrorKind::corrupt,
                 "has several keys " + name_of(chosen.certificate) + ": name one by its id, as pkcs11:id=…");
  return keys->front();
}

Result<Secret> ModuleSigner::ask_pin(PinSource& pins) const {
  PinRequest request;
  request.token = token_.serial.empty() ? token_.name() : token_.serial;
  if (token_.pin_final_try) request.tries_left = 1;
  request.purpose = options_.use == ModuleKeyUse::sign ? "sign" : "log in";
  return pins.pin(request);
}

Result<Signed> ModuleSigner::make_signature(const Chosen& chosen, const Secret* pin, ByteView data) {
  auto key = private_key(chosen);
  if (!key) return key.error();
  auto offered = session_->mechanisms();
  if (!offered) return offered.error();
  const bool each_time = session_->flag(*key, CKA_ALWAYS_AUTHENTICATE);
  CK_RV refused = CKR_MECHANISM_INVALID;
  for (SigningMechanism& way : signing_mechanisms(chosen.key.get(), *offered)) {
    refused = session_->begin_signature(*key, way.mechanism());
    if (refused == CKR_MECHANISM_INVALID || refused == CKR_MECHANISM_PARAM_INVALID ||
        refused == CKR_KEY_TYPE_INCONSISTENT || refused == CKR_KEY_FUNCTION_NOT_PERMITTED)
      continue;
    if (refused != CKR_OK) return cryptoki::failure("signing with token " + token_.name(), refused);
    if (each_time) {
      auto again = session_->log_in(CKU_CONTEXT_SPECIFIC, pin);
      if (!again) return again.error();
    }
    const Bytes given = way.input(data);
    auto raw = session_->finish_signature(given);
    if (!raw) return raw.error();
    note_key_use("key " + name_of(chosen.certificate) + " of " + token_.name(), way.name(), given);
    auto signature = way.signature(*raw);
    if (!signature || !way.verifies(chosen.key.get(), data, *signature))
      return wrong(ErrorKind::corrupt, "made a signature that does not fit its certificate " +
                                           name_of(chosen.certificate) + ": do not use it");
    return Signed{std::move(*signature), {}, std::nullopt, way.is_pss()};
  }
  return cryptoki::failure("signing with token " + token_.name(), refused);
}

Result<Signed> ModuleSigner::sign_logged_in(const Chosen& chosen, const Secret* pin, ByteView data) {
  bool ours = false;
  if (token_.needs_pin) {
    auto entered = session_->log_in(CKU_USER, pin);
    if (!entered) return entered.error();
    ours = *entered;
  }
  auto made = make_signature(chosen, pin, data);
  if (ours) session_->log_out();
  return made;
}

Result<Signed> ModuleSigner::sign(const ToSign& to_sign, PinSource& pins) {
  if (to_sign.attributes.empty())
    return Error{ErrorKind::invalid, "a certificate key signs CMS attributes: there are none to sign"};
  auto chosen = choose();
  if (!chosen) return chosen.error();
  if (!key_is_allowed((*chosen)->key.get()))
    return wrong(ErrorKind::refused, "has a key " + name_of((*chosen)->certificate) +
                                         " that is neither P-256, P-384 nor RSA of 2048 bits or more");
  auto now = module_->token(token_.slot);
  if (!now) return now.error();
  if (now->serial != token_.serial || now->label != token_.label)
    return wrong(ErrorKind::unavailable, "was taken out, and another one is in its place");
  token_ = std::move(*now);
  if (token_.pin_locked)
    return wrong(ErrorKind::authentication, "is blocked: have it unblocked by who issued it");
  std::optional<Secret> pin;
  if (token_.needs_pin && !token_.protected_path) {
    auto typed = ask_pin(pins);
    if (!typed) return typed.error();
    pin = std::move(*typed);
  }
  auto made = sign_logged_in(**chosen, pin ? &*pin : nullptr, to_sign.attributes);
  if (made) made->attributes = to_bytes(to_sign.attributes);
  return made;
}

}  // namespace sceau::token
