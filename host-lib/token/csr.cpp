#include "sceau/token/csr.h"

#include <openssl/err.h>

#include "openssl.h"

namespace sceau::token {
namespace {

using RequestOwner = Handle<X509_REQ, X509_REQ_free>;
using AlgorithmOwner = Handle<X509_ALGOR, X509_ALGOR_free>;
using BitStringOwner = Handle<ASN1_BIT_STRING, ASN1_BIT_STRING_free>;

Error failed(const std::string& what) {
  ERR_clear_error();
  return {ErrorKind::internal, "cannot make a certification request: OpenSSL failed on " + what};
}

template <typename Encode>
Bytes encoded(Encode encode) {
  const int size = encode(nullptr);
  if (size <= 0) return {};
  Bytes out(static_cast<std::size_t>(size));
  unsigned char* at = out.data();
  encode(&at);
  return out;
}

Status fill_subject(X509_REQ* request, const std::vector<NameAttribute>& subject) {
  X509_NAME* name = X509_REQ_get_subject_name(request);
  for (const NameAttribute& attribute : subject) {
    const auto* value = reinterpret_cast<const unsigned char*>(attribute.value.data());
    if (X509_NAME_add_entry_by_txt(name, attribute.type.c_str(), MBSTRING_UTF8, value,
                                   static_cast<int>(attribute.value.size()), -1, 0) != 1) {
      ERR_clear_error();
      return Error{ErrorKind::invalid, "cannot put \"" + attribute.value +
                                           "\" into a certificate's name as " + attribute.type +
                                           ": check its characters and length"};
    }
  }
  return {};
}

Status set_signature(X509_REQ* request, ByteView signature) {
  const AlgorithmOwner algorithm(X509_ALGOR_new());
  if (!algorithm ||
      X509_ALGOR_set0(algorithm.get(), OBJ_nid2obj(NID_ecdsa_with_SHA256), V_ASN1_UNDEF, nullptr) != 1 ||
      X509_REQ_set1_signature_algo(request, algorithm.get()) != 1)
    return failed("its signature algorithm");
  BitStringOwner bits(ASN1_BIT_STRING_new());
  if (!bits || ASN1_BIT_STRING_set(bits.get(), const_cast<unsigned char*>(signature.data()),
                                   static_cast<int>(signature.size())) != 1)
    return failed("its signature");
  // A signature is whole bytes: without this, trailing zero bits would be cut off.
  bits->flags &= ~(ASN1_STRING_FLAG_BITS_LEFT | 0x07L);
  bits->flags |= ASN1_STRING_FLAG_BITS_LEFT;
  X509_REQ_set0_signature(request, bits.release());
  return {};
}

}  // namespace

Result<Bytes> certificate_request(ByteView public_key, const std::vector<NameAttribute>& subject,
                                  const SignBytes& sign) {
  const KeyOwner key = key_from_spki(public_key);
  if (!curve_of(key.get()))
    return Error{ErrorKind::invalid,
                 "cannot make a certification request: the key is neither P-256 nor P-384"};
  const RequestOwner request(X509_REQ_new());
  if (!request || X509_REQ_set_version(request.get(), 0) != 1 ||
      X509_REQ_set_pubkey(request.get(), key.get()) != 1)
    return failed("its key");
  if (auto filled = fill_subject(request.get(), subject); !filled) return filled.error();
  const Bytes to_be_signed =
      encoded([&](unsigned char** at) { return i2d_re_X509_REQ_tbs(request.get(), at); });
  if (to_be_signed.empty()) return failed("its content");
  auto signature = sign(to_be_signed);
  if (!signature) return signature.error();
  if (auto set = set_signature(request.get(), *signature); !set) return set.error();
  if (X509_REQ_verify(request.get(), key.get()) != 1) {
    ERR_clear_error();
    return Error{ErrorKind::corrupt,
                 "the certification request's signature does not fit its key: use the token that holds it"};
  }
  Bytes out = encoded([&](unsigned char** at) { return i2d_X509_REQ(request.get(), at); });
  if (out.empty()) return failed("its encoding");
  return out;
}

}  // namespace sceau::token
