# mbedTLS for a board: Debian's source package, unpacked by tools/setup, with our configuration.
set(SCEAU_MBEDTLS_SOURCE ${PROJECT_SOURCE_DIR}/build/sources/mbedtls CACHE PATH "Unpacked source of mbedTLS 2.28")
if(NOT EXISTS ${SCEAU_MBEDTLS_SOURCE}/library/ecp.c)
  message(FATAL_ERROR "mbedTLS's source is not in ${SCEAU_MBEDTLS_SOURCE}: run tools/setup, which fetches Debian's "
                      "source package, or give -DSCEAU_MBEDTLS_SOURCE=FOLDER")
endif()
set(files aes asn1parse asn1write bignum cipher cipher_wrap constant_time des ecdsa ecp ecp_curves gcm hkdf hmac_drbg
          md memory_buffer_alloc oid platform platform_util rsa rsa_internal sha256 sha512)
list(TRANSFORM files PREPEND ${SCEAU_MBEDTLS_SOURCE}/library/)
list(TRANSFORM files APPEND .c)
add_library(sceau-mbedtls STATIC ${files})
target_include_directories(sceau-mbedtls SYSTEM PUBLIC ${SCEAU_MBEDTLS_SOURCE}/include)
target_include_directories(sceau-mbedtls PRIVATE ${SCEAU_MBEDTLS_SOURCE}/library)
target_compile_definitions(sceau-mbedtls PUBLIC MBEDTLS_CONFIG_FILE=<${CMAKE_CURRENT_LIST_DIR}/mbedtls_config.h>)
target_compile_options(sceau-mbedtls PRIVATE -w)  # its warnings are its authors' business
