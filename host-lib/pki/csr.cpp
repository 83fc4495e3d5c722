#include "issuing.h"
#include "sceau/pki/authority.h"

namespace sceau::pki {

Result<Csr> read_csr(ByteView der) {
  const RequestHandle request(from_exact_der<X509_REQ>(der, d2i_X509_REQ));
  if (request == nullptr) {
    return Error{ErrorKind::invalid, "reading a certificate request: not one DER PKCS#10: check the file"};
  }
  EVP_PKEY* key = X509_REQ_get0_pubkey(request.get());
  const bool own = key != nullptr && X509_REQ_verify(request.get(), key) == 1;
  ERR_clear_error();
  if (!own) {
    return Error{
        ErrorKind::invalid,
        "reading a certificate request: it is not signed by the key it names: make it again with that key"};
  }
  return Csr{to_der(X509_REQ_get_X509_PUBKEY(request.get()), i2d_X509_PUBKEY),
             name_text(X509_REQ_get_subject_name(request.get()))};
}

Result<Bytes> make_csr(ByteView spki, const Subject& subject, const SignCallback& sign) {
  const auto key = read_p256(spki);
  if (!key) return key.error();
  const auto name = make_name(subject);
  if (!name) return name.error();
  const RequestHandle request(X509_REQ_new());
  if (request == nullptr || X509_REQ_set_version(request.get(), X509_REQ_VERSION_1) != 1 ||
      X509_REQ_set_subject_name(request.get(), name->get()) != 1 ||
      X509_REQ_set_pubkey(request.get(), key->get()) != 1) {
    return openssl_failed("making a certificate request");
  }
  auto bytes = sign_der(to_der(request.get(), i2d_re_X509_REQ_tbs), sign);
  if (!bytes) return bytes;
  if (const auto own = read_csr(*bytes); !own) return own.error();
  return bytes;
}

}  // namespace sceau::pki
