#include "sceau/pki/attestation.h"

#include <algorithm>
#include <cctype>

#include "openssl.h"

namespace sceau::pki {

namespace {

constexpr const char* firmware_oid = "1.3.6.1.4.1.41482.3.3";
constexpr const char* serial_oid = "1.3.6.1.4.1.41482.3.7";
constexpr const char* policy_oid = "1.3.6.1.4.1.41482.3.8";
constexpr const char* key_policy_oid = "2.25.147696762654192748190812530891524164905";

Error invalid(const std::string& what) { return {ErrorKind::invalid, "checking an attestation: " + what}; }
Error refused(const std::string& what) { return {ErrorKind::refused, "checking an attestation: " + what}; }

Result<std::vector<Certificate>> read_chain(std::span<const Bytes> chain) {
  if (chain.empty())
    return refused("the token's attestation certificate (F9) is missing: read it from the token");
  std::vector<Certificate> all;
  for (const Bytes& der : chain) {
    auto certificate = Certificate::from_der(der);
    if (!certificate) return certificate.error().within("checking an attestation");
    all.push_back(std::move(*certificate));
  }
  return all;
}

Result<std::string> read_serial(const Certificate& leaf) {
  const auto content = leaf.extension(serial_oid);
  if (!content) return invalid("it does not tell the token's serial number: read it again");
  DerReader reader(*content);
  const auto number = reader.next(der_integer);
  if (!number || !reader.done() || number->empty() || number->size() > 8 || (number->front() & 0x80U) != 0) {
    return invalid("its serial number cannot be read: read it again from the token");
  }
  std::uint64_t value = 0;
  for (const std::uint8_t byte : *number) value = (value << 8U) | byte;
  return std::to_string(value);
}

// "9c" from "… Attestation 9c"; empty when the subject says no slot.
std::string read_slot(const Certificate& leaf) {
  std::string name = leaf.common_name();
  const auto found = name.rfind("Attestation ");
  if (found == std::string::npos || name.size() != found + 14) return {};
  std::string slot = name.substr(found + 12);
  if (!std::all_of(slot.begin(), slot.end(), [](unsigned char c) { return std::isxdigit(c) != 0; }))
    return {};
  std::transform(slot.begin(), slot.end(), slot.begin(), [](unsigned char c) { return std::tolower(c); });
  return slot;
}

}  // namespace

Status check_attestation_path(const Certificate& leaf, std::span<const Certificate> chain,
                              std::span<const Certificate> roots, Time at) {
  const StoreHandle store(X509_STORE_new());
  const CertificatesHandle untrusted(sk_X509_new_null());
  const PathContextHandle context(X509_STORE_CTX_new());
  for (const Certificate& root : roots) X509_STORE_add_cert(store.get(), root.handle());
  for (const Certificate& certificate : chain) sk_X509_push(untrusted.get(), certificate.handle());
  if (context == nullptr ||
      X509_STORE_CTX_init(context.get(), store.get(), leaf.handle(), untrusted.get()) != 1) {
    return openssl_failed("checking an attestation");
  }
  X509_VERIFY_PARAM* parameters = X509_STORE_CTX_get0_param(context.get());
  X509_VERIFY_PARAM_set_flags(parameters, X509_V_FLAG_PARTIAL_CHAIN);
  X509_VERIFY_PARAM_set_time(parameters, at);
  X509_VERIFY_PARAM_set_depth(parameters, 4);
  const bool holds = X509_verify_cert(context.get()) == 1;
  ERR_clear_error();
  if (holds) return {};
  return refused("\"" + leaf.subject_text() + "\" has no path to a configured attestation root (" +
                 X509_verify_cert_error_string(X509_STORE_CTX_get_error(context.get())) +
                 "): use a token whose maker is trusted here");
}

Result<Attested> check_attestation(ByteView attestation, std::span<const Bytes> chain,
                                   std::span<const Certificate> roots, Time at) {
  const auto leaf = Certificate::from_der(attestation);
  if (!leaf) return leaf.error().within("checking an attestation");
  const auto certificates = read_chain(chain);
  if (!certificates) return certificates.error();
  const Certificate& device = certificates->front();
  if (X509_verify(leaf->handle(), device.public_key()) != 1 || leaf->issuer_name() != device.subject_name()) {
    ERR_clear_error();
    return refused("\"" + leaf->subject_text() +
                   "\" is software-made: no token's attestation key signed it: make the key in a token");
  }
  const auto policy = leaf->extension(policy_oid);
  const auto firmware = leaf->extension(firmware_oid);
  if (leaf->is_ca() || !policy || policy->size() != 2 || !firmware || firmware->size() != 3) {
    return invalid("\"" + leaf->subject_text() +
                   "\" lacks firmware version or policies: read it again from the token");
  }
  if (auto trusted = check_attestation_path(*leaf, *certificates, roots, at); !trusted)
    return trusted.error();
  const auto serial = read_serial(*leaf);
  if (!serial) return serial.error();
  const std::string slot = read_slot(*leaf);
  if (slot.empty())
    return invalid("\"" + leaf->subject_text() + "\" does not name a slot: read it again from the token");
  const auto part = [&firmware](std::size_t i) { return std::to_string(firmware->at(i)); };
  Attested attested{
      *serial, leaf->spki(), policy->at(0), policy->at(1), part(0) + "." + part(1) + "." + part(2), slot, {}};
  auto key_policy = attested_key_policy(attestation);
  if (!key_policy) return key_policy.error();
  attested.clear_sign = std::move(*key_policy);
  return attested;
}

Status check_device_signature(const Certificate& device, ByteView message, ByteView signature) {
  const DigestContextHandle context(EVP_MD_CTX_new());
  if (context == nullptr) return openssl_failed("checking a token's signature");
  const bool good =
      EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, device.public_key()) == 1 &&
      EVP_DigestVerify(context.get(), signature.data(), signature.size(), message.data(), message.size()) ==
          1;
  ERR_clear_error();
  if (good) return {};
  return refused("\"" + device.subject_text() + "\" did not sign this: read it again from the token");
}

Result<std::optional<KeyPolicy>> attested_key_policy(ByteView attestation) {
  const auto leaf = Certificate::from_der(attestation);
  if (!leaf) return leaf.error().within("checking an attestation");
  const auto extension = leaf->extension(key_policy_oid);
  if (!extension) return std::optional<KeyPolicy>();
  auto policy = read_key_policy(*extension);
  if (!policy) return policy.error().within("checking an attestation");
  return std::optional<KeyPolicy>(std::move(*policy));
}

}  // namespace sceau::pki
