// The first entry: organisations, administrators with their tokens, authorities, policy.
#include <algorithm>

#include "rules.h"

namespace sceau::registry {
namespace {

using statement::Value;

// All administrators that the genesis names have signed it, and nobody else.
Status check_signers(const Act& act) {
  std::set<std::string> named, signers;
  for (const Value& administrator : array_of(act.body(), "administrators")) {
    if (!named.insert(text_of(administrator, "person")).second) {
      return refusal("genesis names " + text_of(administrator, "person") + " twice");
    }
  }
  for (const Signer& signer : act.authentication.signers) signers.insert(signer.person);
  if (named != signers) {
    return refusal(
        "genesis is not signed by exactly the administrators that it names: have each of them sign");
  }
  if (named.size() < kFewestAdministrators && !flag_of(act.body(), "single")) {
    return refusal("genesis names one administrator: name two, or use --single for a demonstration");
  }
  return {};
}

Status check_log(const Act& act) {
  auto log = ledger::NoteVerifier::parse(text_of(act.body(), "log"));
  if (!log) return log.error().within("the log's key");
  if (log->name() != act.statement().realm) {
    return refusal("the log's key is named \"" + log->name() + "\" and the realm is \"" +
                   act.statement().realm + "\": they must be one");
  }
  return {};
}

std::map<Digest, Authority> authorities_in(const Value& body) {
  std::map<Digest, Authority> authorities;
  for (const Value& item : array_of(body, "authorities")) {
    const Digest certificate = digest_of(item, "certificate");
    authorities[certificate] = {certificate, text_of(item, "holder"), digest_of(item, "crl"), 0};
  }
  return authorities;
}

// People with a recovery key among the administrators of a genesis.
std::set<std::string> named_recovery_people(const Value& body) {
  std::set<std::string> people;
  for (const Value& administrator : array_of(body, "administrators")) {
    const Value* token = administrator.find("token");
    if (token != nullptr && std::ranges::any_of(array_of(*token, "keys"), [](const Value& key) {
          return text_of(key, "use") == "recovery";
        })) {
      people.insert(text_of(administrator, "person"));
    }
  }
  return people;
}

Status check_administrators(const Act& act) {
  auto trust = genesis_trust(act.body(), act.context);
  if (!trust) return trust.error();
  std::vector<pki::Certificate> roots;
  for (const Value& item : array_of(act.body(), "attestation_roots")) {
    const auto digest = digest_from_hex(item.as_text());
    if (!digest) return digest.error();
    auto root = certificate_blob(act.context, *digest);
    if (!root) return root.error();
    roots.push_back(std::move(*root));
  }
  std::set<std::string> organisations, serials;
  for (const Value& item : array_of(act.body(), "organisations")) {
    organisations.insert(text_of(item, "organisation"));
  }
  const auto authorities = authorities_in(act.body());
  const auto recipients = named_recovery_people(act.body());
  const Policy policy = read_policy(*act.body().find("policy"));
  if (auto named = read_attestation_trust(policy, act.context.blob); !named) return named.error();
  for (const Value& item : array_of(act.body(), "administrators")) {
    const std::string& person = text_of(item, "person");
    const Value& token = *item.find("token");
    if (!organisations.contains(text_of(item, "organisation"))) {
      return refusal("genesis puts " + person + " in an organisation that it does not name");
    }
    if (!serials.insert(text_of(token, "serial")).second) {
      return refusal("genesis names token " + text_of(token, "serial") + " twice");
    }
    if (is_fido(token))
      return refusal("genesis enrols FIDO2 key " + text_of(token, "serial") +
                     ", which has no recovery key: begin with a PIV token");
    const TokenCheck check{act.state, *trust, roots, act.context};
    if (auto good = check_token(check, token, person, authorities); !good) return good.error().within(person);
    if (const Value* escrow = item.find("escrow"); escrow != nullptr) {
      if (auto good = check_escrow(*escrow, policy.recovery_k, recipients); !good) return good;
    }
  }
  return {};
}

// One administrator of the genesis, with her token.
Status add_administrator(Registry::State& state, const Value& item, std::uint64_t index,
                         const BlobSource& blob) {
  Person person{text_of(item, "person"),
                text_of(item, "name"),
                text_of(item, "organisation"),
                "staff",
                kForEver,
                std::nullopt,
                {},
                {}};
  person.roles.push_back({Role::administrator, std::string(kEverywhere), kForEver});
  const std::string id = person.id;
  state.people[id] = std::move(person);
  auto token = read_token(*item.find("token"), item.find("escrow"), id, index);
  if (!token) return token.error();
  learn_policies(*token, blob);
  add_token(state, std::move(*token));
  return {};
}

}  // namespace

Result<pki::TrustStore> genesis_trust(const Value& body, const Context& context) {
  pki::TrustStore trust;
  for (const Value& item : array_of(body, "authorities")) {
    auto certificate = certificate_blob(context, digest_of(item, "certificate"));
    if (!certificate) return certificate.error();
    if (auto added = trust.add_authority(*certificate); !added) return added.error();
    auto bytes = context.blob(digest_of(item, "crl"));
    if (!bytes) return refusal("the authority's CRL was not sent along: " + bytes.error().message);
    auto crl = pki::Crl::from_der(*bytes);
    if (!crl) return crl.error();
    if (auto added = trust.add_crl(*crl); !added) return added.error();
  }
  return trust;
}

Status check_genesis(const Act& act) {
  if (act.state.genesis || act.context.size != 0) {
    return refusal("this ledger has its genesis: a ledger begins once");
  }
  if (act.statement().after != statement::after_nothing()) {
    return refusal("genesis comes after nothing: its `after` is size 0 and the empty tree's root");
  }
  if (auto signers = check_signers(act); !signers) return signers;
  if (auto log = check_log(act); !log) return log;
  const Value* policy = act.body().find("policy");
  if (policy == nullptr) return refusal("genesis has no policy");
  const Policy first = read_policy(*policy);
  if (auto good = check_policy(first, flag_of(act.body(), "single")); !good) return good;
  if (policy->contains("rules"))
    return refusal("genesis names a policy's file: begin without, and then use 'sceau policy set FILE'");
  // Nothing is listed before the ledger has begun: only policy.set does that.
  if (auto good = check_hardware_authorities(first, {}); !good) return good;
  return check_administrators(act);
}

Status apply_genesis(const Change& change) {
  Registry::State& state = change.state;
  const Value& body = change.body();
  const Context context{change.record.at, 0, {}, change.blob};
  auto trust = genesis_trust(body, context);
  if (!trust) return trust.error();
  state.genesis = true;
  state.single = flag_of(body, "single");
  state.realm = change.submission.statement.realm;
  state.trust = std::move(*trust);
  state.policy = read_policy(*body.find("policy"));
  state.authorities = authorities_in(body);
  for (const pki::Crl& crl : state.trust.crls()) {
    for (auto& [digest, authority] : state.authorities) {
      if (authority.crl == crl.digest()) authority.crl_number = static_cast<std::int64_t>(crl.number());
    }
  }
  state.log_keys.push_back(text_of(body, "log"));
  for (const Value& item : array_of(body, "attestation_roots")) {
    auto root = certificate_blob(context, digest_from_hex(item.as_text()).value());
    if (!root) return root.error();
    state.genesis_roots.push_back(std::move(*root));
  }
  if (auto trusted = apply_attestation_trust(state, change.blob); !trusted) return trusted;
  for (const Value& item : array_of(body, "organisations")) {
    const std::string& id = text_of(item, "organisation");
    state.organisations[id] = {id, text_of(item, "name")};
  }
  for (const Value& item : array_of(body, "administrators")) {
    if (auto added = add_administrator(state, item, change.record.index, change.blob); !added) return added;
  }
  return {};
}

}  // namespace sceau::registry
