/* mbedTLS 2.28, as firmware and loader both want it: no files, no clock, no heap, for its memory is one
   buffer of ours (crypto_memory.cpp); SHA-256 and P-256. Each adds its own in its mbedtls_config.h. */
#ifndef SCEAU_MBEDTLS_COMMON_H
#define SCEAU_MBEDTLS_COMMON_H

/* the processor: 32-bit multiplication with assembly, and no division of 64 bits, which would be a function
   of the C library */
#define MBEDTLS_HAVE_ASM
#define MBEDTLS_NO_UDBL_DIVISION

/* memory */
#define MBEDTLS_PLATFORM_C
#define MBEDTLS_PLATFORM_MEMORY
#define MBEDTLS_MEMORY_BUFFER_ALLOC_C
#define MBEDTLS_PLATFORM_NO_STD_FUNCTIONS
#define MBEDTLS_NO_PLATFORM_ENTROPY
/* where its buffer is found overrun */
#define MBEDTLS_PLATFORM_EXIT_MACRO sceau_crypto_memory_overrun
#ifdef __cplusplus
extern "C"
#endif
    void
    sceau_crypto_memory_overrun(int);

#define MBEDTLS_SHA256_C

/* elliptic curves: reduction made for the NIST primes. Who has a secret gives his own random source; nobody
   else needs one. */
#define MBEDTLS_BIGNUM_C
#define MBEDTLS_ECP_C
#define MBEDTLS_ECP_DP_SECP256R1_ENABLED
#define MBEDTLS_ECP_NIST_OPTIM
#define MBEDTLS_ECP_NO_INTERNAL_RNG
#define MBEDTLS_ECDSA_C
#define MBEDTLS_ASN1_PARSE_C
#define MBEDTLS_ASN1_WRITE_C

#endif
