#include "issuing.h"
#include "sceau/pki/authority.h"

namespace sceau::pki {

namespace {

bool add_entry(X509_CRL* crl, const Revoked& revoked) {
  RevokedHandle entry(X509_REVOKED_new());
  const TimeHandle when = to_asn1_time(revoked.time);
  const Bytes serial_der = der(der_integer, revoked.serial);
  const unsigned char* at = serial_der.data();
  const Handle<ASN1_INTEGER, ASN1_INTEGER_free> serial(
      d2i_ASN1_INTEGER(nullptr, &at, static_cast<long>(serial_der.size())));
  if (entry == nullptr || when == nullptr || serial == nullptr ||
      X509_REVOKED_set_serialNumber(entry.get(), serial.get()) != 1 ||
      X509_REVOKED_set_revocationDate(entry.get(), when.get()) != 1) {
    return false;
  }
  if (revoked.reason != RevocationReason::unspecified) {  // RFC 5280 5.3.1: absent rather than unspecified
    const Handle<ASN1_ENUMERATED, ASN1_ENUMERATED_free> reason(ASN1_ENUMERATED_new());
    if (reason == nullptr || ASN1_ENUMERATED_set(reason.get(), static_cast<long>(revoked.reason)) != 1 ||
        X509_REVOKED_add1_ext_i2d(entry.get(), NID_crl_reason, reason.get(), 0, 0) != 1) {
      return false;
    }
  }
  if (X509_CRL_add0_revoked(crl, entry.get()) != 1) return false;
  (void)entry.release();
  return true;
}

bool add_extensions(X509_CRL* crl, const Certificate& authority, std::uint64_t number) {
  const Handle<ASN1_INTEGER, ASN1_INTEGER_free> value(ASN1_INTEGER_new());
  X509V3_CTX context;
  X509V3_set_ctx(&context, authority.handle(), nullptr, nullptr, crl, 0);
  X509V3_set_ctx_nodb(&context);
  const Handle<X509_EXTENSION, X509_EXTENSION_free> identifier(
      X509V3_EXT_nconf_nid(nullptr, &context, NID_authority_key_identifier, "keyid:always"));
  return value != nullptr && ASN1_INTEGER_set_uint64(value.get(), number) == 1 &&
         X509_CRL_add1_ext_i2d(crl, NID_crl_number, value.get(), 0, 0) == 1 && identifier != nullptr &&
         X509_CRL_add_ext(crl, identifier.get(), -1) == 1;
}

}  // namespace

Result<Bytes> issue_crl(const Certificate& authority, const std::vector<Revoked>& revoked,
                        std::uint64_t number, Time this_update, Time next_update, const SignCallback& sign) {
  if (this_update >= next_update) {
    return Error{ErrorKind::invalid, "making a revocation list: its next update must be later than its date"};
  }
  const CrlHandle crl(X509_CRL_new());
  const TimeHandle from = to_asn1_time(this_update);
  const TimeHandle until = to_asn1_time(next_update);
  if (crl == nullptr || from == nullptr || until == nullptr ||
      X509_CRL_set_version(crl.get(), X509_CRL_VERSION_2) != 1 ||
      X509_CRL_set_issuer_name(crl.get(), X509_get_subject_name(authority.handle())) != 1 ||
      X509_CRL_set1_lastUpdate(crl.get(), from.get()) != 1 ||
      X509_CRL_set1_nextUpdate(crl.get(), until.get()) != 1 ||
      !add_extensions(crl.get(), authority, number)) {
    return openssl_failed("making a revocation list");
  }
  for (const Revoked& entry : revoked) {
    if (!add_entry(crl.get(), entry)) return openssl_failed("making a revocation list");
  }
  X509_CRL_sort(crl.get());
  // OpenSSL sets the inner AlgorithmIdentifier only while it signs: a key that is thrown away does.
  const KeyHandle passing(EVP_EC_gen("P-256"));
  if (passing == nullptr || X509_CRL_sign(crl.get(), passing.get(), EVP_sha256()) <= 0)
    return openssl_failed("making a revocation list");
  auto bytes = sign_der(to_der(crl.get(), i2d_re_X509_CRL_tbs), sign);
  if (!bytes) return bytes;
  const auto read = Crl::from_der(*bytes);
  if (!read) return read.error();
  if (auto by_authority = read->check_signature(authority); !by_authority) return by_authority.error();
  return bytes;
}

std::vector<Revoked> revoked_in(const Crl& crl) {
  std::vector<Revoked> all;
  STACK_OF(X509_REVOKED)* entries = X509_CRL_get_REVOKED(crl.handle());
  for (int i = 0; i < sk_X509_REVOKED_num(entries); ++i) {
    const X509_REVOKED* entry = sk_X509_REVOKED_value(entries, i);
    const Bytes serial = to_der(X509_REVOKED_get0_serialNumber(entry), i2d_ASN1_INTEGER);
    Revoked one{to_bytes(DerReader(serial).next(der_integer).value_or(ByteView{})),
                to_time(X509_REVOKED_get0_revocationDate(entry)), RevocationReason::unspecified};
    const Handle<ASN1_ENUMERATED, ASN1_ENUMERATED_free> reason(
        static_cast<ASN1_ENUMERATED*>(X509_REVOKED_get_ext_d2i(entry, NID_crl_reason, nullptr, nullptr)));
    if (reason != nullptr) one.reason = static_cast<RevocationReason>(ASN1_ENUMERATED_get(reason.get()));
    all.push_back(std::move(one));
  }
  return all;
}

}  // namespace sceau::pki
