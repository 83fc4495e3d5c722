#include "loader/signature.h"

#include <mbedtls/ecdsa.h>
#include <mbedtls/sha256.h>

namespace sceau::firmware::loader {

namespace {

using Hash = std::array<std::uint8_t, 32>;

Result<Hash> hash_of(ByteView header, ByteView code) {
  Hash hash{};
  mbedtls_sha256_context context;
  mbedtls_sha256_init(&context);
  int failed = mbedtls_sha256_starts_ret(&context, 0);
  for (const ByteView part : {header, code}) {
    failed |= mbedtls_sha256_update_ret(&context, part.data(), part.size());
  }
  failed |= mbedtls_sha256_finish_ret(&context, hash.data());
  mbedtls_sha256_free(&context);
  return failed == 0 ? Result<Hash>(hash) : Status::kHardware;
}

// mbedTLS's numbers, with one owner.
struct Numbers {
  Numbers() {
    mbedtls_ecp_group_init(&group);
    mbedtls_ecp_point_init(&point);
    mbedtls_mpi_init(&r);
    mbedtls_mpi_init(&s);
  }
  ~Numbers() {
    mbedtls_ecp_group_free(&group);
    mbedtls_ecp_point_free(&point);
    mbedtls_mpi_free(&r);
    mbedtls_mpi_free(&s);
  }
  Numbers(const Numbers&) = delete;
  Numbers& operator=(const Numbers&) = delete;

  mbedtls_ecp_group group{};
  mbedtls_ecp_point point{};
  mbedtls_mpi r{};
  mbedtls_mpi s{};
};

}  // namespace

Status check_signature(ByteView key, ByteView header, ByteView code, ByteView signature) {
  const Result<Hash> hash = hash_of(header, code);
  if (!hash.ok()) return hash.status();
  if (signature.size() != 64) return Status::kInvalid;
  Numbers numbers;
  const bool read =
      mbedtls_ecp_group_load(&numbers.group, MBEDTLS_ECP_DP_SECP256R1) == 0 &&
      mbedtls_ecp_point_read_binary(&numbers.group, &numbers.point, key.data(), key.size()) == 0 &&
      mbedtls_mpi_read_binary(&numbers.r, signature.data(), 32) == 0 &&
      mbedtls_mpi_read_binary(&numbers.s, signature.data() + 32, 32) == 0;
  if (!read) return Status::kHardware;
  const int result = mbedtls_ecdsa_verify(&numbers.group, hash.value().data(), hash.value().size(),
                                          &numbers.point, &numbers.r, &numbers.s);
  if (result == 0) return Status::kOk;
  return result == MBEDTLS_ERR_ECP_VERIFY_FAILED ? Status::kInvalid : Status::kHardware;
}

}  // namespace sceau::firmware::loader
