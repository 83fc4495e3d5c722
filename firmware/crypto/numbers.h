// mbedTLS's big numbers, each with one owner, and the board's random source in the form that mbedTLS takes.
// For the sources of crypto/ alone.
#pragma once

#include <mbedtls/ecp.h>

#include "board/board.h"

namespace sceau::firmware {

class Number {
 public:
  Number() { mbedtls_mpi_init(&value); }
  explicit Number(ByteView bytes) : Number() { read_ = read(bytes); }
  ~Number() { mbedtls_mpi_free(&value); }
  Number(const Number&) = delete;
  Number& operator=(const Number&) = delete;

  // Whether the constructor's bytes were read: no, when memory is short.
  bool ok() const { return read_; }
  bool read(ByteView bytes) { return mbedtls_mpi_read_binary(&value, bytes.data(), bytes.size()) == 0; }
  bool write(ByteSpan bytes) const {
    return mbedtls_mpi_write_binary(&value, bytes.data(), bytes.size()) == 0;
  }

  mbedtls_mpi value{};

 private:
  bool read_ = true;
};

inline int random_source(void* board, unsigned char* into, std::size_t size) {
  const Status status = static_cast<Board*>(board)->random({into, size});
  return status == Status::kOk ? 0 : MBEDTLS_ERR_ECP_RANDOM_FAILED;
}

}  // namespace sceau::firmware
