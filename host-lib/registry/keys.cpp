// One token as a statement describes it: its keys, their certificates and attestations, its escrow.
#include <algorithm>
#include <cctype>

#include "rules.h"
#include "sceau/pki/attestation.h"

namespace sceau::registry {
namespace {

using statement::Value;

std::string lower(std::string text) {
  std::ranges::transform(text, text.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

// A signing key asks for its PIN before each signature; a session key once, and never for a touch.
Status check_pin_policy(const pki::Attested& attested, KeyPurpose purpose, const std::string& key) {
  const bool good = purpose == KeyPurpose::sign      ? attested.pin_policy == pki::pin_policy_always
                    : purpose == KeyPurpose::session ? attested.pin_policy == pki::pin_policy_once
                                                     : attested.pin_policy != pki::pin_policy_never;
  if (!good) {
    return refusal(key + " was made with a PIN policy that does not suit a key for " +
                   std::string(key_purpose_text(purpose)) + ": initialise the token again");
  }
  return {};
}

Status check_key_attestation(const TokenCheck& check, const Value& token, const Value& key,
                             const std::vector<Bytes>& chain) {
  const std::string slot = text_of(key, "slot");
  const std::string name = "key " + slot + " of token " + text_of(token, "serial");
  if (!key.contains("attestation")) {
    return refusal(name + " may be software-made: it has no attestation: make the key in a token");
  }
  auto bytes = check.context.blob(digest_of(key, "attestation"));
  if (!bytes) return refusal(name + " has no attestation: " + bytes.error().message);
  auto attested = pki::check_attestation(*bytes, chain, check.attestation_roots, check.context.now);
  if (!attested) return attested.error().within(name);
  const auto public_key = from_base64(text_of(key, "public_key"));
  if (!public_key || attested->public_key != *public_key) {
    return refusal(name + " is software-made: its attestation is for another key");
  }
  if (attested->serial != text_of(token, "serial")) {
    return refusal(name + " was made by token " + attested->serial + ": name the token that made it");
  }
  if (lower(attested->slot) != lower(slot)) {
    return refusal(name + " is in slot " + attested->slot + " by its attestation: name the right slot");
  }
  const auto purpose = key_purpose_from_text(text_of(key, "use"));
  return check_pin_policy(*attested, purpose.value_or(KeyPurpose::sign), name);
}

// The certificate of a key, good now for its use and for `holder`: the digest of the authority above it.
Result<Digest> check_key_certificate(const TokenCheck& check, const Value& key, std::string_view holder,
                                     KeyPurpose purpose) {
  const std::string name = "key " + text_of(key, "slot");
  if (!key.contains("certificate"))
    return refusal(name + " has no certificate: have the authority issue one");
  auto certificate = certificate_blob(check.context, digest_of(key, "certificate"));
  if (!certificate) return certificate.error().within(name);
  const auto public_key = from_base64(text_of(key, "public_key"));
  if (!public_key || certificate->spki() != *public_key) {
    return refusal(name + ": the certificate is for another key than the one that the statement names");
  }
  if (certificate->person() != holder) {
    return refusal(name + ": the certificate names \"" + certificate->person() + "\" and not " +
                   std::string(holder) + ": have the authority issue one for the holder");
  }
  const pki::KeyUse use = purpose == KeyPurpose::login ? pki::KeyUse::login : pki::KeyUse::sign;
  auto path = pki::check_path(check.trust, *certificate, {}, use, check.context.now);
  if (!path) return path.error().within(name);
  return path->root.digest();
}

Status check_free(const Registry::State& state, const Value& key, std::string_view holder) {
  const auto public_key = from_base64(text_of(key, "public_key"));
  if (!public_key) return public_key.error();
  const auto known = state.token_by_key.find(sha256(*public_key));
  if (known == state.token_by_key.end()) return {};
  const Token& token = state.tokens[known->second];
  if (token.person != holder || token.state == TokenState::revoked) {
    return refusal("key " + text_of(key, "slot") + " was enrolled before, with token " + token.serial +
                   " of " + token.person + ": have the token make a new key");
  }
  return {};
}

Result<std::vector<Bytes>> chain_blobs(const Context& context, const Value& token) {
  std::vector<Bytes> chain;
  for (const Value& item : array_of(token, "attestation_chain")) {
    const auto digest = digest_from_hex(item.as_text());
    if (!digest) return digest.error();
    auto bytes = context.blob(*digest);
    if (!bytes) return refusal("the attestation chain was not sent along: " + bytes.error().message);
    chain.push_back(std::move(*bytes));
  }
  return chain;
}

// No slot twice.
Status check_key_set(const Value& token) {
  std::set<std::string> slots;
  for (const Value& key : array_of(token, "keys")) {
    if (!slots.insert(lower(text_of(key, "slot"))).second) {
      return refusal("slot " + text_of(key, "slot") + " of token " + text_of(token, "serial") +
                     " is named twice: name each key once");
    }
  }
  return {};
}

struct KeyCounts {
  std::size_t signing = 0;  // in slot 9C
  std::size_t clear = 0;    // in the clear-sign application
};

Status count_key(const TokenCheck& check, const Value& key, bool unattested, KeyCounts& counts) {
  if (text_of(key, "use") != key_purpose_text(KeyPurpose::sign)) return {};
  if (unattested) {
    ++counts.signing;
    return {};
  }
  auto policy = clear_policy(check.context.blob, digest_of(key, "attestation"));
  if (!policy) return policy.error();
  ++(*policy ? counts.clear : counts.signing);
  return {};
}

Status check_counts(const Value& token, const KeyCounts& counts) {
  if (counts.signing <= 1 && counts.clear <= 1 && counts.signing + counts.clear >= 1) return {};
  return refusal("token " + text_of(token, "serial") + " has " +
                 std::to_string(counts.signing + counts.clear) +
                 " keys for signing: enrol it with exactly one, in slot 9C, and at most one clear-sign key "
                 "beside it or in its place");
}

}  // namespace

Result<pki::Certificate> certificate_blob(const Context& context, const Digest& digest) {
  auto bytes = context.blob(digest);
  if (!bytes)
    return refusal("certificate " + to_hex(digest) + " was not sent along: " + bytes.error().message);
  return pki::Certificate::from_der(*bytes);
}

Result<std::vector<std::string>> check_token(const TokenCheck& check, const Value& token,
                                             std::string_view holder,
                                             const std::map<Digest, Authority>& authorities) {
  if (is_fido(token)) {
    if (auto free = check_free(check.state, array_of(token, "keys").front(), holder); !free)
      return free.error();
    if (auto good = check_fido_token(check, token, holder); !good) return good.error();
    return std::vector<std::string>();
  }
  auto chain = chain_blobs(check.context, token);
  if (!chain) return chain.error();
  const auto unattested = is_unattested(token);
  if (!unattested) return unattested.error();
  if (*unattested) {
    if (auto listed = check_unattested(check.state.policy, token); !listed) return listed.error();
  }
  std::vector<std::string> holders;
  if (auto keys = check_key_set(token); !keys) return keys.error();
  KeyCounts counts;
  for (const Value& key : array_of(token, "keys")) {
    if (auto free = check_free(check.state, key, holder); !free) return free.error();
    if (!*unattested) {
      if (auto good = check_key_attestation(check, token, key, *chain); !good) return good.error();
    }
    const KeyPurpose purpose = key_purpose_from_text(text_of(key, "use")).value_or(KeyPurpose::sign);
    if (auto counted = count_key(check, key, *unattested, counts); !counted) return counted.error();
    if (purpose == KeyPurpose::recovery) continue;
    auto root = check_key_certificate(check, key, holder, purpose);
    if (!root) return root.error();
    if (*unattested && *root != digest_of(token, "authority")) {
      return refusal(
          "key " + text_of(key, "slot") + " of token " + text_of(token, "serial") +
          " may be software-made: its certificate is not by the authority that vouches for the token");
    }
    if (const auto authority = authorities.find(*root); authority != authorities.end()) {
      holders.push_back(authority->second.holder);
    }
  }
  if (auto counted = check_counts(token, counts); !counted) return counted.error();
  return holders;
}

Result<Token> read_token(const Value& token, const Value* escrow, std::string_view holder,
                         std::uint64_t entry) {
  Token read;
  read.serial = text_of(token, "serial");
  read.person = holder;
  read.entry = entry;
  const std::vector<std::string> chain = texts_of(token, "attestation_chain");
  if (!chain.empty()) {
    if (const auto device = digest_from_hex(chain.front())) read.device = *device;
  }
  if (token.contains("authority")) read.authority = digest_of(token, "authority");
  for (const Value& item : array_of(token, "keys")) {
    TokenKey key;
    key.purpose = key_purpose_from_text(text_of(item, "use")).value_or(KeyPurpose::sign);
    key.slot = text_of(item, "slot");
    auto public_key = from_base64(text_of(item, "public_key"));
    if (!public_key) return public_key.error();
    key.public_key = std::move(*public_key);
    if (item.contains("certificate")) key.certificate = digest_of(item, "certificate");
    if (item.contains("attestation")) key.attestation = digest_of(item, "attestation");
    if (item.contains("credential")) {
      auto credential = from_base64(text_of(item, "credential"));
      if (!credential) return credential.error();
      key.credential = std::move(*credential);
    }
    if (item.contains("rp_id")) key.rp_id = text_of(item, "rp_id");
    read.keys.push_back(std::move(key));
  }
  if (escrow != nullptr) {
    read.recovery_k = static_cast<int>(int_of(*escrow, "k"));
    for (const Value& share : array_of(*escrow, "shares")) {
      read.shares.push_back(
          {text_of(share, "to"), static_cast<int>(int_of(share, "index")), text_of(share, "sealed")});
    }
  }
  return read;
}

void add_token(Registry::State& state, Token token) {
  const std::size_t position = state.tokens.size();
  for (std::size_t i = 0; i < token.keys.size(); ++i) {
    const TokenKey& key = token.keys[i];
    if (key.certificate) state.key_by_certificate[*key.certificate] = {position, i};
    if (!key.credential.empty()) state.key_by_certificate[sha256(key.credential)] = {position, i};
    state.token_by_key[sha256(key.public_key)] = position;
  }
  state.token_by_serial[token.serial] = position;
  state.people[token.person].tokens.push_back(position);
  state.tokens.push_back(std::move(token));
}

Status check_escrow(const Value& escrow, std::int64_t recovery_k, const std::set<std::string>& recipients) {
  if (int_of(escrow, "k") < recovery_k) {
    return refusal("the escrow opens with " + std::to_string(int_of(escrow, "k")) +
                   " shares and policy asks for " + std::to_string(recovery_k) +
                   ": split the token's secrets again");
  }
  std::set<std::string> people;
  for (const Value& share : array_of(escrow, "shares")) {
    const std::string& to = text_of(share, "to");
    if (!recipients.contains(to)) {
      return refusal("the escrow has a share for " + to +
                     ", who has no recovery key: seal it to those who have");
    }
    if (!people.insert(to).second) {
      return refusal("the escrow has two shares for " + to + ": one person holds one share");
    }
  }
  if (static_cast<std::int64_t>(people.size()) < int_of(escrow, "k")) {
    return refusal("the escrow has fewer shares than open it: seal at least " +
                   std::to_string(int_of(escrow, "k")));
  }
  return {};
}

}  // namespace sceau::registry
