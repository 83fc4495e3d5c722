/* mbedTLS 2.28 for a token: what firmware/crypto calls, and no more. */
#ifndef SCEAU_MBEDTLS_CONFIG_H
#define SCEAU_MBEDTLS_CONFIG_H

#include "mbedtls_common.h"

/* hashes, and what is made of them */
#define MBEDTLS_MD_C
#define MBEDTLS_HKDF_C
#define MBEDTLS_HMAC_DRBG_C

/* block ciphers: tables in flash, and few of them. The layer between GCM and AES (cipher.c, cipher_wrap.c)
   knows AES alone; the CBC mode is for aes.c and who calls it. */
#define MBEDTLS_AES_C
#define MBEDTLS_AES_ROM_TABLES
#define MBEDTLS_AES_FEWER_TABLES
#define MBEDTLS_CIPHER_C
#ifndef SCEAU_MBEDTLS_CIPHER_LAYER
#define MBEDTLS_DES_C
#define MBEDTLS_GCM_C
#endif
#ifdef SCEAU_MBEDTLS_CBC
#define MBEDTLS_CIPHER_MODE_CBC
#endif

/* elliptic curves: a table of multiples of the generator kept between uses, 16 of them at most */
#define MBEDTLS_ECP_DP_SECP384R1_ENABLED
#define MBEDTLS_ECP_WINDOW_SIZE 4
#define MBEDTLS_ECP_FIXED_POINT_OPTIM 1
#define MBEDTLS_ECP_MAX_BITS 384
#define MBEDTLS_ECDSA_DETERMINISTIC

/* RSA: numbers of 3072 bits, and a window that keeps its table small */
#define MBEDTLS_RSA_C
#define MBEDTLS_OID_C
#define MBEDTLS_PKCS1_V15
#define MBEDTLS_GENPRIME
#define MBEDTLS_MPI_WINDOW_SIZE 2
#define MBEDTLS_MPI_MAX_SIZE 512

#include <mbedtls/check_config.h>

#endif
