// The mechanisms of our own tokens: one table that everything asks.
#pragma once

#include <span>

#include "cryptoki.h"
#include "result.h"
#include "sceau/base/bytes.h"

namespace sceau::pkcs11 {

enum class KeyKind : std::uint8_t { none, ec, rsa, clear_sign, webauthn };
// How what is signed becomes what the card computes with.
enum class Padding : std::uint8_t { none, pkcs1, pss, raw, oaep };

struct Mechanism {
  CK_MECHANISM_TYPE type = 0;
  KeyKind key = KeyKind::none;
  Padding padding = Padding::none;
  CK_MECHANISM_TYPE hash = 0;  // CKM_SHA256…: done here, before the card; 0: the caller did
  CK_MECHANISM_INFO info{};
};

std::span<const Mechanism> mechanisms();
// Null: no such mechanism, or it cannot be used for that (one of CKF_SIGN…).
const Mechanism* find_mechanism(CK_MECHANISM_TYPE type, CK_FLAGS use);

// A caller's CK_MECHANISM with its parameter read and checked.
struct MechanismUse {
  const Mechanism* mechanism = nullptr;
  // CK_RSA_PKCS_PSS_PARAMS and CK_RSA_PKCS_OAEP_PARAMS.
  CK_MECHANISM_TYPE hash = 0;
  CK_MECHANISM_TYPE mgf_hash = 0;
  CK_ULONG salt_size = 0;
  Bytes label;
  // CK_SCEAU_STATEMENT_PARAMS: what a decision is about; empty for all other statements.
  Bytes request;
  Bytes evidence;
};
// CKR_ARGUMENTS_BAD, CKR_MECHANISM_INVALID, CKR_MECHANISM_PARAM_INVALID.
Result<MechanismUse> read_mechanism(const CK_MECHANISM* mechanism, CK_FLAGS use);

// OpenSSL's name of a digest mechanism, and its size in bytes; null and 0 for all others.
const char* digest_name(CK_MECHANISM_TYPE hash);
std::size_t digest_size(CK_MECHANISM_TYPE hash);

}  // namespace sceau::pkcs11
