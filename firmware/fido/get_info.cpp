// authenticatorGetInfo (CTAP 2.1, 6.4).
#include "fido/authenticator.h"

namespace sceau::firmware::fido {

namespace {

void write_versions(bool u2f, Writer& answer) {
  CborWriter cbor(answer);
  cbor.integer(0x01);
  cbor.array(u2f ? 3 : 2);
  if (u2f) cbor.text("U2F_V2");
  cbor.text("FIDO_2_0");
  cbor.text("FIDO_2_1");
}

void write_extension_names(Writer& answer) {
  CborWriter cbor(answer);
  cbor.integer(0x02);
  cbor.array(5);
  for (const std::string_view name :
       {"credBlob", "credProtect", "hmac-secret", "largeBlobKey", "minPinLength"}) {
    cbor.text(name);
  }
}

void write_options(const Settings& settings, bool pin_set, Writer& answer) {
  const struct {
    std::string_view name;
    bool value;
  } options[] = {{"ep", settings.enterprise},
                 {"rk", true},
                 {"up", true},
                 {"alwaysUv", settings.always_uv},
                 {"credMgmt", true},
                 {"authnrCfg", true},
                 {"clientPin", pin_set},
                 {"largeBlobs", true},
                 {"pinUvAuthToken", true},
                 {"setMinPINLength", true},
                 {"makeCredUvNotRqd", !settings.always_uv}};
  CborWriter cbor(answer);
  cbor.integer(0x04);
  cbor.map(std::size(options));
  for (const auto& option : options) {
    cbor.text(option.name);
    cbor.boolean(option.value);
  }
}

void write_lists(Writer& answer) {
  CborWriter cbor(answer);
  cbor.integer(0x09);  // transports
  cbor.array(2);
  cbor.text("usb");
  cbor.text("smart-card");
  cbor.integer(0x0A);  // algorithms
  cbor.array(1);
  cbor.map(2);
  cbor.text("alg");
  cbor.integer(kEs256);
  cbor.text("type");
  cbor.text("public-key");
}

}  // namespace

CtapStatus Authenticator::get_info(Writer& answer) {
  const Result<Settings> settings = pin_.settings();
  if (!settings.ok()) return ctap_status(settings.status());
  CborWriter cbor(answer);
  const std::size_t map = cbor.begin_map();
  std::size_t pairs = 0;
  const auto number = [&](int key, std::size_t value) {
    cbor.integer(key);
    cbor.integer(static_cast<std::int64_t>(value));
    ++pairs;
  };
  write_versions(!settings.value().always_uv, answer);
  write_extension_names(answer);
  cbor.integer(0x03);
  cbor.bytes(kAaguid);
  write_options(settings.value(), pin_.is_set(), answer);
  number(0x05, kMaxMessage);
  cbor.integer(0x06);  // PIN protocols, the preferred one first
  cbor.array(2);
  cbor.integer(kProtocolTwo);
  cbor.integer(kProtocolOne);
  number(0x07, kMaxListed);
  number(0x08, kCredentialId);
  write_lists(answer);
  number(0x0B, kMaxLargeBlobs);
  cbor.integer(0x0C);
  cbor.boolean(settings.value().force_change);
  number(0x0D, settings.value().min_pin);
  number(0x0E, kFirmwareVersion);
  number(0x0F, kMaxCredBlob);
  number(0x10, kMaxMinPinRelyingParties);
  number(0x14, credentials_.remaining());
  constexpr std::size_t kOthers = 8;  // not numbers: 01, 02, 03, 04, 06, 09, 0A, 0C
  cbor.end_map(map, pairs + kOthers);
  return CtapStatus::kSuccess;
}

}  // namespace sceau::firmware::fido
