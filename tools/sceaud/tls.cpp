#include "tls.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <unistd.h>

#include <array>
#include <memory>

#include "sceau/base/handle.h"
#include "sceau/base/secret.h"

namespace sceau::sceaud {
namespace {

constexpr long kLife = 3650L * 86400;

Error failed(const std::string& what) {
  ERR_clear_error();
  return {ErrorKind::internal, "making the TLS certificate: " + what + " failed in OpenSSL"};
}

std::string machine_name() {
  std::array<char, 256> name{};
  if (::gethostname(name.data(), name.size() - 1) != 0) return "localhost";
  for (const char c : std::string_view(name.data())) {
    const bool fit =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
    if (!fit) return "localhost";
  }
  return name[0] == '\0' ? "localhost" : name.data();
}

std::string alternative_names(const std::string& listen_host) {
  std::string names = "DNS:localhost,IP:127.0.0.1,IP:::1";
  if (machine_name() != "localhost") names += ",DNS:" + machine_name();
  ASN1_OCTET_STRING* address = a2i_IPADDRESS(listen_host.c_str());
  if (address != nullptr && listen_host != "127.0.0.1" && listen_host != "::1") names += ",IP:" + listen_host;
  ASN1_OCTET_STRING_free(address);
  return names;
}

bool add_extension(X509* certificate, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
  const Handle<X509_EXTENSION, X509_EXTENSION_free> extension(
      X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str()));
  return extension && X509_add_ext(certificate, extension.get(), -1) == 1;
}

bool set_serial(X509* certificate) {
  std::array<unsigned char, 16> bytes{};
  if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1) return false;
  bytes[0] = static_cast<unsigned char>((bytes[0] & 0x7FU) | 0x40U);
  const Handle<BIGNUM, BN_free> number(BN_bin2bn(bytes.data(), static_cast<int>(bytes.size()), nullptr));
  return number && BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate)) != nullptr;
}

Result<Handle<X509, X509_free>> make_certificate(EVP_PKEY* key, const std::string& listen_host, Time now) {
  Handle<X509, X509_free> certificate(X509_new());
  if (!certificate || X509_set_version(certificate.get(), 2) != 1 || !set_serial(certificate.get())) {
    return failed("X509_new");
  }
  const std::string name = "Sceau gate on " + machine_name().substr(0, 40);
  X509_NAME* subject = X509_get_subject_name(certificate.get());
  if (X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8,
                                 reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0) != 1 ||
      X509_set_issuer_name(certificate.get(), subject) != 1 || X509_set_pubkey(certificate.get(), key) != 1) {
    return failed("X509_set_issuer_name");
  }
  if (ASN1_TIME_set(X509_getm_notBefore(certificate.get()), now - 3600) == nullptr ||
      ASN1_TIME_set(X509_getm_notAfter(certificate.get()), now + kLife) == nullptr) {
    return failed("ASN1_TIME_set");
  }
  if (!add_extension(certificate.get(), NID_basic_constraints, "critical,CA:FALSE") ||
      !add_extension(certificate.get(), NID_key_usage, "critical,digitalSignature") ||
      !add_extension(certificate.get(), NID_ext_key_usage, "serverAuth") ||
      !add_extension(certificate.get(), NID_subject_key_identifier, "hash") ||
      !add_extension(certificate.get(), NID_subject_alt_name, alternative_names(listen_host))) {
    return failed("X509_add_ext");
  }
  if (X509_sign(certificate.get(), key, EVP_sha256()) == 0) return failed("X509_sign");
  return certificate;
}

template <typename Writer>
Result<Secret> pem_of(const Writer& writer) {
  const Handle<BIO, BIO_free> out(BIO_new(BIO_s_secmem()));
  if (!out || writer(out.get()) != 1) return failed("writing PEM");
  char* text = nullptr;
  const long size = BIO_get_mem_data(out.get(), &text);
  return Secret(as_bytes({text, static_cast<std::size_t>(size)}));
}

}  // namespace

Status ensure_tls_files(const gate::Home& home, const std::string& listen_host, Time now) {
  std::error_code problem;
  const bool key_there = std::filesystem::exists(home.file("tls.key"), problem);
  const bool certificate_there = std::filesystem::exists(home.file("tls.pem"), problem);
  if (key_there && certificate_there) return {};
  if (certificate_there) {
    return Error{ErrorKind::invalid,
                 "reading the TLS key: " + home.file("tls.key").string() +
                     " is missing: put it back, or remove tls.pem to have both made again"};
  }
  // A key alone is what a first run leaves that was stopped between its two files: both are made again.
  const Handle<EVP_PKEY, EVP_PKEY_free> key(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256"));
  if (!key) return failed("EVP_PKEY_Q_keygen");
  auto certificate = make_certificate(key.get(), listen_host, now);
  if (!certificate) return certificate.error();
  auto key_pem = pem_of([&](BIO* out) {
    return PEM_write_bio_PKCS8PrivateKey(out, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  });
  auto certificate_pem = pem_of([&](BIO* out) { return PEM_write_bio_X509(out, certificate->get()); });
  if (!key_pem) return key_pem.error();
  if (!certificate_pem) return certificate_pem.error();
  if (auto status = write_file(home.file("tls.key"), key_pem->view(), 0600); !status) return status;
  return write_file(home.file("tls.pem"), certificate_pem->view(), 0644);
}

Status configure_tls(SSL_CTX* context, const gate::Home& home) {
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_TICKET | SSL_OP_NO_COMPRESSION);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
  if (SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION) != 1 ||
      SSL_CTX_use_certificate_chain_file(context, home.file("tls.pem").c_str()) != 1 ||
      SSL_CTX_use_PrivateKey_file(context, home.file("tls.key").c_str(), SSL_FILETYPE_PEM) != 1 ||
      SSL_CTX_check_private_key(context) != 1) {
    ERR_clear_error();
    return Error{ErrorKind::invalid, "loading " + home.file("tls.pem").string() +
                                         " and tls.key: they are no certificate and its key: replace both"};
  }
  return {};
}

void ask_for_certificates(SSL_CTX* context) {
  constexpr long kLargestChain = 16384;
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, [](int, X509_STORE_CTX*) { return 1; });
  SSL_CTX_set_max_cert_list(context, kLargestChain);
}

Bytes shown_certificate(const SSL* connection) {
  const X509* certificate = SSL_get0_peer_certificate(connection);
  unsigned char* der = nullptr;
  const int size = certificate == nullptr ? 0 : i2d_X509(certificate, &der);
  if (size <= 0) return {};
  Bytes bytes(der, der + size);
  OPENSSL_free(der);
  return bytes;
}

}  // namespace sceau::sceaud
