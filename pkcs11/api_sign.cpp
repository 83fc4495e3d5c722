// Signing and verifying (PKCS#11 3.0, 5.13 and 5.15).
#include "api.h"
#include "signature.h"

namespace sceau::pkcs11::api {
namespace {

constexpr CK_ULONG kLongestSignature = 65'536;

// Whether the caller only asks for the size, or has too little room: the operation goes on.
std::optional<Status> size_first(std::size_t size, const CK_BYTE* out, CK_ULONG* out_size) {
  if (out != nullptr && *out_size >= size) return std::nullopt;
  *out_size = size;
  if (out == nullptr) return Status();
  return Failure{CKR_BUFFER_TOO_SMALL};
}

Status finish_signing(Session& session, SignOperation& operation, CK_BYTE* signature,
                      CK_ULONG* signature_size_out) {
  if (flag_of(operation.key->attributes, CKA_ALWAYS_AUTHENTICATE) && !operation.authenticated)
    return end_operation(session, {CKR_USER_NOT_LOGGED_IN});
  auto input = operation.input.finish();
  if (!input) return end_operation(session, input.failure());
  auto made = make_signature(session.token(), *operation.key, operation.use, *input);
  session.operation().reset();
  if (!made) return made.failure();
  return give(std::span<const CK_BYTE>(*made), signature, signature_size_out);
}

// A button or a touch stands before the signature.
bool is_witnessed(const SignOperation& operation) {
  return operation.key->clear_slot.has_value() || !operation.key->credential.empty();
}

// `whole`: all of the data at once; else it came in parts. The token is asked once: what it signed is kept
// until the caller has room for it (5.2), and for that data alone.
Status give_witnessed(Session& session, SignOperation& operation, std::optional<ByteView> whole, CK_BYTE* out,
                      CK_ULONG* size_out) {
  if (!operation.witnessed && out == nullptr) {
    *size_out = session.token().longest_witness(*operation.key);
    return {};
  }
  if (!operation.witnessed) {
    if (!operation.authenticated) return end_operation(session, {CKR_USER_NOT_LOGGED_IN});
    if (whole)
      if (auto added = operation.input.add(*whole); !added) return end_operation(session, added.failure());
    const Token::ToWitness what{operation.input.collected, operation.use.request, operation.use.evidence,
                                operation.pin ? &*operation.pin : nullptr};
    auto made = session.token().witness(*operation.key, what);
    if (!made) return end_operation(session, made.failure());
    operation.witnessed = std::move(*made);
    operation.pin.reset();
  } else if (whole && to_bytes(*whole) != operation.input.collected) {
    return end_operation(session, {CKR_DATA_INVALID});
  }
  auto given = give(std::span<const CK_BYTE>(*operation.witnessed), out, size_out);
  if (given && out != nullptr) session.operation().reset();
  return given;
}

Status finish_verifying(Session& session, VerifyOperation& operation, ByteView signature) {
  auto input = operation.input.finish();
  if (!input) return end_operation(session, input.failure());
  auto checked = check_signature(*operation.key->key, operation.use, *input, signature);
  session.operation().reset();
  return checked;
}

// A verification whose signature comes last (C_Verify…), or came first (C_VerifySignature…): each has
// functions of its own.
Result<VerifyOperation*> verification(Session& session, bool signature_first) {
  auto operation = session.current<VerifyOperation>();
  if (operation && (*operation)->signature.has_value() != signature_first)
    return Failure{CKR_OPERATION_NOT_INITIALIZED};
  return operation;
}

Status verify_whole(Session& session, VerifyOperation& operation, ByteView data, ByteView signature) {
  if (auto added = operation.input.add(data); !added) return end_operation(session, added.failure());
  return finish_verifying(session, operation, signature);
}

Status verify_part(Session& session, VerifyOperation& operation, const CK_BYTE* part, CK_ULONG part_size) {
  if (part == nullptr && part_size != 0) return end_operation(session, {CKR_ARGUMENTS_BAD});
  operation.input.in_parts = true;
  if (auto added = operation.input.add({part, part_size}); !added)
    return end_operation(session, added.failure());
  return {};
}

// What a mechanism, a key and its attributes must allow for an operation to begin.
struct Needed {
  CK_FLAGS flag;
  CK_OBJECT_CLASS kind;
  CK_ATTRIBUTE_TYPE right;
};

template <typename Operation>
Status begin(Session& session, CK_MECHANISM* mechanism, CK_OBJECT_HANDLE key, const Needed& needed) {
  if (session.operation()) return Failure{CKR_OPERATION_ACTIVE};
  auto use = mechanism_of(session, mechanism, needed.flag);
  if (!use) return use.failure();
  auto found = key_of(session, key, needed.kind);
  if (!found) return found.failure();
  if (auto fits = check_key(**found, *use, needed.right); !fits) return fits;
  auto input = start_input(*use);
  if (!input) return input.failure();
  session.operation() = Operation{std::move(*found), std::move(*use), std::move(*input)};
  return {};
}

}  // namespace

Status SignInit(Session& session, CK_MECHANISM* mechanism, CK_OBJECT_HANDLE key) {
  return begin<SignOperation>(session, mechanism, key, {CKF_SIGN, CKO_PRIVATE_KEY, CKA_SIGN});
}

Status Sign(Session& session, CK_BYTE* data, CK_ULONG data_size, CK_BYTE* signature,
            CK_ULONG* signature_size_out) {
  auto operation = session.current<SignOperation>();
  if (!operation) return operation.failure();
  if ((*operation)->input.in_parts) return Failure{CKR_OPERATION_ACTIVE};
  if ((data == nullptr && data_size != 0) || signature_size_out == nullptr)
    return end_operation(session, {CKR_ARGUMENTS_BAD});
  if (is_witnessed(**operation))
    return give_witnessed(session, **operation, ByteView(data, data_size), signature, signature_size_out);
  if (auto asked = size_first(signature_size(*(*operation)->key->key), signature, signature_size_out))
    return *asked;
  if (auto added = (*operation)->input.add({data, data_size}); !added)
    return end_operation(session, added.failure());
  return finish_signing(session, **operation, signature, signature_size_out);
}

Status SignUpdate(Session& session, CK_BYTE* part, CK_ULONG part_size) {
  auto operation = session.current<SignOperation>();
  if (!operation) return operation.failure();
  if (part == nullptr && part_size != 0) return end_operation(session, {CKR_ARGUMENTS_BAD});
  if ((*operation)->witnessed) return Failure{CKR_OPERATION_ACTIVE};
  (*operation)->input.in_parts = true;
  if (auto added = (*operation)->input.add({part, part_size}); !added)
    return end_operation(session, added.failure());
  return {};
}

Status SignFinal(Session& session, CK_BYTE* signature, CK_ULONG* signature_size_out) {
  auto operation = session.current<SignOperation>();
  if (!operation) return operation.failure();
  if (signature_size_out == nullptr) return end_operation(session, {CKR_ARGUMENTS_BAD});
  if (is_witnessed(**operation))
    return give_witnessed(session, **operation, std::nullopt, signature, signature_size_out);
  if (auto asked = size_first(signature_size(*(*operation)->key->key), signature, signature_size_out))
    return *asked;
  return finish_signing(session, **operation, signature, signature_size_out);
}

Status VerifyInit(Session& session, CK_MECHANISM* mechanism, CK_OBJECT_HANDLE key) {
  return begin<VerifyOperation>(session, mechanism, key, {CKF_VERIFY, CKO_PUBLIC_KEY, CKA_VERIFY});
}

Status Verify(Session& session, CK_BYTE* data, CK_ULONG data_size, CK_BYTE* signature,
              CK_ULONG signature_size_in) {
  auto operation = verification(session, false);
  if (!operation) return operation.failure();
  if ((*operation)->input.in_parts) return Failure{CKR_OPERATION_ACTIVE};
  if ((data == nullptr && data_size != 0) || signature == nullptr)
    return end_operation(session, {CKR_ARGUMENTS_BAD});
  return verify_whole(session, **operation, {data, data_size}, {signature, signature_size_in});
}

Status VerifyUpdate(Session& session, CK_BYTE* part, CK_ULONG part_size) {
  auto operation = verification(session, false);
  if (!operation) return operation.failure();
  return verify_part(session, **operation, part, part_size);
}

Status VerifyFinal(Session& session, CK_BYTE* signature, CK_ULONG signature_size_in) {
  auto operation = verification(session, false);
  if (!operation) return operation.failure();
  if (signature == nullptr) return end_operation(session, {CKR_ARGUMENTS_BAD});
  return finish_verifying(session, **operation, {signature, signature_size_in});
}

Status VerifySignatureInit(Session& session, CK_MECHANISM* mechanism, CK_OBJECT_HANDLE key,
                           CK_BYTE* signature, CK_ULONG signature_size_in) {
  if (signature == nullptr || signature_size_in > kLongestSignature) return Failure{CKR_ARGUMENTS_BAD};
  auto begun = begin<VerifyOperation>(session, mechanism, key, {CKF_VERIFY, CKO_PUBLIC_KEY, CKA_VERIFY});
  if (!begun) return begun;
  std::get<VerifyOperation>(*session.operation()).signature = to_bytes({signature, signature_size_in});
  return {};
}

Status VerifySignature(Session& session, CK_BYTE* data, CK_ULONG data_size) {
  auto operation = verification(session, true);
  if (!operation) return operation.failure();
  if ((*operation)->input.in_parts) return Failure{CKR_OPERATION_ACTIVE};
  if (data == nullptr && data_size != 0) return end_operation(session, {CKR_ARGUMENTS_BAD});
  const Bytes signature = *(*operation)->signature;
  return verify_whole(session, **operation, {data, data_size}, signature);
}

Status VerifySignatureUpdate(Session& session, CK_BYTE* part, CK_ULONG part_size) {
  auto operation = verification(session, true);
  if (!operation) return operation.failure();
  return verify_part(session, **operation, part, part_size);
}

Status VerifySignatureFinal(Session& session) {
  auto operation = verification(session, true);
  if (!operation) return operation.failure();
  const Bytes signature = *(*operation)->signature;
  return finish_verifying(session, **operation, signature);
}

}  // namespace sceau::pkcs11::api
