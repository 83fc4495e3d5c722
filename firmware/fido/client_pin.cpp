// authenticatorClientPIN (CTAP 2.1, 6.5). The platform's user verification is the PIN alone: what is for
// built-in verification is kInvalidSubcommand.
#include "fido/authenticator.h"

namespace sceau::firmware::fido {

namespace {

enum : std::uint32_t {
  kGetPinRetries = 0x01,
  kGetKeyAgreement = 0x02,
  kSetPin = 0x03,
  kChangePin = 0x04,
  kGetPinToken = 0x05,
  kGetTokenWithPermissions = 0x09,
};

constexpr std::size_t kPaddedPin = 64;

}  // namespace

CtapStatus Authenticator::client_pin(ByteView parameters, Writer& answer) {
  ClientPinParameters asked;
  const CtapStatus status = read_client_pin(parameters, asked);
  if (status != CtapStatus::kSuccess) return status;
  switch (asked.subcommand) {
    case kGetPinRetries:
      return get_pin_retries(answer);
    case kGetKeyAgreement:
      return get_key_agreement(asked, answer);
    case kSetPin:
      return set_pin(asked);
    case kChangePin:
      return change_pin(asked);
    case kGetPinToken:
      return get_pin_token(asked, false, answer);
    case kGetTokenWithPermissions:
      return get_pin_token(asked, true, answer);
    default:
      return CtapStatus::kInvalidSubcommand;
  }
}

CtapStatus Authenticator::get_pin_retries(Writer& answer) {
  const Result<std::uint8_t> tries = pin_.tries();
  if (!tries.ok()) return ctap_status(tries.status());
  CborWriter cbor(answer);
  cbor.map(2);
  cbor.integer(0x03);
  cbor.integer(tries.value());
  cbor.integer(0x04);
  cbor.boolean(pin_.blocked_until_power());
  return CtapStatus::kSuccess;
}

CtapStatus Authenticator::get_key_agreement(const ClientPinParameters& asked, Writer& answer) {
  constexpr int kEcdhEsHkdf256 = -25;
  if (!asked.has_protocol) return CtapStatus::kMissingParameter;
  if (!is_protocol(asked.protocol)) return CtapStatus::kInvalidParameter;
  const CtapResult<ByteView> point = agreement_.point();
  if (!point.ok()) return point.status();
  CborWriter cbor(answer);
  cbor.map(1);
  cbor.integer(0x01);
  write_cose_key(point.value(), kEcdhEsHkdf256, answer);
  return CtapStatus::kSuccess;
}

CtapStatus Authenticator::store_pin(const SharedSecret& shared, ByteView encrypted) {
  const CtapResult<Decrypted> padded = decrypt(shared, encrypted);
  if (!padded.ok()) return padded.status();
  const ByteView bytes = padded.value().view();
  if (bytes.size() != kPaddedPin) return CtapStatus::kInvalidParameter;
  std::size_t size = bytes.size();
  while (size > 0 && bytes[size - 1] == 0) --size;
  return pin_.replace(bytes.first(size));
}

CtapStatus Authenticator::set_pin(const ClientPinParameters& asked) {
  if (!asked.has_protocol || !asked.key.present || !asked.has_new_pin || !asked.has_param) {
    return CtapStatus::kMissingParameter;
  }
  if (!is_protocol(asked.protocol)) return CtapStatus::kInvalidParameter;
  if (pin_.is_set()) return CtapStatus::kPinAuthInvalid;
  const CtapResult<SharedSecret> shared = agreement_.agree(asked.protocol, asked.key);
  if (!shared.ok()) return shared.status();
  if (!is_authentic(asked.protocol, shared.value().authentication, {asked.new_pin}, asked.param)) {
    return CtapStatus::kPinAuthInvalid;
  }
  return store_pin(shared.value(), asked.new_pin);
}

// Whether the platform knew the PIN. Its key agreement is used up by a wrong one (6.5.5.7).
CtapStatus Authenticator::verify_pin(const SharedSecret& shared, ByteView encrypted) {
  const CtapResult<Decrypted> pin_hash = decrypt(shared, encrypted);
  if (pin_hash.status() == CtapStatus::kOther) return CtapStatus::kOther;
  // What cannot be a PIN is a wrong one, and counts.
  const ByteView compared =
      pin_hash.ok() && pin_hash.value().size == Pin::kPinHash ? pin_hash.value().view() : ByteView();
  const CtapStatus status = pin_.verify(compared);
  if (status != CtapStatus::kSuccess) agreement_.renew();
  return status;
}

CtapStatus Authenticator::change_pin(const ClientPinParameters& asked) {
  if (!asked.has_protocol || !asked.key.present || !asked.has_new_pin || !asked.has_param ||
      !asked.has_pin_hash) {
    return CtapStatus::kMissingParameter;
  }
  if (!is_protocol(asked.protocol)) return CtapStatus::kInvalidParameter;
  if (!pin_.is_set()) return CtapStatus::kPinNotSet;
  const Result<std::uint8_t> tries = pin_.tries();
  if (!tries.ok()) return ctap_status(tries.status());
  if (tries.value() == 0) return CtapStatus::kPinBlocked;
  const CtapResult<SharedSecret> shared = agreement_.agree(asked.protocol, asked.key);
  if (!shared.ok()) return shared.status();
  if (!is_authentic(asked.protocol, shared.value().authentication, {asked.new_pin, asked.pin_hash},
                    asked.param)) {
    return CtapStatus::kPinAuthInvalid;
  }
  CtapStatus status = verify_pin(shared.value(), asked.pin_hash);
  if (status == CtapStatus::kSuccess) status = store_pin(shared.value(), asked.new_pin);
  if (status == CtapStatus::kSuccess) token_.end();
  return status;
}

// What may be asked for with getPinUvAuthTokenUsingPinWithPermissions (6.5.5.7.2), and with getPinToken.
CtapStatus Authenticator::check_permissions(const ClientPinParameters& asked) const {
  constexpr std::uint32_t kForRelyingParty = kMakeCredential | kGetAssertion;
  if (!asked.has_permissions) return CtapStatus::kMissingParameter;
  if (asked.permissions == 0 || asked.permissions > 0xFF) return CtapStatus::kInvalidParameter;
  if ((asked.permissions & ~std::uint32_t{kKnownPermissions}) != 0) {
    return CtapStatus::kUnauthorizedPermission;
  }
  const bool needs_party = (asked.permissions & kForRelyingParty) != 0;
  return needs_party && !asked.has_rp_id ? CtapStatus::kMissingParameter : CtapStatus::kSuccess;
}

CtapStatus Authenticator::get_pin_token(const ClientPinParameters& asked, bool with_permissions,
                                        Writer& answer) {
  if (!asked.has_protocol || !asked.key.present || !asked.has_pin_hash) return CtapStatus::kMissingParameter;
  if (!is_protocol(asked.protocol)) return CtapStatus::kInvalidParameter;
  CtapStatus status = CtapStatus::kSuccess;
  if (with_permissions) {
    status = check_permissions(asked);
  } else if (asked.has_permissions || asked.has_rp_id) {
    status = CtapStatus::kInvalidParameter;
  }
  if (status != CtapStatus::kSuccess) return status;
  if (!pin_.is_set()) return CtapStatus::kPinNotSet;
  const CtapResult<SharedSecret> shared = agreement_.agree(asked.protocol, asked.key);
  if (!shared.ok()) return shared.status();
  status = verify_pin(shared.value(), asked.pin_hash);
  if (status != CtapStatus::kSuccess) return status;
  const Result<Settings> settings = pin_.settings();
  if (!settings.ok()) return ctap_status(settings.status());
  if (settings.value().force_change) return CtapStatus::kPinInvalid;

  // Without permissions in the request: those of CTAP 2.0 (6.5.5.7.1).
  std::uint8_t permissions = kMakeCredential | kGetAssertion;
  Result<Hash> rp_hash = Hash{};
  if (with_permissions) permissions = static_cast<std::uint8_t>(asked.permissions);
  if (asked.has_rp_id) rp_hash = sha256({as_bytes(asked.rp_id)});
  if (!rp_hash.ok()) return CtapStatus::kOther;
  status = token_.begin(board_, asked.protocol, permissions, asked.has_rp_id ? &rp_hash.value() : nullptr);
  if (status != CtapStatus::kSuccess) return status;
  const CtapResult<Encrypted> encrypted = encrypt(board_, shared.value(), token_.bytes());
  if (!encrypted.ok()) return encrypted.status();
  CborWriter cbor(answer);
  cbor.map(1);
  cbor.integer(0x02);
  cbor.bytes(encrypted.value().view());
  return CtapStatus::kSuccess;
}

}  // namespace sceau::firmware::fido
