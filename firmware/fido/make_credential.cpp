// authenticatorMakeCredential (CTAP 2.1, 6.1).
#include "fido/authenticator.h"

namespace sceau::firmware::fido {

namespace {

constexpr std::size_t kMaxData = 384;  // bytes of authenticator data

constexpr std::uint32_t kVendorFacilitated = 1;
constexpr std::uint32_t kPlatformManaged = 2;

StoredCredential stored_of(const MakeCredential& asked, const Hash& rp_hash) {
  StoredCredential stored;
  stored.rp_hash = rp_hash;
  stored.rp_id = cut_rp_id(asked.rp_id);
  stored.user_id.assign(asked.user.id);
  stored.has_name = !asked.user.name.empty();
  stored.has_display_name = !asked.user.display_name.empty();
  stored.name.assign(as_bytes(cut_text(asked.user.name, kMaxName)));
  stored.display_name.assign(as_bytes(cut_text(asked.user.display_name, kMaxName)));
  if (asked.extensions.has_cred_blob && asked.extensions.cred_blob.size() <= kMaxCredBlob) {
    stored.blob.assign(asked.extensions.cred_blob);
  }
  return stored;
}

}  // namespace

// Steps 1 to 11: whether the options fit together, and what the PIN permits.
CtapStatus Authenticator::check_making(const MakeCredential& asked, const Settings& settings,
                                       const Hash& rp_hash, bool& uv) {
  if (!asked.es256) return CtapStatus::kUnsupportedAlgorithm;
  if (asked.options.has_up && !asked.options.up) return CtapStatus::kInvalidOption;
  if (!asked.auth.present && asked.options.uv) return CtapStatus::kInvalidOption;
  if (asked.extensions.large_blob_key && !asked.options.rk) return CtapStatus::kInvalidOption;
  if (asked.options.rk && asked.user.id.size() > kMaxUserId) return CtapStatus::kInvalidLength;
  if (!asked.auth.present) {
    const bool needed = settings.always_uv || (asked.options.rk && pin_.is_set());
    if (needed) return CtapStatus::kPuatRequired;
  }
  if (asked.has_enterprise) {
    if (!settings.enterprise) return CtapStatus::kInvalidParameter;
    if (asked.enterprise != kVendorFacilitated && asked.enterprise != kPlatformManaged) {
      return CtapStatus::kInvalidOption;
    }
  }
  if (!asked.auth.present) return CtapStatus::kSuccess;
  if (!pin_.is_set()) return CtapStatus::kPinNotSet;
  const CtapStatus status = authorise(asked.auth, kMakeCredential, {asked.client_data_hash});
  if (status != CtapStatus::kSuccess) return status;
  if (!token_.user_verified() || !token_.bind(rp_hash)) return CtapStatus::kPinAuthInvalid;
  uv = true;
  return CtapStatus::kSuccess;
}

// Step 12. One that needs user verification is not given away without it.
CtapStatus Authenticator::exclude(const Client& client, const MakeCredential& asked, const Hash& rp_hash,
                                  bool uv) {
  const bool known = asked.exclude.any([&](ByteView id) {
    const Result<CredentialSource> source = credentials_.open(id, rp_hash);
    return source.ok() && (uv || source.value().protection != Protection::kRequired);
  });
  if (!known) return CtapStatus::kSuccess;
  const CtapStatus confirmed = confirm(client, "FIDO: this token is registered already", asked.rp_id);
  return confirmed == CtapStatus::kKeepaliveCancel ? confirmed : CtapStatus::kCredentialExcluded;
}

CtapStatus Authenticator::create(const MakeCredential& asked, const Hash& rp_hash, CredentialSource& source,
                                 CredentialId& id, std::uint32_t& count, PublicKey& key) {
  const Result<KeyPair> pair = engine_.generate(KeyType::kP256);
  if (!pair.ok()) return CtapStatus::kOther;
  key = pair.value().open;
  copy(pair.value().secret.view(), source.scalar);
  source.discoverable = asked.options.rk;
  source.hmac_secret = asked.extensions.hmac_secret;
  source.large_blob_key = asked.extensions.large_blob_key;
  if (asked.extensions.cred_protect != 0) {
    source.protection = static_cast<Protection>(asked.extensions.cred_protect);
  }
  std::size_t slot = 0;
  if (source.discoverable) {
    const Result<std::size_t> place = credentials_.place_for(rp_hash, asked.user.id);
    if (!place.ok()) return ctap_status(place.status());
    slot = place.value();
    source.slot = static_cast<std::uint8_t>(slot);
  }
  const Result<CredentialId> sealed = credentials_.seal(source, rp_hash);
  if (!sealed.ok()) return ctap_status(sealed.status());
  id = sealed.value();
  if (!source.discoverable) {
    const Result<std::uint32_t> counted = credentials_.count(source, rp_hash);
    if (counted.ok()) count = counted.value();
    return ctap_status(counted.status());
  }
  count = 1;
  StoredCredential stored = stored_of(asked, rp_hash);
  stored.id = id;
  return ctap_status(credentials_.create(slot, stored));
}

// The extensions' answers in authenticator data, nothing where there is none. kHardware, kCorrupt.
Status Authenticator::write_extensions(const MakeCredential& asked, const CredentialSource& source,
                                       const Hash& rp_hash, Writer& out) {
  const Result<Settings> settings = pin_.settings();
  const Result<MinPinRelyingParties> parties = pin_.relying_parties();
  if (!settings.ok() || !parties.ok()) return Status::kHardware;
  CborWriter cbor(out);
  const std::size_t map = cbor.begin_map();
  std::size_t pairs = 0;
  if (asked.extensions.has_cred_blob) {
    cbor.text("credBlob");
    cbor.boolean(source.discoverable && asked.extensions.cred_blob.size() <= kMaxCredBlob);
    ++pairs;
  }
  if (asked.extensions.cred_protect != 0) {
    cbor.text("credProtect");
    cbor.integer(asked.extensions.cred_protect);
    ++pairs;
  }
  if (asked.extensions.hmac_secret) {
    cbor.text("hmac-secret");
    cbor.boolean(true);
    ++pairs;
  }
  if (asked.extensions.min_pin_length && parties.value().contains(rp_hash)) {
    cbor.text("minPinLength");
    cbor.integer(settings.value().min_pin);
    ++pairs;
  }
  cbor.end_map(map, pairs);
  return Status::kOk;
}

CtapStatus Authenticator::write_made(const MakeCredential& asked, const CredentialSource& source,
                                     const CredentialId& id, ByteView authenticator_data, bool enterprise,
                                     Writer& answer) {
  const auto kind = enterprise ? Attestation::Kind::kDevice : Attestation::Kind::kBatch;
  const Result<Hash> hash = sha256({authenticator_data, asked.client_data_hash});
  if (!hash.ok()) return CtapStatus::kOther;
  const Result<KeyOutput> signature = attestation_.sign(kind, hash.value());
  const Result<std::size_t> size = attestation_.certificate_size(kind);
  if (!signature.ok() || !size.ok()) return CtapStatus::kOther;
  CborWriter cbor(answer);
  cbor.map(std::size_t{3} + (enterprise ? 1 : 0) + (source.large_blob_key ? 1 : 0));
  cbor.integer(0x01);
  cbor.text("packed");
  cbor.integer(0x02);
  cbor.bytes(authenticator_data);
  cbor.integer(0x03);
  cbor.map(3);
  cbor.text("alg");
  cbor.integer(kEs256);
  cbor.text("sig");
  cbor.bytes(signature.value().view());
  cbor.text("x5c");
  cbor.array(1);
  cbor.bytes_head(size.value());
  if (attestation_.certificate(kind, answer) != Status::kOk) return CtapStatus::kOther;
  if (enterprise) {
    cbor.integer(0x04);
    cbor.boolean(true);
  }
  if (source.large_blob_key) {
    const Result<DerivedKey> blob_key = credentials_.secret("sceau fido large blob", id);
    if (!blob_key.ok()) return CtapStatus::kOther;
    cbor.integer(0x05);
    cbor.bytes(blob_key.value());
  }
  return CtapStatus::kSuccess;
}

CtapStatus Authenticator::make_credential(const Client& client, ByteView parameters, Writer& answer) {
  MakeCredential asked;
  CtapStatus status = read_make_credential(parameters, asked);
  if (status == CtapStatus::kSuccess) status = require_pin(client, asked.auth);
  if (status != CtapStatus::kSuccess) return status;
  const Result<Settings> settings = pin_.settings();
  const Result<Hash> rp_hash = sha256({as_bytes(asked.rp_id)});
  if (!settings.ok() || !rp_hash.ok()) return CtapStatus::kOther;
  bool uv = false;
  status = check_making(asked, settings.value(), rp_hash.value(), uv);
  if (status == CtapStatus::kSuccess) status = exclude(client, asked, rp_hash.value(), uv);
  if (status == CtapStatus::kSuccess) status = confirm(client, "FIDO: register at", asked.rp_id);
  if (status != CtapStatus::kSuccess) return status;
  token_.consume();

  CredentialSource source;
  CredentialId id{};
  std::uint32_t count = 0;
  PublicKey key;
  status = create(asked, rp_hash.value(), source, id, count, key);
  if (status != CtapStatus::kSuccess) return status;

  std::array<std::uint8_t, 64> extension_buffer{};
  Writer extensions(extension_buffer);
  if (write_extensions(asked, source, rp_hash.value(), extensions) != Status::kOk) return CtapStatus::kOther;
  const bool extended = extensions.size() > 1;  // an empty map is one byte
  const auto flags = static_cast<std::uint8_t>(kUserPresent | kAttestedCredential | (uv ? kUserVerified : 0) |
                                               (extended ? kExtensionData : 0));
  std::array<std::uint8_t, kMaxData> buffer{};
  Writer data(buffer);
  write_data_head(rp_hash.value(), flags, count, data);
  data.bytes(kAaguid);
  data.byte(0);
  data.byte(static_cast<std::uint8_t>(id.size()));
  data.bytes(id);
  write_cose_key(key.bytes.view(), kEs256, data);
  if (extended) data.bytes(extensions.written());
  if (data.overflowed()) return CtapStatus::kOther;
  const bool enterprise = asked.has_enterprise && asked.enterprise == kPlatformManaged;
  return write_made(asked, source, id, data.written(), enterprise, answer);
}

}  // namespace sceau::firmware::fido
