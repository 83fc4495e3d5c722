#include "board/host/usb_target.h"

namespace sceau::firmware::host {

LocalUsb::LocalUsb(Board& board, Token& token)
    : slot_(token),
      ccid_(slot_, ccid_buffer_),
      fido_(board, token.fido().authenticator, hid_, fido_message_, fido_answer_, kBase),
      device_(ccid_, hid_, board.serial()) {
  hid_.attach(fido_);
}

void LocalUsb::keep_patient() {
  ccid_.extend();
  if (!fido_.running()) hid_.refuse();
}

}  // namespace sceau::firmware::host
