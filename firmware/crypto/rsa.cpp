#include "crypto/rsa.h"

#include <mbedtls/rsa.h>
#include <mbedtls/rsa_internal.h>

#include "crypto/numbers.h"

namespace sceau::firmware {

namespace {

constexpr int kExponent = 65537;
// Chance of a composite number passing as a prime: below 2^-40 for the worst number that anybody may choose,
// and far below for any other (FIPS 186-4, appendix F).
constexpr int kPrimeRounds = 20;
constexpr std::size_t kLeastDistance = 100;  // bits by which the primes' difference may be shorter than they

// Owns one mbedTLS RSA context.
struct Context {
  Context() { mbedtls_rsa_init(&value, MBEDTLS_RSA_PKCS_V15, MBEDTLS_MD_NONE); }
  ~Context() { mbedtls_rsa_free(&value); }
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;
  // In the order in which a key's bytes hold them.
  std::array<mbedtls_mpi*, kRsaNumbers> numbers() {
    return {&value.P, &value.Q, &value.DP, &value.DQ, &value.QP};
  }
  mbedtls_rsa_context value{};
};

Result<KeyPair> write_pair(KeyType type, Context& context) {
  KeyPair pair;
  const std::size_t half = number_size(type) / 2;
  pair.secret.size = secret_size(type);
  pair.open.type = type;
  pair.open.bytes.size = public_size(type);
  std::uint8_t* at = pair.secret.bytes.data();
  for (const mbedtls_mpi* number : context.numbers()) {
    if (mbedtls_mpi_write_binary(number, at, half) != 0) return Status::kHardware;
    at += half;
  }
  if (mbedtls_mpi_write_binary(&context.value.N, pair.open.bytes.bytes.data(), number_size(type)) != 0) {
    return Status::kHardware;
  }
  return pair;
}

// Without d, which the operation with p and q does not use.
bool read_pair(const KeyPair& pair, Context& context) {
  const std::size_t half = number_size(pair.type()) / 2;
  const std::uint8_t* at = pair.secret.bytes.data();
  for (mbedtls_mpi* number : context.numbers()) {
    if (mbedtls_mpi_read_binary(number, at, half) != 0) return false;
    at += half;
  }
  const ByteView modulus = pair.open.bytes.view();
  return mbedtls_mpi_read_binary(&context.value.N, modulus.data(), modulus.size()) == 0 &&
         mbedtls_mpi_lset(&context.value.E, kExponent) == 0 &&
         (context.value.len = modulus.size()) == number_size(pair.type());
}

bool far_apart(const Number& p, const Number& q, std::size_t bits) {
  Number difference;
  return mbedtls_mpi_sub_mpi(&difference.value, &p.value, &q.value) == 0 &&
         mbedtls_mpi_bitlen(&difference.value) + kLeastDistance > bits;
}

// kInvalid: not a prime of that length; kHardware.
Status check_prime(const Number& number, std::size_t bits, Board& board) {
  if (mbedtls_mpi_bitlen(&number.value) != bits) return Status::kInvalid;
  const int result = mbedtls_mpi_is_prime_ext(&number.value, kPrimeRounds, random_source, &board);
  if (result == MBEDTLS_ERR_MPI_NOT_ACCEPTABLE) return Status::kInvalid;
  return result == 0 ? Status::kOk : Status::kHardware;
}

bool well_sized(KeyType type, const RsaParts& parts) {
  const std::size_t half = number_size(type) / 2;
  for (const ByteView part : {parts.p, parts.q, parts.dp, parts.dq, parts.qinv}) {
    if (part.empty() || part.size() > half) return false;
  }
  return true;
}

// Works the whole key out from its primes; whether that is a key of its type.
bool complete(KeyType type, const Number& p, const Number& q, Context& context) {
  mbedtls_rsa_context& key = context.value;
  key.len = number_size(type);
  return mbedtls_mpi_copy(&key.P, &p.value) == 0 && mbedtls_mpi_copy(&key.Q, &q.value) == 0 &&
         mbedtls_mpi_lset(&key.E, kExponent) == 0 && mbedtls_mpi_mul_mpi(&key.N, &key.P, &key.Q) == 0 &&
         mbedtls_mpi_bitlen(&key.N) == 8 * number_size(type) &&
         mbedtls_rsa_deduce_private_exponent(&key.P, &key.Q, &key.E, &key.D) == 0 &&
         mbedtls_rsa_deduce_crt(&key.P, &key.Q, &key.D, &key.DP, &key.DQ, &key.QP) == 0 &&
         mbedtls_rsa_check_privkey(&key) == 0;
}

}  // namespace

Result<KeyPair> Rsa::generate(KeyType type) {
  if (!is_rsa(type)) return Status::kInvalid;
  Context context;
  const auto bits = static_cast<unsigned>(8 * number_size(type));
  if (mbedtls_rsa_gen_key(&context.value, random_source, &board_, bits, kExponent) != 0) {
    return Status::kHardware;
  }
  return write_pair(type, context);
}

Result<KeyPair> Rsa::pair_of(KeyType type, const RsaParts& parts) {
  if (!is_rsa(type) || !well_sized(type, parts)) return Status::kInvalid;
  const Number p(parts.p);
  const Number q(parts.q);
  const Number dp(parts.dp);
  const Number dq(parts.dq);
  const Number qinv(parts.qinv);
  for (const Number* number : {&p, &q, &dp, &dq, &qinv}) {
    if (!number->ok()) return Status::kHardware;
  }
  const std::size_t bits = 4 * number_size(type);
  for (const Number* prime : {&p, &q}) {
    const Status status = check_prime(*prime, bits, board_);
    if (status != Status::kOk) return status;
  }
  if (!far_apart(p, q, bits)) return Status::kInvalid;
  Context context;
  if (!complete(type, p, q, context) || mbedtls_mpi_cmp_mpi(&dp.value, &context.value.DP) != 0 ||
      mbedtls_mpi_cmp_mpi(&dq.value, &context.value.DQ) != 0 ||
      mbedtls_mpi_cmp_mpi(&qinv.value, &context.value.QP) != 0) {
    return Status::kInvalid;
  }
  return write_pair(type, context);
}

bool Rsa::takes(const PublicKey& key, ByteView block) {
  const ByteView modulus = key.bytes.view();
  return is_rsa(key.type) && block.size() == modulus.size() &&
         std::memcmp(block.data(), modulus.data(), block.size()) < 0;
}

Result<KeyOutput> Rsa::apply(const KeyPair& pair, ByteView block) {
  if (!takes(pair.open, block)) return Status::kInvalid;
  Context context;
  KeyOutput output;
  output.size = block.size();
  if (!read_pair(pair, context) ||
      mbedtls_rsa_private(&context.value, random_source, &board_, block.data(), output.bytes.data()) != 0) {
    return Status::kHardware;
  }
  return output;
}

}  // namespace sceau::firmware
