// Digests, through OpenSSL (PKCS#11 3.0, 5.10).
#include "api.h"

namespace sceau::pkcs11::api {
namespace {

Status finish(Session& session, DigestOperation& operation, CK_BYTE* digest, CK_ULONG* digest_size_out) {
  if (digest_size_out == nullptr) return session.operation().reset(), Failure{CKR_ARGUMENTS_BAD};
  const CK_ULONG size = digest_size(operation.hash);
  if (digest == nullptr || *digest_size_out < size) {
    *digest_size_out = size;
    return digest == nullptr ? Status() : Failure{CKR_BUFFER_TOO_SMALL};
  }
  auto value = operation.hasher.finish();
  session.operation().reset();
  if (!value) return value.failure();
  return give(std::span<const CK_BYTE>(*value), digest, digest_size_out);
}

}  // namespace

Status DigestInit(Session& session, CK_MECHANISM* mechanism) {
  if (session.operation()) return Failure{CKR_OPERATION_ACTIVE};
  auto use = mechanism_of(session, mechanism, CKF_DIGEST);
  if (!use) return use.failure();
  auto hasher = Hasher::start(use->hash);
  if (!hasher) return hasher.failure();
  session.operation() = DigestOperation{use->hash, std::move(*hasher)};
  return {};
}

Status Digest(Session& session, CK_BYTE* data, CK_ULONG data_size, CK_BYTE* digest,
              CK_ULONG* digest_size_out) {
  auto operation = session.current<DigestOperation>();
  if (!operation) return operation.failure();
  if ((*operation)->in_parts) return Failure{CKR_OPERATION_ACTIVE};
  if ((data == nullptr && data_size != 0) || digest_size_out == nullptr) {
    session.operation().reset();
    return Failure{CKR_ARGUMENTS_BAD};
  }
  if (digest != nullptr && *digest_size_out >= digest_size((*operation)->hash))
    if (auto updated = (*operation)->hasher.update({data, data_size}); !updated) return updated;
  return finish(session, **operation, digest, digest_size_out);
}

Status DigestUpdate(Session& session, CK_BYTE* part, CK_ULONG part_size) {
  auto operation = session.current<DigestOperation>();
  if (!operation) return operation.failure();
  if (part == nullptr && part_size != 0) {
    session.operation().reset();
    return Failure{CKR_ARGUMENTS_BAD};
  }
  (*operation)->in_parts = true;
  return (*operation)->hasher.update({part, part_size});
}

Status DigestFinal(Session& session, CK_BYTE* digest, CK_ULONG* digest_size_out) {
  auto operation = session.current<DigestOperation>();
  if (!operation) return operation.failure();
  return finish(session, **operation, digest, digest_size_out);
}

}  // namespace sceau::pkcs11::api
