# mbedTLS for a board: Debian's source package, unpacked by tools/setup, with our configuration.
set(SCEAU_MBEDTLS_SOURCE ${PROJECT_SOURCE_DIR}/build/sources/mbedtls CACHE PATH "Unpacked source of mbedTLS 2.28")
if(NOT EXISTS ${SCEAU_MBEDTLS_SOURCE}/library/ecp.c)
  message(FATAL_ERROR "mbedTLS's source is not in ${SCEAU_MBEDTLS_SOURCE}: run tools/setup, which fetches Debian's "
                      "source package, or give -DSCEAU_MBEDTLS_SOURCE=FOLDER")
endif()
# sceau_mbedtls(NAME CONFIG header FILES file… [FAST file…]): a library of these sources in that configuration. FAST ones
# are compiled for speed, the others as the whole image is.
function(sceau_mbedtls name)
  cmake_parse_arguments(LIBRARY "" "CONFIG" "FILES;FAST" ${ARGN})
  list(TRANSFORM LIBRARY_FILES APPEND .c)
  list(TRANSFORM LIBRARY_FILES PREPEND ${SCEAU_MBEDTLS_SOURCE}/library/)
  add_library(${name} STATIC ${LIBRARY_FILES})
  target_include_directories(${name} SYSTEM PUBLIC ${SCEAU_MBEDTLS_SOURCE}/include)
  target_include_directories(${name} PRIVATE ${SCEAU_MBEDTLS_SOURCE}/library)
  target_compile_definitions(${name} PUBLIC MBEDTLS_CONFIG_FILE=<${LIBRARY_CONFIG}>)
  # Its warnings are its authors' business. It reads nothing that comes from outside but numbers of known sizes.
  target_compile_options(${name} PRIVATE -w -fno-stack-protector)
  if(LIBRARY_FAST)
    add_library(${name}-fast OBJECT)
    foreach(file IN LISTS LIBRARY_FAST)
      target_sources(${name}-fast PRIVATE ${SCEAU_MBEDTLS_SOURCE}/library/${file}.c)
    endforeach()
    target_include_directories(${name}-fast SYSTEM PRIVATE ${SCEAU_MBEDTLS_SOURCE}/include ${SCEAU_MBEDTLS_SOURCE}/library)
    target_compile_definitions(${name}-fast PRIVATE MBEDTLS_CONFIG_FILE=<${LIBRARY_CONFIG}>)
    target_compile_options(${name}-fast PRIVATE -w -fno-stack-protector ${SCEAU_SPEED_OPTIONS})
    target_sources(${name} PRIVATE $<TARGET_OBJECTS:${name}-fast>)
  endif()
endfunction()

sceau_mbedtls(sceau-mbedtls CONFIG ${CMAKE_CURRENT_LIST_DIR}/mbedtls_config.h
  FILES aes asn1parse asn1write cipher cipher_wrap constant_time des ecdsa ecp gcm hkdf hmac_drbg md memory_buffer_alloc oid
        platform platform_util rsa rsa_internal
  FAST bignum ecp_curves sha256)
set_source_files_properties(${SCEAU_MBEDTLS_SOURCE}/library/cipher.c ${SCEAU_MBEDTLS_SOURCE}/library/cipher_wrap.c
  PROPERTIES COMPILE_DEFINITIONS SCEAU_MBEDTLS_CIPHER_LAYER)
set_source_files_properties(${SCEAU_MBEDTLS_SOURCE}/library/aes.c PROPERTIES COMPILE_DEFINITIONS SCEAU_MBEDTLS_CBC)
set_source_files_properties(${SCEAU_MBEDTLS_SOURCE}/library/bignum.c PROPERTIES
  COMPILE_OPTIONS "-include;${CMAKE_CURRENT_LIST_DIR}/bignum_rare.h")
