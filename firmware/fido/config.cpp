// authenticatorConfig (CTAP 2.1, 6.11).
#include "fido/authenticator.h"

namespace sceau::firmware::fido {

namespace {

enum : std::uint32_t { kEnableEnterpriseAttestation = 0x01, kToggleAlwaysUv = 0x02, kSetMinPinLength = 0x03 };
constexpr std::uint8_t kConfigCommand = 0x0D;

struct MinPinLength {
  bool has_length = false;
  std::uint32_t length = 0;
  bool has_parties = false;
  MinPinRelyingParties parties;
  bool force_change = false;
};

// kInvalidLength: more relying parties than there is room for.
CtapStatus read_parties(CborReader& reader, MinPinLength& into) {
  into.has_parties = true;
  const CtapResult<std::size_t> count = reader.array();
  if (!count.ok()) return count.status();
  if (count.value() > kMaxMinPinRelyingParties) return CtapStatus::kInvalidLength;
  for (; into.parties.count < count.value(); ++into.parties.count) {
    const CtapResult<std::string_view> id = reader.text();
    if (!id.ok()) return id.status();
    const Result<Hash> hash = sha256({as_bytes(id.value())});
    if (!hash.ok()) return CtapStatus::kOther;
    into.parties.hashes[into.parties.count] = hash.value();
  }
  return CtapStatus::kSuccess;
}

CtapStatus read_min_pin_length(ByteView parameters, MinPinLength& into) {
  CborReader reader(parameters);
  return each_member(reader, [&](std::int64_t key) {
    switch (key) {
      case 1:
        into.has_length = true;
        return take(reader.number(), into.length);
      case 2:
        return read_parties(reader, into);
      case 3:
        return take(reader.boolean(), into.force_change);
      default:
        return skip(reader);
    }
  });
}

}  // namespace

CtapStatus Authenticator::config(ByteView parameters) {
  Subcommand asked;
  CtapStatus status = read_subcommand(parameters, asked);
  if (status != CtapStatus::kSuccess) return status;
  if (asked.number < kEnableEnterpriseAttestation || asked.number > kSetMinPinLength) {
    return CtapStatus::kInvalidParameter;
  }
  Result<Settings> settings = pin_.settings();
  if (!settings.ok()) return ctap_status(settings.status());
  // Without a PIN anybody may, but only alwaysUv itself where that is on.
  const bool enforced = settings.value().always_uv && asked.number != kToggleAlwaysUv;
  if (pin_.is_set() || enforced) {
    std::array<std::uint8_t, 34> head{};
    head.fill(0xFF);
    head[32] = kConfigCommand;
    head[33] = static_cast<std::uint8_t>(asked.number);
    status = authorise(asked.auth, kAuthenticatorConfiguration, {head, asked.parameters});
    if (status != CtapStatus::kSuccess) return status;
  }
  switch (asked.number) {
    case kEnableEnterpriseAttestation:
      settings.value().enterprise = true;
      return ctap_status(pin_.write(settings.value()));
    case kToggleAlwaysUv:
      settings.value().always_uv = !settings.value().always_uv;
      return ctap_status(pin_.write(settings.value()));
    default:
      return set_min_pin_length(asked.parameters, settings.value());
  }
}

CtapStatus Authenticator::set_min_pin_length(ByteView parameters, Settings settings) {
  if (parameters.empty()) return CtapStatus::kMissingParameter;
  MinPinLength asked;
  const CtapStatus status = read_min_pin_length(parameters, asked);
  if (status != CtapStatus::kSuccess) return status;
  if (asked.has_length) {
    if (asked.length < settings.min_pin || asked.length > kMaxPin) return CtapStatus::kPinPolicyViolation;
    settings.min_pin = static_cast<std::uint8_t>(asked.length);
  }
  if (asked.force_change && !pin_.is_set()) return CtapStatus::kPinNotSet;
  settings.force_change = settings.force_change || asked.force_change;
  if (pin_.is_set()) {
    const Result<std::uint8_t> length = pin_.length();
    if (!length.ok()) return ctap_status(length.status());
    settings.force_change = settings.force_change || length.value() < settings.min_pin;
  }
  const Status written = pin_.write(settings, asked.has_parties ? &asked.parties : nullptr);
  // A PIN that must be changed opens nothing more.
  if (written == Status::kOk && settings.force_change) token_.end();
  return ctap_status(written);
}

}  // namespace sceau::firmware::fido
