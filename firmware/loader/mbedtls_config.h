/* mbedTLS 2.28 for the loader: SHA-256, and the verification of one ECDSA signature on P-256. Nothing here is
   secret, so nothing is blinded. */
#ifndef SCEAU_LOADER_MBEDTLS_CONFIG_H
#define SCEAU_LOADER_MBEDTLS_CONFIG_H

#include "../board/mps2/mbedtls_common.h"

#define MBEDTLS_SHA256_SMALLER

#define MBEDTLS_ECP_WINDOW_SIZE 2
#define MBEDTLS_ECP_FIXED_POINT_OPTIM 0
#define MBEDTLS_ECP_MAX_BITS 256

#include <mbedtls/check_config.h>

#endif
