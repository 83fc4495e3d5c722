// Certificates are built by OpenSSL up to the to-be-signed part; the signature comes from a callback, so the
// outer SEQUENCE is put together here and read back strictly.
#include "sceau/pki/authority.h"

#include "issuing.h"
#include "openssl.h"

namespace sceau::pki {

namespace {

Error cannot_certify(const std::string& what) {
  return {ErrorKind::invalid, "making a certificate: " + what};
}

// What all certificates here have in common. `issuer` is null for self-signed ones.
struct Plan {
  KeyHandle key;
  const Certificate* issuer;
  const Subject& subject;
  Validity validity;
  const char* key_usage;
  const char* basic_constraints;
};

bool add_extension(X509* x509, X509* issuer, int nid, const char* value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, x509, nullptr, nullptr, 0);
  X509V3_set_ctx_nodb(&context);
  const Handle<X509_EXTENSION, X509_EXTENSION_free> extension(
      X509V3_EXT_nconf_nid(nullptr, &context, nid, value));
  return extension != nullptr && X509_add_ext(x509, extension.get(), -1) == 1;
}

bool set_random_serial(X509* x509, Random& random) {
  auto bytes = random.array<16>();
  bytes[0] = static_cast<std::uint8_t>((bytes[0] & 0x7FU) | 0x40U);  // positive, and always 16 octets
  const Handle<BIGNUM, BN_free> number(BN_bin2bn(bytes.data(), bytes.size(), nullptr));
  return number != nullptr && BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(x509)) != nullptr;
}

bool set_dates(X509* x509, Validity validity) {
  const TimeHandle from = to_asn1_time(validity.from);
  const TimeHandle until = to_asn1_time(validity.until);
  return from != nullptr && until != nullptr && X509_set1_notBefore(x509, from.get()) == 1 &&
         X509_set1_notAfter(x509, until.get()) == 1;
}

bool set_extensions(X509* x509, const Plan& plan) {
  X509* issuer = plan.issuer == nullptr ? x509 : plan.issuer->handle();
  return add_extension(x509, issuer, NID_basic_constraints, plan.basic_constraints) &&
         add_extension(x509, issuer, NID_key_usage, plan.key_usage) &&
         add_extension(x509, issuer, NID_subject_key_identifier, "hash") &&
         add_extension(x509, issuer, NID_authority_key_identifier, "keyid:always");
}

Result<Certificate> make(const Plan& plan, const SignCallback& sign, Random& random) {
  if (plan.validity.from >= plan.validity.until)
    return cannot_certify("it would end before it begins: correct the dates");
  const auto name = make_name(plan.subject);
  if (!name) return name.error();
  const X509Handle x509(X509_new());
  if (x509 == nullptr || X509_set_version(x509.get(), X509_VERSION_3) != 1 ||
      !set_random_serial(x509.get(), random) || !set_dates(x509.get(), plan.validity) ||
      X509_set_subject_name(x509.get(), name->get()) != 1 ||
      X509_set_issuer_name(
          x509.get(), plan.issuer == nullptr ? name->get() : X509_get_subject_name(plan.issuer->handle())) !=
          1 ||
      X509_set_pubkey(x509.get(), plan.key.get()) != 1 || !set_extensions(x509.get(), plan)) {
    return openssl_failed("making a certificate");
  }
  set_ecdsa_sha256(const_cast<X509_ALGOR*>(X509_get0_tbs_sigalg(x509.get())));
  const auto der = sign_der(to_der(x509.get(), i2d_re_X509_tbs), sign);
  if (!der) return der.error();
  auto certificate = Certificate::from_der(*der);
  if (!certificate) return certificate;
  const Certificate& signer = plan.issuer == nullptr ? *certificate : *plan.issuer;
  if (X509_verify(certificate->handle(), signer.public_key()) != 1) {
    ERR_clear_error();
    return cannot_certify("the signature is not by the key of \"" + signer.subject_text() +
                          "\": choose that token");
  }
  return certificate;
}

}  // namespace

Result<Certificate> self_sign_authority(ByteView spki, const Subject& subject, Validity validity,
                                        const SignCallback& sign, Random& random) {
  auto key = read_p256(spki);
  if (!key) return key.error();
  return make({std::move(*key), nullptr, subject, validity, "critical,keyCertSign,cRLSign",
               "critical,CA:TRUE,pathlen:0"},
              sign, random);
}

Result<Certificate> issue(const Certificate& authority, ByteView spki, const Subject& subject, KeyUse use,
                          Validity validity, const SignCallback& sign, Random& random) {
  if (use == KeyUse::authority) {
    return Error{ErrorKind::refused, "making a certificate: this authority issues to persons and gates only"};
  }
  if (auto fit = check_key_use(authority, KeyUse::authority); !fit) return fit.error();
  if (validity.from < authority.not_before() || validity.until > authority.not_after()) {
    return Error{ErrorKind::refused, "making a certificate: its dates lie outside the authority's, " +
                                         to_rfc3339(authority.not_before()) + " to " +
                                         to_rfc3339(authority.not_after()) + ": choose others"};
  }
  auto key = read_p256(spki);
  if (!key) return key.error();
  const char* usage = use == KeyUse::login ? "critical,digitalSignature" : "critical,nonRepudiation";
  return make({std::move(*key), &authority, subject, validity, usage, "critical,CA:FALSE"}, sign, random);
}

Result<Certificate> self_signed_gate(const SoftwareKey& key, const std::string& gate, Validity validity,
                                     Random& random) {
  auto spki = read_p256(key.spki());
  if (!spki) return spki.error();
  const Subject subject{gate, gate, ""};
  return make({std::move(*spki), nullptr, subject, validity, "critical,nonRepudiation", "critical,CA:FALSE"},
              key.signer(), random);
}

}  // namespace sceau::pki
