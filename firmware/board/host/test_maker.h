// The simulator's maker: signs the attestation certificates of simulated tokens. Its private key is published
// in test_maker.cpp, so that anyone can make such a token; nothing of value may trust its root, which is
// test_attestation_root.pem and says so in its name.
#pragma once

#include "board/board.h"
#include "crypto/elliptic.h"

namespace sceau::firmware::host {

class TestMaker final : public Maker {
 public:
  explicit TestMaker(Board& board);

  ByteView name() const override { return ByteView(name_).first(name_size_); }
  ByteView key_identifier() const override;
  Result<std::size_t> sign(ByteView hash, ByteSpan signature) override;
  ByteView batch_key() const override;

 private:
  EllipticCurve p256_;
  std::array<std::uint8_t, 96> name_{};
  std::size_t name_size_ = 0;
};

}  // namespace sceau::firmware::host
