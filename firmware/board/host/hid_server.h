// The lines of CTAPHID that a simulated token listens on, and what waits on them.
#pragma once

#include "board/host/hid_line.h"
#include "board/host/service.h"

namespace sceau::firmware::host {

class HidServer final : public Service {
 public:
  // Takes the lines over.
  explicit HidServer(std::vector<std::unique_ptr<HidSocket>> sockets);
  HidServer(const HidServer&) = delete;
  HidServer& operator=(const HidServer&) = delete;

  void attach(Board& board, Token& token) override;
  void add_to(std::vector<pollfd>& waiting) const override;
  int patience() const override;
  void attend() override;
  bool rebooting() const override;

  // While a touch is awaited that no line knows of, or another one: the hosts are told that the token is
  // busy.
  bool go_on() override;

 private:
  // The most that CTAPHID can carry: 57 bytes, and 59 in each of 128 continuations.
  static constexpr std::size_t kMaxPayload = 57 + 128 * 59;
  struct Line {
    std::unique_ptr<HidSocket> socket;
    std::unique_ptr<fido::CtapHid> hid;
    std::vector<std::uint8_t> message;
    std::vector<std::uint8_t> answer;
  };

  std::vector<Line> lines_;
};

}  // namespace sceau::firmware::host
