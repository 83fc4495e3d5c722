#include "sceau/token/fido_key.h"

#include <fido/credman.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "fido_certificates.h"
#include "fido_device.h"
#include "sceau/token/fido_places.h"
#include "sceau/token/reader.h"

namespace sceau::token {
namespace {

constexpr std::size_t kShortestPin = 4;

struct CredentialEnd {
  void operator()(fido_cred_t* one) const { fido_cred_free(&one); }
};
struct AssertionEnd {
  void operator()(fido_assert_t* one) const { fido_assert_free(&one); }
};
struct InformationEnd {
  void operator()(fido_cbor_info_t* one) const { fido_cbor_info_free(&one); }
};
struct ResidentEnd {
  void operator()(fido_credman_rk_t* one) const { fido_credman_rk_free(&one); }
};
using ResidentOwner = std::unique_ptr<fido_credman_rk_t, ResidentEnd>;
using CredentialOwner = std::unique_ptr<fido_cred_t, CredentialEnd>;
using AssertionOwner = std::unique_ptr<fido_assert_t, AssertionEnd>;
using InformationOwner = std::unique_ptr<fido_cbor_info_t, InformationEnd>;

FidoPinFault fault_of(int code) {
  switch (code) {
    case FIDO_ERR_PIN_INVALID:
      return FidoPinFault::wrong;
    case FIDO_ERR_PIN_AUTH_BLOCKED:
      return FidoPinFault::pause;
    case FIDO_ERR_PIN_BLOCKED:
      return FidoPinFault::blocked;
    case FIDO_ERR_PIN_NOT_SET:
      return FidoPinFault::not_set;
    case FIDO_ERR_PIN_REQUIRED:
    case FIDO_ERR_PIN_AUTH_INVALID:
    case FIDO_ERR_UV_BLOCKED:
    case FIDO_ERR_UV_INVALID:
      return FidoPinFault::unknown;
    default:
      return FidoPinFault::none;
  }
}

// As C wants it, wiped at the end.
class PinText {
 public:
  explicit PinText(const Secret* pin) {
    if (pin == nullptr) return;
    text_ = Secret::sized(pin->size() + 1);
    std::copy(pin->view().begin(), pin->view().end(), text_.writable().begin());
  }
  [[nodiscard]] const char* get() const {
    return text_.empty() ? nullptr : reinterpret_cast<const char*>(text_.view().data());
  }

