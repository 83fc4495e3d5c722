#include "issuing.h"

namespace sceau::pki {

Result<KeyHandle> read_p256(ByteView spki) {
  KeyHandle key(from_exact_der<EVP_PKEY>(spki, d2i_PUBKEY));
  char group[32] = {};
  if (key == nullptr || EVP_PKEY_get_group_name(key.get(), group, sizeof group, nullptr) != 1 ||
      std::string_view(group) != "prime256v1") {
    ERR_clear_error();
    return Error{ErrorKind::invalid,
                 "reading a public key: not a P-256 SubjectPublicKeyInfo: make a P-256 key"};
  }
  return key;
}

Result<NameHandle> make_name(const Subject& subject) {
  NameHandle name(X509_NAME_new());
  const auto add = [&name](int nid, const std::string& value) {
    return value.empty() || X509_NAME_add_entry_by_NID(name.get(), nid, MBSTRING_UTF8,
                                                       reinterpret_cast<const unsigned char*>(value.data()),
                                                       static_cast<int>(value.size()), -1, 0) == 1;
  };
  if (name == nullptr || subject.name.empty() || !add(NID_organizationName, subject.organisation) ||
      !add(NID_serialNumber, subject.person) || !add(NID_commonName, subject.name)) {
    ERR_clear_error();
    return Error{ErrorKind::invalid,
                 "naming \"" + subject.name +
                     "\" in a certificate: a name has 1 to 64 characters, an id plain ASCII: shorten it"};
  }
  return name;
}

void set_ecdsa_sha256(X509_ALGOR* algorithm) {
  X509_ALGOR_set0(algorithm, OBJ_nid2obj(NID_ecdsa_with_SHA256), V_ASN1_UNDEF, nullptr);
}

Result<Bytes> sign_der(const Bytes& to_be_signed, const SignCallback& sign) {
  const auto signature = sign(to_be_signed);
  if (!signature) return signature.error();
  const Handle<X509_ALGOR, X509_ALGOR_free> algorithm(X509_ALGOR_new());
  if (to_be_signed.empty() || algorithm == nullptr) {
    return openssl_failed("making what is to be signed");
  }
  set_ecdsa_sha256(algorithm.get());
  const Bytes identifier = to_der(algorithm.get(), i2d_X509_ALGOR);
  const Bytes unused_bits{0};
  const Bytes bit_string = der(der_bit_string, {unused_bits, *signature});
  return der(der_sequence, {to_be_signed, identifier, bit_string});
}

}  // namespace sceau::pki
