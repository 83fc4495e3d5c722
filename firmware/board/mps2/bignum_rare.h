/* Included before bignum.c, which is compiled for speed: what RSA alone wants, or what is called once in a
   signature, may be small instead. */
#include <mbedtls/bignum.h>

#define SCEAU_RARE __attribute__((cold))
SCEAU_RARE int mbedtls_mpi_exp_mod(mbedtls_mpi*, const mbedtls_mpi*, const mbedtls_mpi*, const mbedtls_mpi*,
                                   mbedtls_mpi*);
SCEAU_RARE int mbedtls_mpi_inv_mod(mbedtls_mpi*, const mbedtls_mpi*, const mbedtls_mpi*);
SCEAU_RARE int mbedtls_mpi_gcd(mbedtls_mpi*, const mbedtls_mpi*, const mbedtls_mpi*);
SCEAU_RARE int mbedtls_mpi_div_mpi(mbedtls_mpi*, mbedtls_mpi*, const mbedtls_mpi*, const mbedtls_mpi*);
SCEAU_RARE int mbedtls_mpi_gen_prime(mbedtls_mpi*, size_t, int, int (*)(void*, unsigned char*, size_t),
                                     void*);
SCEAU_RARE int mbedtls_mpi_is_prime_ext(const mbedtls_mpi*, int, int (*)(void*, unsigned char*, size_t),
                                        void*);
SCEAU_RARE int mbedtls_mpi_mod_int(mbedtls_mpi_uint*, const mbedtls_mpi*, mbedtls_mpi_sint);
SCEAU_RARE int mbedtls_mpi_read_binary(mbedtls_mpi*, const unsigned char*, size_t);
SCEAU_RARE int mbedtls_mpi_write_binary(const mbedtls_mpi*, unsigned char*, size_t);
SCEAU_RARE int mbedtls_mpi_fill_random(mbedtls_mpi*, size_t, int (*)(void*, unsigned char*, size_t), void*);
SCEAU_RARE int mbedtls_mpi_random(mbedtls_mpi*, mbedtls_mpi_sint, const mbedtls_mpi*,
                                  int (*)(void*, unsigned char*, size_t), void*);
