// Attributes of objects, and templates as callers give them (PKCS#11 3.0, 4.1 and 5.7).
#pragma once

#include <map>
#include <optional>
#include <span>

#include "cryptoki.h"
#include "result.h"
#include "sceau/base/bytes.h"

namespace sceau::pkcs11 {

using Attributes = std::map<CK_ATTRIBUTE_TYPE, Bytes>;

void put(Attributes& attributes, CK_ATTRIBUTE_TYPE type, ByteView value);
void put(Attributes& attributes, CK_ATTRIBUTE_TYPE type, std::string_view text);
void put_flag(Attributes& attributes, CK_ATTRIBUTE_TYPE type, bool value);
void put_number(Attributes& attributes, CK_ATTRIBUTE_TYPE type, CK_ULONG value);

// Nothing when it is absent or has another size.
std::optional<CK_ULONG> number_of(const Attributes& attributes, CK_ATTRIBUTE_TYPE type);
bool flag_of(const Attributes& attributes, CK_ATTRIBUTE_TYPE type, bool otherwise = false);
ByteView bytes_of(const Attributes& attributes, CK_ATTRIBUTE_TYPE type);

// A caller's template, copied. Fails with CKR_ARGUMENTS_BAD (null pointer with a count or a size),
// CKR_TEMPLATE_INCONSISTENT (one type twice with two values) and CKR_ATTRIBUTE_VALUE_INVALID (a flag or
// number of a wrong size).
Result<Attributes> read_template(const CK_ATTRIBUTE* attributes, CK_ULONG count);

// Whether every attribute of the template is there with that value.
bool matches(const Attributes& object, const Attributes& wanted);

// Answers C_GetAttributeValue for one object: `is_sensitive` says which types it must not tell. Every entry
// is answered; the first of CKR_ATTRIBUTE_SENSITIVE, CKR_ATTRIBUTE_TYPE_INVALID, CKR_BUFFER_TOO_SMALL that
// happened is the failure.
Status write_attributes(const Attributes& object, bool sensitive, std::span<CK_ATTRIBUTE> asked);

// Whether a key that is sensitive or not extractable keeps this type to itself (PKCS#11 3.0, table 24 and
// others).
bool is_secret_type(CK_ATTRIBUTE_TYPE type);

}  // namespace sceau::pkcs11
