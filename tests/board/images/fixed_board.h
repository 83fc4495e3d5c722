// A board for measuring: the flash is the machine's, everything else is the same at every run. Its random
// bytes come from a published seed, so that instruction counts repeat exactly.
#pragma once

#include "board/board.h"
#include "board/host/test_maker.h"
#include "board/mps2/mailbox.h"
#include "board/mps2/nor_flash.h"
#include "crypto/random_generator.h"

namespace sceau::firmware::test {

class FixedBoard final : public Board {
 public:
  explicit FixedBoard(std::uintptr_t shared_memory)
      : flash_(shared_memory + mps2::kFlashOffset, mps2::kFlashPageSize, mps2::kFlashPages), maker_(*this) {
    secret_.fill(0x5E);
    reseed(1);
  }

  void erase() {
    for (std::size_t page = 0; page < flash_.page_count(); ++page) static_cast<void>(flash_.erase(page));
  }
  void reseed(std::uint8_t number) {
    std::array<std::uint8_t, 48> seed{};
    seed.fill(number);
    static_cast<void>(random_.seed(seed));
  }

  Flash& flash() override { return flash_; }
  Status random(ByteSpan into) override { return random_.fill(into); }
  std::uint64_t milliseconds() override { return 1000; }
  Touch wait_for_touch(std::uint32_t) override { return Touch::kTouched; }
  void display(std::span<const std::string_view>) override {}
  ByteView unique_secret() override { return secret_; }
  std::uint32_t serial() override { return 0x01020384; }
  Maker* maker() override { return &maker_; }

 private:
  mps2::NorFlash flash_;
  RandomGenerator random_;
  std::array<std::uint8_t, 32> secret_{};
  host::TestMaker maker_;
};

}  // namespace sceau::firmware::test
