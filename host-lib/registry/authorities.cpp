// Whose certificates count: authorities, their CRLs, and the gates' own keys.
#include <algorithm>

#include "rules.h"

namespace sceau::registry {
namespace {

using statement::Value;

constexpr std::size_t kTwo = 2;

Result<pki::Crl> crl_blob(const Context& context, const Digest& digest) {
  auto bytes = context.blob(digest);
  if (!bytes) return refusal("CRL " + to_hex(digest) + " was not sent along: " + bytes.error().message);
  return pki::Crl::from_der(*bytes);
}

Result<pki::TrustStore> with_authority(const Registry::State& state, const Value& body,
                                       const Context& context) {
  pki::TrustStore trust = state.trust;
  auto certificate = certificate_blob(context, digest_of(body, "certificate"));
  if (!certificate) return certificate.error();
  if (auto added = trust.add_authority(*certificate); !added) return added.error();
  auto crl = crl_blob(context, digest_of(body, "crl"));
  if (!crl) return crl.error();
  if (auto added = trust.add_crl(*crl); !added) return added.error();
  return trust;
}

// A gate's key and its log's, fit for their use.
Status check_gate_key(const Act& act) {
  auto certificate = certificate_blob(act.context, digest_of(act.body(), "certificate"));
  if (!certificate) return certificate.error();
  if (auto use = pki::check_key_use(*certificate, pki::KeyUse::result); !use) return use;
  if (act.state.gate_by_certificate.contains(certificate->digest()) ||
      act.state.key_by_certificate.contains(certificate->digest())) {
    return refusal("that certificate is enrolled already: make a new key for the gate");
  }
  auto log = ledger::NoteVerifier::parse(text_of(act.body(), "log"));
  if (!log) return log.error().within("the log's key");
  if (log->name() != act.state.realm) {
    return refusal("the log's key is named \"" + log->name() + "\" and the realm is \"" + act.state.realm +
                   "\": they must be one");
  }
  return {};
}

Status put_gate(const Change& change) {
  Registry::State& state = change.state;
  const Value& body = change.body();
  GateKey gate{text_of(body, "gate"), digest_of(body, "certificate"), text_of(body, "log")};
  const Context context{change.record.at, 0, {}, change.blob};
  auto certificate = certificate_blob(context, gate.certificate);
  if (!certificate) return certificate.error();
  if (const auto old = state.gates.find(gate.id); old != state.gates.end()) {
    state.gate_by_certificate.erase(old->second.certificate);
  }
  state.trust.add_pinned(*certificate);
  state.gate_by_certificate[gate.certificate] = gate.id;
  std::erase(state.log_keys, gate.log);
  state.log_keys.push_back(gate.log);
  state.gates[gate.id] = std::move(gate);
  return {};
}

}  // namespace

Status check_authority_add(const Act& act) {
  if (auto powers = need_administrators(act, kTwo, kEverywhere); !powers) return powers;
  if (act.state.authorities.contains(digest_of(act.body(), "certificate"))) {
    return refusal("that authority is trusted already: publish its CRL with crl.publish");
  }
  const std::string& holder = text_of(act.body(), "holder");
  if (!holder.empty()) {
    if (auto person = active_person(act.state, holder, act.context.now); !person) return person.error();
  }
  auto trust = with_authority(act.state, act.body(), act.context);
  return trust ? Status{} : trust.error();
}

Status apply_authority_add(const Change& change) {
  const Context context{change.record.at, 0, {}, change.blob};
  auto trust = with_authority(change.state, change.body(), context);
  if (!trust) return trust.error();
  auto crl = crl_blob(context, digest_of(change.body(), "crl"));
  if (!crl) return crl.error();
  change.state.trust = std::move(*trust);
  const Digest certificate = digest_of(change.body(), "certificate");
  change.state.authorities[certificate] = {certificate, text_of(change.body(), "holder"), crl->digest(),
                                           static_cast<std::int64_t>(crl->number())};
  return {};
}

Result<pki::TrustStore> published_trust(const Registry::State& state, const Value& body,
                                        const Context& context) {
  const auto authority = state.authorities.find(digest_of(body, "authority"));
  if (authority == state.authorities.end()) {
    return refusal("authority " + text_of(body, "authority") +
                   " is not trusted here: add it with authority.add");
  }
  auto certificate = certificate_blob(context, authority->first);
  if (!certificate) return certificate.error();
  auto crl = crl_blob(context, digest_of(body, "crl"));
  if (!crl) return crl.error();
  if (crl->issuer() != certificate->subject_name()) return refusal("the CRL is another authority's");
  if (auto genuine = crl->check_signature(*certificate); !genuine) return genuine.error();
  const auto number = static_cast<std::int64_t>(crl->number());
  if (number != int_of(body, "number")) {
    return refusal("the CRL has number " + std::to_string(number) + " and the statement says " +
                   std::to_string(int_of(body, "number")));
  }
  if (number <= authority->second.crl_number) {
    return refusal("the CRL has number " + std::to_string(number) + " and number " +
                   std::to_string(authority->second.crl_number) + " is published: issue a newer one");
  }
  if (crl->this_update() > context.now) {
    return refusal("the CRL is not valid before " + to_rfc3339(crl->this_update()));
  }
  pki::TrustStore trust = state.trust;
  if (auto added = trust.add_crl(*crl); !added) return added.error();
  return trust;
}

Status check_crl_publish(const Act& act) {
  if (act.authentication.signers.empty()) return refusal("crl.publish is not signed");
  // One administrator of any organisation: what the list says, its authority has signed.
  for (const Signer& signer : act.authentication.signers) {
    const auto person = act.state.people.find(signer.person);
    if (person == act.state.people.end() || !has_role(person->second, Role::administrator, act.context.now)) {
      return refusal("crl.publish needs an administrator, and " + signer.person + " is none");
    }
    // The new list counts as soon as it is published, and must not be what gives its own signer back a key.
    auto bytes = act.context.blob(signer.certificate);
    auto certificate = bytes ? pki::Certificate::from_der(*bytes) : Result<pki::Certificate>(bytes.error());
    if (!certificate) return certificate.error();
    const pki::Crl* before = act.state.trust.crl_of(certificate->issuer_name());
    if (before != nullptr && before->is_revoked(*certificate)) {
      return refusal("the certificate of " + signer.person + " is revoked: another administrator publishes");
    }
  }
  return {};
}

Status apply_crl_publish(const Change& change) {
  const Context context{change.record.at, 0, {}, change.blob};
  auto trust = published_trust(change.state, change.body(), context);
  if (!trust) return trust.error();
  change.state.trust = std::move(*trust);
  Authority& authority = change.state.authorities[digest_of(change.body(), "authority")];
  authority.crl = digest_of(change.body(), "crl");
  authority.crl_number = int_of(change.body(), "number");
  return {};
}

Status check_gate_enrol(const Act& act) {
  if (auto powers = need_administrators(act, kTwo, kEverywhere); !powers) return powers;
  const std::string& gate = text_of(act.body(), "gate");
  if (act.state.gates.contains(gate) || act.state.people.contains(gate)) {
    return refusal("\"" + gate + "\" is registered already: change a gate's key with gate.rotate");
  }
  return check_gate_key(act);
}

Status apply_gate_enrol(const Change& change) { return put_gate(change); }

Status check_gate_rotate(const Act& act) {
  if (auto powers = need_administrators(act, kTwo, kEverywhere); !powers) return powers;
  const std::string& gate = text_of(act.body(), "gate");
  if (!act.state.gates.contains(gate)) {
    return refusal("no gate \"" + gate + "\" is enrolled: enrol it with gate.enrol");
  }
  return check_gate_key(act);
}

Status apply_gate_rotate(const Change& change) { return put_gate(change); }

}  // namespace sceau::registry
