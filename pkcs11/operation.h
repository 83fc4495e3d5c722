// What a session can be in the middle of (PKCS#11 3.0, 5.6): one of these at a time.
#pragma once

#include <optional>
#include <variant>
#include <vector>

#include "mechanism.h"
#include "object.h"
#include "openssl.h"
#include "result.h"

namespace sceau::pkcs11 {

// A digest over bytes that arrive in pieces.
class Hasher {
 public:
  // CKR_MECHANISM_INVALID, CKR_HOST_MEMORY.
  static Result<Hasher> start(CK_MECHANISM_TYPE hash);
  Status update(ByteView bytes);
  // Ends it.
  Result<Bytes> finish();

 private:
  explicit Hasher(DigestContextOwner context) : context_(std::move(context)) {}
  DigestContextOwner context_;
};

struct FindOperation {
  std::vector<CK_OBJECT_HANDLE> found;
  std::size_t next = 0;
};

struct DigestOperation {
  CK_MECHANISM_TYPE hash = 0;
  Hasher hasher;
  bool in_parts = false;
};

// Signing and verifying collect what they are given: through a digest, or as it is.
struct Input {
  std::optional<Hasher> hasher;
  Bytes collected;
  std::size_t most = 0;  // that may be collected
  bool in_parts = false;

  // CKR_DATA_LEN_RANGE: more than a mechanism without a digest takes.
  Status add(ByteView bytes);
  Result<Bytes> finish();
};

struct SignOperation {
  ObjectPtr key;
  MechanismUse use;
  Input input;
  bool authenticated = false;   // the PIN was given for this operation
  std::optional<Secret> pin{};  // the one that was given, where the key wants it with the request
  // What a button or a touch allowed, where the caller had too little room for it; `input` is what it is
  // over.
  std::optional<Bytes> witnessed{};
};

struct VerifyOperation {
  ObjectPtr key;
  MechanismUse use;
  Input input;
  std::optional<Bytes> signature{};  // where C_VerifySignatureInit was given it
};

struct DecryptOperation {
  ObjectPtr key;
  MechanismUse use;
  bool authenticated = false;
  std::optional<Secret> plain{};  // where the caller had too little room for it
};

struct EncryptOperation {
  ObjectPtr key;
  MechanismUse use;
};

using Operation = std::variant<FindOperation, DigestOperation, SignOperation, VerifyOperation,
                               DecryptOperation, EncryptOperation>;

// CKR_KEY_TYPE_INCONSISTENT, CKR_KEY_FUNCTION_NOT_PERMITTED: the mechanism is not for this key.
Status check_key(const Object& key, const MechanismUse& use, CK_ATTRIBUTE_TYPE permission);
Result<Input> start_input(const MechanismUse& use);
// Bytes that a signature of this key has.
std::size_t signature_size(const PublicKey& key);

}  // namespace sceau::pkcs11
