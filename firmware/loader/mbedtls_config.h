/* mbedTLS 2.28 for the loader: SHA-256, and the verification of one ECDSA signature on P-256. */
#ifndef SCEAU_LOADER_MBEDTLS_CONFIG_H
#define SCEAU_LOADER_MBEDTLS_CONFIG_H

#define MBEDTLS_HAVE_ASM
#define MBEDTLS_NO_UDBL_DIVISION

#define MBEDTLS_PLATFORM_C
#define MBEDTLS_PLATFORM_MEMORY
#define MBEDTLS_MEMORY_BUFFER_ALLOC_C
#define MBEDTLS_PLATFORM_NO_STD_FUNCTIONS
#define MBEDTLS_NO_PLATFORM_ENTROPY
#define MBEDTLS_PLATFORM_EXIT_MACRO sceau_crypto_memory_overrun
#ifdef __cplusplus
extern "C"
#endif
    void
    sceau_crypto_memory_overrun(int);

#define MBEDTLS_SHA256_C
#define MBEDTLS_SHA256_SMALLER

/* nothing here is secret, so nothing is blinded */
#define MBEDTLS_BIGNUM_C
#define MBEDTLS_ECP_C
#define MBEDTLS_ECP_NO_INTERNAL_RNG
#define MBEDTLS_ECP_DP_SECP256R1_ENABLED
#define MBEDTLS_ECP_NIST_OPTIM
#define MBEDTLS_ECP_WINDOW_SIZE 2
#define MBEDTLS_ECP_FIXED_POINT_OPTIM 0
#define MBEDTLS_ECP_MAX_BITS 256
#define MBEDTLS_ECDSA_C
#define MBEDTLS_ASN1_PARSE_C
#define MBEDTLS_ASN1_WRITE_C

#include <mbedtls/check_config.h>

#endif
