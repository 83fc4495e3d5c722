// authenticatorGetAssertion and authenticatorGetNextAssertion (CTAP 2.1, 6.2 and 6.3).
#include "fido/authenticator.h"

namespace sceau::firmware::fido {

namespace {

constexpr std::size_t kMaxData = 256;  // bytes of authenticator data
constexpr std::size_t kSalt = 32;

// CTAP 2.1, 12.1: whether a credential may be used, or shown to exist.
bool is_visible(const CredentialSource& source, bool uv, bool listed) {
  switch (source.protection) {
    case Protection::kRequired:
      return uv;
    case Protection::kOptionalWithList:
      return uv || listed;
    default:
      return true;
  }
}

}  // namespace

CtapStatus Authenticator::check_asserting(const GetAssertion& asked, const Settings& settings,
                                          const Hash& rp_hash, bool& uv) {
  if (asked.options.has_rk) return CtapStatus::kUnsupportedOption;
  if (asked.extensions.hmac_secret.present && !asked.options.up) return CtapStatus::kUnsupportedOption;
  if (!asked.auth.present) {
    if (asked.options.uv) return CtapStatus::kInvalidOption;
    return settings.always_uv && asked.options.up ? CtapStatus::kPuatRequired : CtapStatus::kSuccess;
  }
  if (!pin_.is_set()) return CtapStatus::kPinNotSet;
  const CtapStatus status = authorise(asked.auth, kGetAssertion, {asked.client_data_hash});
  if (status != CtapStatus::kSuccess) return status;
  if (!token_.user_verified() || !token_.bind(rp_hash)) return CtapStatus::kPinAuthInvalid;
  uv = true;
  return CtapStatus::kSuccess;
}

// CTAP 2.1, 12.5: the salts, decrypted and authenticated.
CtapStatus Authenticator::read_hmac_secret(const HmacSecretInput& input, HmacSecret& into) {
  if (!input.present) return CtapStatus::kSuccess;
  const CtapResult<SharedSecret> shared = agreement_.agree(input.protocol, input.key);
  if (!shared.ok()) return shared.status();
  const bool authentic =
      is_authentic(input.protocol, shared.value().authentication, {input.salts}, input.authentication);
  if (!authentic) return CtapStatus::kPinAuthInvalid;
  const CtapResult<Decrypted> salts = decrypt(shared.value(), input.salts);
  if (!salts.ok()) return salts.status();
  if (salts.value().size != kSalt && salts.value().size != 2 * kSalt) return CtapStatus::kInvalidLength;
  into.present = true;
  into.shared = shared.value();
  into.salts = salts.value();
  return CtapStatus::kSuccess;
}

CtapResult<Encrypted> Authenticator::hmac_secret_output(const HmacSecret& input, ByteView id, bool uv) {
  const Result<DerivedKey> secret =
      credentials_.secret(uv ? "sceau fido hmac-secret, verified" : "sceau fido hmac-secret", id);
  if (!secret.ok()) return CtapStatus::kOther;
  SecretArray<2 * kSalt> output;
  for (std::size_t at = 0; at < input.salts.size; at += kSalt) {
    const Result<Hash> one = hmac_sha256(secret.value(), {input.salts.view().subspan(at, kSalt)});
    if (!one.ok()) return CtapStatus::kOther;
    copy(one.value(), ByteSpan(output).subspan(at));
  }
  return encrypt(board_, input.shared, ByteView(output).first(input.salts.size));
}

CtapStatus Authenticator::write_authenticator_data(const Assertion& assertion, const CredentialSource& source,
                                                   ByteView id, const StoredCredential* stored,
                                                   std::uint32_t count, Writer& out) {
  const bool hmac = assertion.hmac_secret.present && source.hmac_secret;
  const bool extended = hmac || assertion.cred_blob;
  const auto flags = static_cast<std::uint8_t>(assertion.flags | (extended ? kExtensionData : 0));
  write_data_head(assertion.rp_hash, flags, count, out);
  if (!extended) return CtapStatus::kSuccess;
  CborWriter cbor(out);
  cbor.map(std::size_t{hmac ? 1U : 0U} + (assertion.cred_blob ? 1 : 0));
  if (assertion.cred_blob) {
    cbor.text("credBlob");
    cbor.bytes(stored != nullptr ? stored->blob.view() : ByteView());
  }
  if (!hmac) return CtapStatus::kSuccess;
  const bool uv = (assertion.flags & kUserVerified) != 0;
  const CtapResult<Encrypted> output = hmac_secret_output(assertion.hmac_secret, id, uv);
  if (!output.ok()) return output.status();
  cbor.text("hmac-secret");
  cbor.bytes(output.value().view());
  return CtapStatus::kSuccess;
}

// One assertion; `of_many`: how many there are, told when above one.
CtapStatus Authenticator::assert_with(const Assertion& assertion, ByteView id, std::size_t of_many,
                                      Writer& answer) {
  const Result<CredentialSource> source = credentials_.open(id, assertion.rp_hash);
  if (!source.ok()) return CtapStatus::kNoCredentials;
  StoredCredential stored;
  if (source.value().discoverable) {
    const Result<StoredCredential> kept = credentials_.read(source.value().slot);
    if (!kept.ok()) return ctap_status(kept.status());
    stored = kept.value();
  }
  const Result<std::uint32_t> count = credentials_.count(source.value(), assertion.rp_hash);
  if (!count.ok()) return ctap_status(count.status());

  std::array<std::uint8_t, kMaxData> buffer{};
  Writer data(buffer);
  const CtapStatus status = write_authenticator_data(
      assertion, source.value(), id, source.value().discoverable ? &stored : nullptr, count.value(), data);
  if (status != CtapStatus::kSuccess) return status;
  const Result<Hash> hash = sha256({data.written(), assertion.client_data_hash});
  if (!hash.ok()) return CtapStatus::kOther;
  KeyPair pair;
  pair.secret.assign(source.value().scalar);
  const Result<KeyOutput> signature = engine_.use(pair, hash.value());
  if (!signature.ok()) return CtapStatus::kOther;

  const bool blob_key = assertion.large_blob_key && source.value().large_blob_key;
  const bool verified = (assertion.flags & kUserVerified) != 0;
  CborWriter cbor(answer);
  cbor.map(std::size_t{3} + (source.value().discoverable ? 1 : 0) + (of_many > 1 ? 1 : 0) +
           (blob_key ? 1 : 0));
  cbor.integer(0x01);
  write_descriptor(id, answer);
  cbor.integer(0x02);
  cbor.bytes(data.written());
  cbor.integer(0x03);
  cbor.bytes(signature.value().view());
  if (source.value().discoverable) {
    cbor.integer(0x04);
    write_user(stored, verified, answer);
  }
  if (of_many > 1) {
    cbor.integer(0x05);
    cbor.integer(static_cast<std::int64_t>(of_many));
  }
  if (!blob_key) return CtapStatus::kSuccess;
  const Result<DerivedKey> key = credentials_.secret("sceau fido large blob", id);
  if (!key.ok()) return CtapStatus::kOther;
  cbor.integer(0x07);
  cbor.bytes(key.value());
  return CtapStatus::kSuccess;
}

// The ids that may answer: the first of the list that is ours, or those that are stored, the latest first.
CtapStatus Authenticator::find_assertable(const GetAssertion& asked, const Hash& rp_hash, bool uv,
                                          Slots& slots, CredentialId& id) {
  if (asked.allow.size() != 0) {
    const bool found = asked.allow.any([&](ByteView listed) {
      const Result<CredentialSource> source = credentials_.open(listed, rp_hash);
      if (!source.ok() || !is_visible(source.value(), uv, true)) return false;
      copy(listed, id);
      return true;
    });
    return found ? CtapStatus::kSuccess : CtapStatus::kNoCredentials;
  }
  const Result<Slots> all = credentials_.of_relying_party(rp_hash);
  if (!all.ok()) return ctap_status(all.status());
  for (std::size_t i = 0; i < all.value().count; ++i) {
    const Result<StoredCredential> stored = credentials_.read(all.value().slots[i]);
    if (!stored.ok()) return ctap_status(stored.status());
    const Result<CredentialSource> source = credentials_.open(stored.value().id, rp_hash);
    if (!source.ok() || !is_visible(source.value(), uv, false)) continue;
    if (slots.count == 0) id = stored.value().id;
    slots.slots[slots.count++] = all.value().slots[i];
  }
  return slots.count != 0 ? CtapStatus::kSuccess : CtapStatus::kNoCredentials;
}

CtapStatus Authenticator::get_assertion(const Client& client, ByteView parameters, Writer& answer) {
  GetAssertion asked;
  CtapStatus status = read_get_assertion(parameters, asked);
  if (status == CtapStatus::kSuccess) status = require_pin(client, asked.auth);
  if (status != CtapStatus::kSuccess) return status;
  const Result<Settings> settings = pin_.settings();
  const Result<Hash> rp_hash = sha256({as_bytes(asked.rp_id)});
  if (!settings.ok() || !rp_hash.ok()) return CtapStatus::kOther;
  bool uv = false;
  status = check_asserting(asked, settings.value(), rp_hash.value(), uv);
  if (status != CtapStatus::kSuccess) return status;

  Assertion assertion;
  assertion.rp_hash = rp_hash.value();
  copy(asked.client_data_hash, assertion.client_data_hash);
  assertion.cred_blob = asked.extensions.cred_blob;
  assertion.large_blob_key = asked.extensions.large_blob_key;
  assertion.flags =
      static_cast<std::uint8_t>((asked.options.up ? kUserPresent : 0) | (uv ? kUserVerified : 0));
  status = read_hmac_secret(asked.extensions.hmac_secret, assertion.hmac_secret);
  if (status != CtapStatus::kSuccess) return status;
  Slots slots;
  CredentialId id{};
  status = find_assertable(asked, rp_hash.value(), uv, slots, id);
  if (status != CtapStatus::kSuccess) return status;
  if (asked.options.up) {
    status = confirm(client, "FIDO: log in at", asked.rp_id);
    if (status != CtapStatus::kSuccess) return status;
    token_.consume();
  }
  status = assert_with(assertion, id, slots.count, answer);
  if (status == CtapStatus::kSuccess && slots.count > 1) {
    begin_iteration(client, Kind::kAssertions, slots);
    iteration_.assertion = assertion;
  }
  return status;
}

CtapStatus Authenticator::get_next_assertion(const Client& client, Writer& answer) {
  const CtapResult<std::size_t> slot = next_slot(client, Kind::kAssertions);
  if (!slot.ok()) return slot.status();
  const Result<StoredCredential> stored = credentials_.read(slot.value());
  if (!stored.ok()) return CtapStatus::kNotAllowed;
  return assert_with(iteration_.assertion, stored.value().id, 0, answer);
}

}  // namespace sceau::firmware::fido