 private:
  Secret text_;
};

Bytes copy_of(const unsigned char* data, std::size_t size) {
  return data == nullptr ? Bytes() : Bytes(data, data + size);
}

// libfido2 gives an assertion's authenticator data as the CBOR byte string that came: its content. Empty when
// it is none.
Bytes byte_string(ByteView cbor) {
  constexpr std::uint8_t kShort = 0x40;
  constexpr std::uint8_t kOneByte = 0x58;
  constexpr std::uint8_t kTwoBytes = 0x59;
  std::size_t head = 1;
  std::size_t size = 0;
  if (cbor.empty()) return {};
  if (cbor[0] >= kShort && cbor[0] < kOneByte) {
    size = cbor[0] - kShort;
  } else if (cbor[0] == kOneByte && cbor.size() > 1) {
    head = 2;
    size = cbor[1];
  } else if (cbor[0] == kTwoBytes && cbor.size() > 2) {
    head = 3;
    size = (std::size_t{cbor[1]} << 8U) | cbor[2];
  }
  if (cbor.size() != head + size) return {};
  return to_bytes(cbor.subspan(head));
}

Error no_memory() { return {ErrorKind::unavailable, "there is no memory for a FIDO2 key's answer"}; }

Error malformed(const std::string& name) {
  return {ErrorKind::corrupt, "FIDO2 key \"" + name + "\" leaves out what CTAP2 demands: use another key"};
}

FidoInformation read_information(const fido_cbor_info_t* info, fido_dev_t* device) {
  FidoInformation found;
  found.pin_set = fido_dev_has_pin(device);
  found.verifies_by_itself = fido_dev_has_uv(device);
  char** const names = fido_cbor_info_options_name_ptr(info);
  const bool* const values = fido_cbor_info_options_value_ptr(info);
  for (std::size_t i = 0; i < fido_cbor_info_options_len(info); ++i)
    if (std::string_view(names[i]) == "alwaysUv") found.lists_without_pin = !values[i];
  char** const versions = fido_cbor_info_versions_ptr(info);
  for (std::size_t i = 0; i < fido_cbor_info_versions_len(info); ++i)
    found.protocols.emplace_back(versions[i]);
  if (const auto room = fido_cbor_info_rk_remaining(info); room >= 0) found.room = static_cast<int>(room);
  int left = 0;
  if (found.pin_set && fido_dev_get_retry_count(device, &left) == FIDO_OK) found.tries_left = left;
  return found;
}

// A request for what the key holds, without touch or PIN: what it signs says so, and counts for nothing.
int ask_silently(fido_assert_t* assertion, const std::string& relying_party) {
  const Digest nothing{};
  int code = fido_assert_set_clientdata_hash(assertion, nothing.data(), nothing.size());
  if (code == FIDO_OK) code = fido_assert_set_rp(assertion, relying_party.c_str());
  if (code == FIDO_OK) code = fido_assert_set_up(assertion, FIDO_OPT_FALSE);
  return code;
}

// Who asks: nobody that the key knows; or its user, by the PIN, or by what the key has (no PIN).
struct Asking {
  bool verified = false;
  const char* pin = nullptr;
};

// By an assertion that nobody touches for.
int ask_for_credentials(fido_dev_t* device, const std::string& relying_party, const Asking& who,
                        std::vector<FidoCredential>& found) {
  const AssertionOwner assertion(fido_assert_new());
  if (!assertion) return FIDO_ERR_INTERNAL;
  int code = ask_silently(assertion.get(), relying_party);
  if (code == FIDO_OK && who.verified && who.pin == nullptr)
    code = fido_assert_set_uv(assertion.get(), FIDO_OPT_TRUE);
  if (code == FIDO_OK) code = fido_dev_get_assert(device, assertion.get(), who.pin);
  if (code == FIDO_ERR_NO_CREDENTIALS) return FIDO_OK;
  if (code != FIDO_OK) return code;
  const std::size_t count = fido_assert_count(assertion.get());
  found.reserve(count);
  for (std::size_t i = 0; i < count; ++i)
    found.push_back(
        {copy_of(fido_assert_id_ptr(assertion.get(), i), fido_assert_id_len(assertion.get(), i)),
         copy_of(fido_assert_user_id_ptr(assertion.get(), i), fido_assert_user_id_len(assertion.get(), i))});
  return FIDO_OK;
}

// By credential management: with public keys. Those of other algorithms than ES256 are left out.
int read_credentials(fido_dev_t* device, const std::string& relying_party, const char* pin,
                     std::vector<FidoCredential>& found) {
  constexpr std::size_t kPoint = 64;
  const ResidentOwner list(fido_credman_rk_new());
  if (!list) return FIDO_ERR_INTERNAL;
  const int code = fido_credman_get_dev_rk(device, relying_party.c_str(), list.get(), pin);
  if (code == FIDO_ERR_NO_CREDENTIALS) return FIDO_OK;
  if (code != FIDO_OK) return code;
  const std::size_t count = fido_credman_rk_count(list.get());
  found.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    const fido_cred_t* one = fido_credman_rk(list.get(), i);
    if (fido_cred_type(one) != COSE_ES256 || fido_cred_pubkey_len(one) != kPoint) continue;
    Bytes point{0x04};
    append(point, ByteView(fido_cred_pubkey_ptr(one), kPoint));
    found.push_back({copy_of(fido_cred_id_ptr(one), fido_cred_id_len(one)),
                     copy_of(fido_cred_user_id_ptr(one), fido_cred_user_id_len(one)), std::move(point)});
  }
  return FIDO_OK;
}

int describe(fido_cred_t* credential, const NewFidoCredential& what, bool by_itself) {
  int code = fido_cred_set_type(credential, COSE_ES256);
  const auto& hash = what.client_data;
  if (code == FIDO_OK) code = fido_cred_set_clientdata_hash(credential, hash.data(), hash.size());
  if (code == FIDO_OK)
    code = fido_cred_set_rp(credential, what.relying_party.c_str(), what.relying_party.c_str());
  const char* name = what.name.c_str();
  if (code == FIDO_OK)
    code = fido_cred_set_user(credential, what.user.data(), what.user.size(), name, name, nullptr);
  if (code == FIDO_OK) code = fido_cred_set_rk(credential, FIDO_OPT_TRUE);
  if (code == FIDO_OK && by_itself) code = fido_cred_set_uv(credential, FIDO_OPT_TRUE);
  return code;
}

MadeFidoCredential read_made(const fido_cred_t* credential) {
  MadeFidoCredential made;
  if (const char* format = fido_cred_fmt(credential); format != nullptr) made.format = format;
  made.id = copy_of(fido_cred_id_ptr(credential), fido_cred_id_len(credential));
  made.authenticator_data =
      copy_of(fido_cred_authdata_raw_ptr(credential), fido_cred_authdata_raw_len(credential));
  made.signature = copy_of(fido_cred_sig_ptr(credential), fido_cred_sig_len(credential));
  const ByteView statement(fido_cred_attstmt_ptr(credential), fido_cred_attstmt_len(credential));
  Bytes own = copy_of(fido_cred_x5c_ptr(credential), fido_cred_x5c_len(credential));
  made.certificates = attestation_certificates(statement);
  if (made.certificates.empty() && !own.empty()) made.certificates.push_back(std::move(own));
  return made;
}

int order_assertion(fido_assert_t* assertion, const FidoOrder& order, bool by_itself) {
  const auto& hash = order.client_data;
  int code = fido_assert_set_clientdata_hash(assertion, hash.data(), hash.size());
  if (code == FIDO_OK) code = fido_assert_set_rp(assertion, order.relying_party.c_str());
  if (code == FIDO_OK)
    code = fido_assert_allow_cred(assertion, order.credential.data(), order.credential.size());
  if (code == FIDO_OK && !order.presence) code = fido_assert_set_up(assertion, FIDO_OPT_FALSE);
  if (code == FIDO_OK && by_itself) code = fido_assert_set_uv(assertion, FIDO_OPT_TRUE);
  return code;
}

Status check_pin(const Secret& pin) {
  if (pin.size() >= kShortestPin) return {};
  return Error{ErrorKind::refused, "a FIDO2 key's PIN has 4 characters or more: choose a longer one"};
}

void add_reader_keys(const Readers& readers, std::vector<std::shared_ptr<FidoKey>>& keys) {
  auto all = readers.list();
  if (!all) return;
  for (const ReaderStatus& reader : *all) {
    if (!reader.card_present) continue;
    auto channel = readers.connect(reader.name);
    if (!channel || !(*channel)->begin()) continue;
    const bool speaks = has_fido_application(**channel);
    (*channel)->end();
    if (speaks) keys.push_back(std::make_shared<FidoKey>(std::move(*channel)));
  }
}

}  // namespace

