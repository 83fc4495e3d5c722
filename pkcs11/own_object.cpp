#include "own_object.h"

#include <openssl/err.h>

#include <algorithm>
#include <array>
#include <utility>

#include "openssl.h"

namespace sceau::pkcs11 {
namespace {

// What the header's constants are in DER, and as the curve's printable name.
struct Curve {
  token::Algorithm algorithm;
  std::string_view oid;
  std::string_view name;
};
constexpr std::array kCurves{
    Curve{token::Algorithm::p256, std::string_view("\x06\x08\x2A\x86\x48\xCE\x3D\x03\x01\x07", 10),
          "\x13\x0Aprime256v1"},
    Curve{token::Algorithm::p384, std::string_view("\x06\x05\x2B\x81\x04\x00\x22", 7), "\x13\x09secp384r1"},
};

constexpr std::array<std::uint8_t, 3> kF4{0x01, 0x00, 0x01};

void put_default(Attributes& attributes, CK_ATTRIBUTE_TYPE type, bool value) {
  if (!attributes.contains(type)) put_flag(attributes, type, value);
}

Object storage_of(const Attributes& wanted) {
  Object object;
  object.attributes = wanted;
  put_flag(object.attributes, CKA_TOKEN, false);
  for (const CK_ATTRIBUTE_TYPE type : {CKA_MODIFIABLE, CKA_DESTROYABLE})
    put_default(object.attributes, type, true);
  put_default(object.attributes, CKA_PRIVATE, false);
  put_flag(object.attributes, CKA_COPYABLE, false);
  if (!wanted.contains(CKA_LABEL)) put(object.attributes, CKA_LABEL, ByteView());
  return object;
}

Result<token::Algorithm> curve_of(const Attributes& wanted) {
  const auto parameters = wanted.find(CKA_EC_PARAMS);
  if (parameters == wanted.end()) return Failure{CKR_TEMPLATE_INCOMPLETE};
  const std::string_view text = as_text(parameters->second);
  for (const Curve& curve : kCurves)
    if (text == curve.oid || text == curve.name) return curve.algorithm;
  return Failure{CKR_CURVE_NOT_SUPPORTED};
}

Result<token::Algorithm> rsa_of_bits(CK_ULONG bits) {
  if (bits == 2048) return token::Algorithm::rsa_2048;
  if (bits == 3072) return token::Algorithm::rsa_3072;
  return Failure{CKR_KEY_SIZE_RANGE};
}

ByteView without_zeros(ByteView number) {
  while (!number.empty() && number[0] == 0) number = number.subspan(1);
  return number;
}

// A number as long as the card wants it, with zeros in front.
Result<Secret> sized_number(const Attributes& wanted, CK_ATTRIBUTE_TYPE type, std::size_t size) {
  const auto found = wanted.find(type);
  if (found == wanted.end()) return Failure{CKR_TEMPLATE_INCOMPLETE};
  const ByteView number = without_zeros(found->second);
  if (number.empty() || number.size() > size) return Failure{CKR_ATTRIBUTE_VALUE_INVALID};
  Secret sized = Secret::sized(size);
  std::copy(number.begin(), number.end(),
            sized.writable().end() - static_cast<std::ptrdiff_t>(number.size()));
  return sized;
}

Result<token::PrivateKey> rsa_key(const Attributes& wanted) {
  if (!wanted.contains(CKA_MODULUS)) return Failure{CKR_TEMPLATE_INCOMPLETE};
  auto algorithm = rsa_of_bits(without_zeros(wanted.at(CKA_MODULUS)).size() * 8);
  if (!algorithm) return algorithm.failure();
  token::PrivateKey key;
  key.algorithm = *algorithm;
  const std::size_t half = *algorithm == token::Algorithm::rsa_2048 ? 128 : 192;
  const std::array<std::pair<CK_ATTRIBUTE_TYPE, Secret*>, 5> parts{{{CKA_PRIME_1, &key.prime1},
                                                                    {CKA_PRIME_2, &key.prime2},
                                                                    {CKA_EXPONENT_1, &key.exponent1},
                                                                    {CKA_EXPONENT_2, &key.exponent2},
                                                                    {CKA_COEFFICIENT, &key.coefficient}}};
  for (const auto& [type, part] : parts) {
    auto number = sized_number(wanted, type, half);
    if (!number) return number.failure();
    *part = std::move(*number);
  }
  return key;
}

// SubjectPublicKeyInfo of a public key given by its parts; empty when it is none.
Bytes spki_of_parts(const Attributes& wanted) {
  if (const auto info = wanted.find(CKA_PUBLIC_KEY_INFO); info != wanted.end() && !info->second.empty())
    return info->second;
  return number_of(wanted, CKA_KEY_TYPE) == CKK_RSA
             ? spki_of_rsa(bytes_of(wanted, CKA_MODULUS), bytes_of(wanted, CKA_PUBLIC_EXPONENT))
             : spki_of_point(bytes_of(wanted, CKA_EC_PARAMS), bytes_of(wanted, CKA_EC_POINT));
}

Result<Object> own_public_key(const Attributes& wanted) {
  if (!wanted.contains(CKA_KEY_TYPE)) return Failure{CKR_TEMPLATE_INCOMPLETE};
  Object object = storage_of(wanted);
  object.key = read_public_key(spki_of_parts(wanted));
  if (!object.key) return Failure{CKR_ATTRIBUTE_VALUE_INVALID};
  put_public_parts(object.attributes, *object.key);
  put_default(object.attributes, CKA_VERIFY, true);
  put_default(object.attributes, CKA_ENCRYPT, object.key->is_rsa());
  put_flag(object.attributes, CKA_LOCAL, false);
  return object;
}

}  // namespace

Result<Object> make_own_object(const Attributes& wanted) {
  const auto object_class = number_of(wanted, CKA_CLASS);
  if (!object_class) return Failure{CKR_TEMPLATE_INCOMPLETE};
  switch (*object_class) {
    case CKO_DATA:
      return storage_of(wanted);
    case CKO_CERTIFICATE: {
      if (!wanted.contains(CKA_VALUE)) return Failure{CKR_TEMPLATE_INCOMPLETE};
      Object object = storage_of(wanted);
      if (!fill_certificate(object.attributes, wanted.at(CKA_VALUE)))
        return Failure{CKR_ATTRIBUTE_VALUE_INVALID};
      return object;
    }
    case CKO_PUBLIC_KEY:
      return own_public_key(wanted);
    case CKO_SECRET_KEY:
      if (!wanted.contains(CKA_VALUE) || !wanted.contains(CKA_KEY_TYPE))
        return Failure{CKR_TEMPLATE_INCOMPLETE};
      return make_secret_key(wanted, wanted.at(CKA_VALUE));
    default:
      return Failure{CKR_TEMPLATE_INCONSISTENT};
  }
}

Object make_secret_key(const Attributes& wanted, ByteView value) {
  Object object = storage_of(wanted);
  put_number(object.attributes, CKA_CLASS, CKO_SECRET_KEY);
  if (!wanted.contains(CKA_KEY_TYPE)) put_number(object.attributes, CKA_KEY_TYPE, CKK_GENERIC_SECRET);
  put_default(object.attributes, CKA_SENSITIVE, false);
  put_default(object.attributes, CKA_EXTRACTABLE, true);
  for (const CK_ATTRIBUTE_TYPE type : {CKA_LOCAL, CKA_ALWAYS_SENSITIVE, CKA_NEVER_EXTRACTABLE})
    put_flag(object.attributes, type, false);
  put_number(object.attributes, CKA_VALUE_LEN, value.size());
  put(object.attributes, CKA_VALUE, value);
  return object;
}

Result<token::Slot> slot_of_template(const Attributes& wanted) {
  const auto id = wanted.find(CKA_ID);
  if (id == wanted.end() || id->second.empty()) return Failure{CKR_TEMPLATE_INCOMPLETE};
  const auto slot = id->second.size() == 1 ? slot_of_number(id->second[0]) : std::nullopt;
  if (!slot) return Failure{CKR_ATTRIBUTE_VALUE_INVALID};
  return *slot;
}

Result<token::Algorithm> algorithm_of_template(const Attributes& wanted, CK_MECHANISM_TYPE mechanism) {
  if (mechanism == CKM_EC_KEY_PAIR_GEN) return curve_of(wanted);
  const auto bits = number_of(wanted, CKA_MODULUS_BITS);
  if (!bits) return Failure{CKR_TEMPLATE_INCOMPLETE};
  if (const auto exponent = wanted.find(CKA_PUBLIC_EXPONENT); exponent != wanted.end()) {
    const ByteView number = without_zeros(exponent->second);
    if (!std::equal(number.begin(), number.end(), kF4.begin(), kF4.end()))
      return Failure{CKR_ATTRIBUTE_VALUE_INVALID};
  }
  return rsa_of_bits(*bits);
}

Result<token::PinPolicy> pin_policy_of_template(const Attributes& wanted) {
  const bool always = flag_of(wanted, CKA_ALWAYS_AUTHENTICATE);
  const bool open = !flag_of(wanted, CKA_PRIVATE, true);
  const bool on_card = flag_of(wanted, CKA_TOKEN, true);
  if (!on_card || flag_of(wanted, CKA_EXTRACTABLE) || !flag_of(wanted, CKA_SENSITIVE, true) ||
      (always && open))
    return Failure{CKR_TEMPLATE_INCONSISTENT};
  if (always) return token::PinPolicy::always;
  return open ? token::PinPolicy::never : token::PinPolicy::standard;
}

Result<token::PrivateKey> private_key_of_template(const Attributes& wanted) {
  const auto type = number_of(wanted, CKA_KEY_TYPE);
  if (!type) return Failure{CKR_TEMPLATE_INCOMPLETE};
  if (*type == CKK_RSA) return rsa_key(wanted);
  if (*type != CKK_EC) return Failure{CKR_ATTRIBUTE_VALUE_INVALID};
  auto algorithm = curve_of(wanted);
  if (!algorithm) return algorithm.failure();
  auto scalar = sized_number(wanted, CKA_VALUE, *algorithm == token::Algorithm::p256 ? 32 : 48);
  if (!scalar) return scalar.failure();
  token::PrivateKey key;
  key.algorithm = *algorithm;
  key.scalar = std::move(*scalar);
  return key;
}

void wipe_values(Attributes& attributes) {
  for (auto& [type, value] : attributes)
    if (is_secret_type(type)) wipe(value);
}

}  // namespace sceau::pkcs11
