#include "attributes.h"

#include <algorithm>
#include <cstring>

namespace sceau::pkcs11 {
namespace {

enum class Form { bytes, flag, number };

Form form_of(CK_ATTRIBUTE_TYPE type) {
  switch (type) {
    case CKA_TOKEN:
    case CKA_PRIVATE:
    case CKA_TRUSTED:
    case CKA_SENSITIVE:
    case CKA_ENCRYPT:
    case CKA_DECRYPT:
    case CKA_WRAP:
    case CKA_UNWRAP:
    case CKA_SIGN:
    case CKA_SIGN_RECOVER:
    case CKA_VERIFY:
    case CKA_VERIFY_RECOVER:
    case CKA_DERIVE:
    case CKA_EXTRACTABLE:
    case CKA_LOCAL:
    case CKA_NEVER_EXTRACTABLE:
    case CKA_ALWAYS_SENSITIVE:
    case CKA_MODIFIABLE:
    case CKA_COPYABLE:
    case CKA_DESTROYABLE:
    case CKA_ALWAYS_AUTHENTICATE:
    case CKA_WRAP_WITH_TRUSTED:
      return Form::flag;
    case CKA_CLASS:
    case CKA_CERTIFICATE_TYPE:
    case CKA_CERTIFICATE_CATEGORY:
    case CKA_KEY_TYPE:
    case CKA_MODULUS_BITS:
    case CKA_VALUE_LEN:
    case CKA_KEY_GEN_MECHANISM:
    case CKA_PROFILE_ID:
      return Form::number;
    default:
      return Form::bytes;
  }
}

bool has_right_size(CK_ATTRIBUTE_TYPE type, CK_ULONG size) {
  const Form form = form_of(type);
  return form == Form::bytes || size == (form == Form::flag ? sizeof(CK_BBOOL) : sizeof(CK_ULONG));
}

Status write_one(const Attributes& object, bool sensitive, CK_ATTRIBUTE& asked) {
  const auto found = object.find(asked.type);
  if (sensitive && is_secret_type(asked.type)) {
    asked.ulValueLen = CK_UNAVAILABLE_INFORMATION;
    return Failure{CKR_ATTRIBUTE_SENSITIVE};
  }
  if (found == object.end()) {
    asked.ulValueLen = CK_UNAVAILABLE_INFORMATION;
    return Failure{CKR_ATTRIBUTE_TYPE_INVALID};
  }
  const Bytes& value = found->second;
  if (asked.pValue == nullptr) {
    asked.ulValueLen = value.size();
    return {};
  }
  if (asked.ulValueLen < value.size()) {
    asked.ulValueLen = CK_UNAVAILABLE_INFORMATION;
    return Failure{CKR_BUFFER_TOO_SMALL};
  }
  if (!value.empty()) std::memcpy(asked.pValue, value.data(), value.size());
  asked.ulValueLen = value.size();
  return {};
}

}  // namespace

void put(Attributes& attributes, CK_ATTRIBUTE_TYPE type, ByteView value) {
  attributes[type] = to_bytes(value);
}

void put(Attributes& attributes, CK_ATTRIBUTE_TYPE type, std::string_view text) {
  put(attributes, type, as_bytes(text));
}

void put_flag(Attributes& attributes, CK_ATTRIBUTE_TYPE type, bool value) {
  attributes[type] = Bytes{static_cast<std::uint8_t>(value ? CK_TRUE : CK_FALSE)};
}

void put_number(Attributes& attributes, CK_ATTRIBUTE_TYPE type, CK_ULONG value) {
  Bytes bytes(sizeof value);
  std::memcpy(bytes.data(), &value, sizeof value);
  attributes[type] = std::move(bytes);
}

std::optional<CK_ULONG> number_of(const Attributes& attributes, CK_ATTRIBUTE_TYPE type) {
  const auto found = attributes.find(type);
  CK_ULONG value = 0;
  if (found == attributes.end() || found->second.size() != sizeof value) return std::nullopt;
  std::memcpy(&value, found->second.data(), sizeof value);
  return value;
}

bool flag_of(const Attributes& attributes, CK_ATTRIBUTE_TYPE type, bool otherwise) {
  const auto found = attributes.find(type);
  if (found == attributes.end() || found->second.size() != 1) return otherwise;
  return found->second[0] != CK_FALSE;
}

ByteView bytes_of(const Attributes& attributes, CK_ATTRIBUTE_TYPE type) {
  const auto found = attributes.find(type);
  return found == attributes.end() ? ByteView() : ByteView(found->second);
}

Result<Attributes> read_template(const CK_ATTRIBUTE* attributes, CK_ULONG count) {
  if (attributes == nullptr && count != 0) return Failure{CKR_ARGUMENTS_BAD};
  Attributes read;
  for (const CK_ATTRIBUTE& attribute : std::span(attributes, count)) {
    const CK_ULONG size = attribute.ulValueLen;
    if (size == CK_UNAVAILABLE_INFORMATION || (attribute.pValue == nullptr && size != 0))
      return Failure{CKR_ARGUMENTS_BAD};
    if (!has_right_size(attribute.type, size)) return Failure{CKR_ATTRIBUTE_VALUE_INVALID};
    const ByteView value(static_cast<const std::uint8_t*>(attribute.pValue), size);
    const auto [at, fresh] = read.try_emplace(attribute.type, to_bytes(value));
    if (!fresh && !std::equal(value.begin(), value.end(), at->second.begin(), at->second.end()))
      return Failure{CKR_TEMPLATE_INCONSISTENT};
  }
  return read;
}

bool matches(const Attributes& object, const Attributes& wanted) {
  return std::all_of(wanted.begin(), wanted.end(), [&](const auto& attribute) {
    const auto found = object.find(attribute.first);
    return found != object.end() && found->second == attribute.second;
  });
}

Status write_attributes(const Attributes& object, bool sensitive, std::span<CK_ATTRIBUTE> asked) {
  Status first;
  for (CK_ATTRIBUTE& attribute : asked) {
    auto written = write_one(object, sensitive, attribute);
    if (!written && first) first = written;
  }
  return first;
}

bool is_secret_type(CK_ATTRIBUTE_TYPE type) {
  switch (type) {
    case CKA_VALUE:
    case CKA_PRIVATE_EXPONENT:
    case CKA_PRIME_1:
    case CKA_PRIME_2:
    case CKA_EXPONENT_1:
    case CKA_EXPONENT_2:
    case CKA_COEFFICIENT:
      return true;
    default:
      return false;
  }
}

}  // namespace sceau::pkcs11