FidoKey::FidoKey(std::unique_ptr<Channel> channel) : channel_(std::move(channel)), name_(channel_->name()) {}

FidoKey::FidoKey(std::string path, std::string name) : path_(std::move(path)), name_(std::move(name)) {}

Result<FidoInformation> FidoKey::information() {
  FidoDevice device;
  if (auto opened = device.open(channel_.get(), path_, name_); !opened) return opened.error();
  const InformationOwner info(fido_cbor_info_new());
  if (!info) return no_memory();
  const int code = fido_dev_get_cbor_info(device.get(), info.get());
  if (code != FIDO_OK) return failed(device, "asking what it is", code);
  return read_information(info.get(), device.get());
}

Error FidoKey::failed(const FidoDevice& device, const std::string& doing, int code) {
  fault_ = fault_of(code);
  return device.failure(doing, code);
}

Result<std::vector<FidoCredential>> FidoKey::credentials(const std::string& relying_party) {
  FidoDevice device;
  if (auto opened = device.open(channel_.get(), path_, name_); !opened) return opened.error();
  std::vector<FidoCredential> found;
  const int code = ask_for_credentials(device.get(), relying_party, {}, found);
  if (code != FIDO_OK) return failed(device, "looking for credentials", code);
  return found;
}

Result<std::vector<FidoCredential>> FidoKey::credentials(const std::string& relying_party,
                                                         const Secret* pin) {
  FidoDevice device;
  if (auto opened = device.open(channel_.get(), path_, name_); !opened) return opened.error();
  std::vector<FidoCredential> found;
  const PinText text(pin);
  const bool manages = fido_dev_supports_credman(device.get());
  const int code = manages ? read_credentials(device.get(), relying_party, text.get(), found)
                           : ask_for_credentials(device.get(), relying_party, {true, text.get()}, found);
  if (code != FIDO_OK) return failed(device, "looking for credentials", code);
  return found;
}

