// The board that a Linux process is.
#pragma once

#include <memory>
#include <string>

#include "board/board.h"
#include "board/host/button.h"
#include "board/host/flash_file.h"
#include "board/host/test_maker.h"

namespace sceau::firmware::host {

class HostBoard final : public Board {
 public:
  // `display`: "stdout", "none", or a file that lines are appended to, an empty line after each screen.
  HostBoard(std::unique_ptr<FlashFile> flash, const Fuses& fuses, std::unique_ptr<Button> button,
            std::string display);
  ~HostBoard();
  HostBoard(const HostBoard&) = delete;
  HostBoard& operator=(const HostBoard&) = delete;

  Flash& flash() override { return *flash_; }
  Status random(ByteSpan into) override;
  std::uint64_t milliseconds() override;
  Touch wait_for_touch(std::uint32_t milliseconds) override;
  Touch wait_for_touch_while(std::uint32_t milliseconds, Meanwhile& meanwhile) override;
  // Who is called during every wait for a touch; null: nobody. Borrows it.
  void attend_with(Meanwhile* attendant) { attendant_ = attendant; }
  void display(std::span<const std::string_view> lines) override;
  ByteView unique_secret() override { return fuses_.secret; }
  std::uint32_t serial() override { return fuses_.serial; }
  Maker* maker() override { return &maker_; }
  // Of this process's program, read once, when first asked for.
  ByteView firmware_digest() override;

 private:
  std::unique_ptr<FlashFile> flash_;
  Fuses fuses_;
  std::unique_ptr<Button> button_;
  std::string display_;
  std::vector<std::string> shown_;
  Meanwhile* attendant_ = nullptr;
  TestMaker maker_;
  BoundedBytes<32> firmware_;
};

}  // namespace sceau::firmware::host
