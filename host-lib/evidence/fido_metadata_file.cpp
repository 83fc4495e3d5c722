// The service's file: a JWS over JSON that others write.
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <nlohmann/json.hpp>

#include "ecdsa.h"
#include "sceau/evidence/fido_metadata.h"
#include "sceau/pki/attestation.h"

namespace sceau::evidence {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kMostCertificates = 8;
constexpr std::size_t kLargestCertificate = 16384;
constexpr std::size_t kMostReports = 256;
constexpr std::size_t kRawSignature = 64;  // of ES256: r || s

// FIDO Metadata Service, 3.1.4: whoever has one of these in her hand may not be who she says.
constexpr std::array<std::string_view, 5> kTroubles{
    "REVOKED", "USER_VERIFICATION_BYPASS", "ATTESTATION_KEY_COMPROMISE", "USER_KEY_REMOTE_COMPROMISE",
    "USER_KEY_PHYSICAL_COMPROMISE"};

Error malformed(const std::string& what) {
  return {ErrorKind::invalid, "reading FIDO metadata: " + what + ": fetch the file again"};
}
Error distrusted(const std::string& what) { return {ErrorKind::refused, "checking FIDO metadata: " + what}; }

// RFC 7515, appendix C: base64url without padding.
Result<Bytes> from_base64url(std::string_view text) {
  std::string plain(text);
  if (plain.find_first_of("+/=") != std::string::npos) return malformed("a part is no base64url");
  std::ranges::replace(plain, '-', '+');
  std::ranges::replace(plain, '_', '/');
  plain.append((4 - plain.size() % 4) % 4, '=');
  return from_base64(plain);
}

Result<Json> parse(ByteView bytes) {
  Json json = Json::parse(bytes.begin(), bytes.end(), nullptr, false);
  if (json.is_discarded() || !json.is_object()) return malformed("it holds no JSON object");
  return json;
}

// A text of an object; empty where it has none.
std::string text_in(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

const Json* list_in(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_array() ? &*found : nullptr;
}

// Certificates in base64, with white space here and there.
Result<pki::Certificate> certificate_in(const Json& item) {
  if (!item.is_string()) return malformed("a certificate is no text");
  std::string text = item.get<std::string>();
  std::erase_if(text, [](char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; });
  auto der = from_base64(text);
  if (!der) return malformed("a certificate is no base64");
  if (der->size() > kLargestCertificate) return malformed("a certificate is too long");
  return pki::Certificate::from_der(*der);
}

Result<std::vector<pki::Certificate>> certificates_in(const Json& object, const char* name,
                                                      std::size_t most) {
  std::vector<pki::Certificate> found;
  const Json* list = list_in(object, name);
  if (list == nullptr) return found;
  if (list->size() > most) return malformed(std::string("too many certificates in ") + name);
  found.reserve(list->size());
  for (const Json& item : *list) {
    auto certificate = certificate_in(item);
    if (!certificate) return certificate.error();
    found.push_back(std::move(*certificate));
  }
  return found;
}

bool signed_rs256(EVP_PKEY* key, ByteView message, ByteView signature) {
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  const bool good = EVP_PKEY_is_a(key, "RSA") == 1 && EVP_PKEY_get_bits(key) >= 2048 &&
                    EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, key) == 1 &&
                    EVP_DigestVerify(context.get(), signature.data(), signature.size(), message.data(),
                                     message.size()) == 1;
  ERR_clear_error();
  return good;
}

bool signed_es256(EVP_PKEY* key, ByteView message, ByteView signature) {
  if (EVP_PKEY_is_a(key, "EC") != 1 || EVP_PKEY_get_bits(key) != 256 || signature.size() != kRawSignature)
    return false;
  const std::unique_ptr<ECDSA_SIG, decltype(&ECDSA_SIG_free)> pair(ECDSA_SIG_new(), ECDSA_SIG_free);
  BIGNUM* r = BN_bin2bn(signature.data(), kRawSignature / 2, nullptr);
  BIGNUM* s = BN_bin2bn(signature.data() + kRawSignature / 2, kRawSignature / 2, nullptr);
  if (!pair || ECDSA_SIG_set0(pair.get(), r, s) != 1) {
    BN_free(r);
    BN_free(s);
    return false;
  }
  std::uint8_t* der = nullptr;
  const int size = i2d_ECDSA_SIG(pair.get(), &der);
  const bool good = size > 0 && made_by(key, message, ByteView(der, static_cast<std::size_t>(size)));
  OPENSSL_free(der);
  return good;
}

// Who signed, and that these may: a path to a root, and the service's own name.
Status check_signer(const Json& header, ByteView message, ByteView signature,
                    std::span<const pki::Certificate> roots, Time at, std::string_view host) {
  auto chain = certificates_in(header, "x5c", kMostCertificates);
  if (!chain) return chain.error();
  if (chain->empty()) return malformed("it names no certificate (x5c)");
  const pki::Certificate& own = chain->front();
  if (X509_check_host(own.handle(), host.data(), host.size(), 0, nullptr) != 1)
    return distrusted("\"" + own.subject_text() + "\" signed it, and is not " + std::string(host));
  if (auto trusted = pki::check_attestation_path(own, *chain, roots, at); !trusted) return trusted;
  const std::string algorithm = text_in(header, "alg");
  const bool good = algorithm == "RS256"   ? signed_rs256(own.public_key(), message, signature)
                    : algorithm == "ES256" ? signed_es256(own.public_key(), message, signature)
                                           : false;
  if (good) return {};
  return distrusted("\"" + own.subject_text() + "\" did not sign it (" + algorithm +
                    "): it was changed on its way");
}

Result<Aaguid> read_aaguid(const std::string& text) {
  std::string digits = text;
  std::erase(digits, '-');
  const auto bytes = from_hex(digits);
  Aaguid aaguid{};
  if (text.size() != 36 || !bytes || bytes->size() != aaguid.size()) return malformed("an AAGUID is none");
  std::ranges::copy(*bytes, aaguid.begin());
  return aaguid;
}

// Any report counts, also an old one: what was compromised is in people's hands.
Result<std::string> trouble_in(const Json& entry) {
  const Json* reports = list_in(entry, "statusReports");
  if (reports == nullptr) return std::string();
  if (reports->size() > kMostReports) return malformed("too many status reports");
  for (const Json& report : *reports) {
    const std::string status = report.is_object() ? text_in(report, "status") : std::string();
    if (std::ranges::find(kTroubles, status) != kTroubles.end()) return status;
  }
  return std::string();
}

Status read_entry(const Json& entry, FidoMetadata& metadata) {
  if (!entry.is_object()) return malformed("an entry is no object");
  const std::string name = text_in(entry, "aaguid");
  if (name.empty()) return {};  // a U2F key, or UAF
  auto aaguid = read_aaguid(name);
  if (!aaguid) return aaguid.error();
  auto trouble = trouble_in(entry);
  if (!trouble) return trouble.error();
  FidoModel model{{}, std::move(*trouble)};
  const auto statement = entry.find("metadataStatement");
  if (statement != entry.end() && statement->is_object()) {
    auto roots = certificates_in(*statement, "attestationRootCertificates", max_model_roots);
    if (!roots) return roots.error().within("model " + name);
    model.roots = std::move(*roots);
  }
  if (!metadata.models.emplace(*aaguid, std::move(model)).second)
    return malformed("model " + name + " is listed twice");
  if (metadata.models.size() > max_metadata_models) return malformed("too many models");
  return {};
}

// A date, as the service writes it: good until that day begins.
Result<Time> read_date(const std::string& text) {
  auto time = from_rfc3339(text + "T00:00:00Z");
  if (!time) return malformed("nextUpdate is no date");
  return *time;
}

Result<FidoMetadata> read_payload(ByteView payload) {
  auto json = parse(payload);
  if (!json) return json.error();
  FidoMetadata metadata;
  const auto number = json->find("no");
  if (number == json->end() || !number->is_number_unsigned()) return malformed("it has no number");
  metadata.number =
      static_cast<std::int64_t>(std::min<std::uint64_t>(number->get<std::uint64_t>(), 1U << 30U));
  auto next = read_date(text_in(*json, "nextUpdate"));
  if (!next) return next.error();
  metadata.next_update = *next;
  const Json* entries = list_in(*json, "entries");
  if (entries == nullptr) return malformed("it has no entries");
  for (const Json& entry : *entries)
    if (auto read = read_entry(entry, metadata); !read) return read.error();
  return metadata;
}

}  // namespace

Result<FidoMetadata> read_metadata_file(ByteView file, std::span<const pki::Certificate> roots, Time at,
                                        std::string_view host) {
  if (file.size() > max_metadata_file_bytes) return malformed("it is too large");
  std::string_view text = as_text(file);
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.remove_suffix(1);
  const std::size_t first = text.find('.');
  const std::size_t second = first == std::string_view::npos ? first : text.find('.', first + 1);
  if (second == std::string_view::npos || text.find('.', second + 1) != std::string_view::npos)
    return malformed("it is no JWS in the compact form");
  auto header = from_base64url(text.substr(0, first));
  auto payload = from_base64url(text.substr(first + 1, second - first - 1));
  auto signature = from_base64url(text.substr(second + 1));
  if (!header || !payload || !signature) return malformed("a part is no base64url");
  auto said = parse(*header);
  if (!said) return said.error();
  auto good = check_signer(*said, as_bytes(text.substr(0, second)), *signature, roots, at, host);
  if (!good) return good.error();
  auto metadata = read_payload(*payload);
  if (metadata && at >= metadata->next_update)
    return distrusted("its next update was due on " + to_rfc3339(metadata->next_update) +
                      ": fetch the file anew");
  return metadata;
}

}  // namespace sceau::evidence