Result<bool> FidoKey::holds(const std::string& relying_party, const Bytes& credential) {
  FidoDevice device;
  if (auto opened = device.open(channel_.get(), path_, name_); !opened) return opened.error();
  const AssertionOwner assertion(fido_assert_new());
  if (!assertion) return no_memory();
  int code = ask_silently(assertion.get(), relying_party);
  if (code == FIDO_OK) code = fido_assert_allow_cred(assertion.get(), credential.data(), credential.size());
  if (code == FIDO_OK) code = fido_dev_get_assert(device.get(), assertion.get(), nullptr);
  if (code == FIDO_ERR_NO_CREDENTIALS || code == FIDO_ERR_INVALID_CREDENTIAL) return false;
  if (code != FIDO_OK) return failed(device, "looking for a credential", code);
  return true;
}

Status FidoKey::set_pin(const Secret& pin) {
  if (auto allowed = check_pin(pin); !allowed) return allowed;
  FidoDevice device;
  if (auto opened = device.open(channel_.get(), path_, name_); !opened) return opened;
  if (fido_dev_has_pin(device.get()))
    return Error{ErrorKind::refused, "FIDO2 key \"" + name_ + "\" has a PIN: only its holder changes it"};
  const PinText text(&pin);
  const int code = fido_dev_set_pin(device.get(), text.get(), nullptr);
  if (code != FIDO_OK) return failed(device, "setting the PIN", code);
  return {};
}

Status FidoKey::change_pin(const Secret& earlier, const Secret& pin) {
  if (auto allowed = check_pin(pin); !allowed) return allowed;
  FidoDevice device;
  if (auto opened = device.open(channel_.get(), path_, name_); !opened) return opened;
  const PinText before(&earlier);
  const PinText text(&pin);
  const int code = fido_dev_set_pin(device.get(), text.get(), before.get());
  if (code != FIDO_OK) return failed(device, "changing the PIN", code);
  return {};
}

Result<MadeFidoCredential> FidoKey::make(const NewFidoCredential& what, const Secret* pin) {
  FidoDevice device;
  if (auto opened = device.open(channel_.get(), path_, name_); !opened) return opened.error();
  const CredentialOwner credential(fido_cred_new());
  if (!credential) return no_memory();
  const PinText text(pin);
  int code = describe(credential.get(), what, pin == nullptr);
  if (code == FIDO_OK) code = fido_dev_make_cred(device.get(), credential.get(), text.get());
  if (code != FIDO_OK) return failed(device, "making a credential", code);
  MadeFidoCredential made = read_made(credential.get());
  if (made.id.empty() || made.authenticator_data.empty()) return malformed(name_);
  return made;
}

Result<FidoAnswer> FidoKey::sign(const FidoOrder& order, const Secret* pin) {
  FidoDevice device;
  if (auto opened = device.open(channel_.get(), path_, name_); !opened) return opened.error();
  const AssertionOwner assertion(fido_assert_new());
  if (!assertion) return no_memory();
  const PinText text(pin);
  int code = order_assertion(assertion.get(), order, pin == nullptr);
  if (code == FIDO_OK) code = fido_dev_get_assert(device.get(), assertion.get(), text.get());
  if (code != FIDO_OK) return failed(device, "signing", code);
  if (fido_assert_count(assertion.get()) != 1) return malformed(name_);
  FidoAnswer answer;
  answer.authenticator_data = byte_string(
      {fido_assert_authdata_ptr(assertion.get(), 0), fido_assert_authdata_len(assertion.get(), 0)});
  answer.signature =
      copy_of(fido_assert_sig_ptr(assertion.get(), 0), fido_assert_sig_len(assertion.get(), 0));
  if (answer.authenticator_data.empty() || answer.signature.empty()) return malformed(name_);
  return answer;
}

std::vector<std::shared_ptr<FidoKey>> fido_keys(const Readers* readers) {
  std::vector<std::shared_ptr<FidoKey>> keys;
  for (FidoPlace& place : fido_places())
    keys.push_back(std::make_shared<FidoKey>(std::move(place.path), std::move(place.name)));
  if (readers != nullptr) add_reader_keys(*readers, keys);
  return keys;
}

}  // namespace sceau::token
