// The UART (ARM CMSDK APB UART, DDI 0479) as a doorbell: single bytes that say "look into the mailbox".
//
// Bytes that come are put aside by the interrupt handler until they are taken. The bridge rings once and
// waits for the answer; only of power it rings unasked, and several such rings are kept as one: so the few
// places are never all in use. What asks for something while a command waits for a reply (a touch, a
// signature) stays there until wait(). USB transfers are served by the handler itself.
#pragma once

#include "board/mps2/mailbox.h"

namespace sceau::firmware::mps2::doorbell {

// Who serves USB transfers, in the interrupt, as a controller's driver does.
class TransferListener {
 public:
  virtual void on_transfer() = 0;

 protected:
  ~TransferListener() = default;
};

void start();
// Borrows it.
void listen(TransferListener& listener);
// For who never listens.
void start_sending();
// Everything written before is seen by the bridge before the ring is.
void ring(Ring what);
// Sleeps until the bridge rings.
Ring wait();
// Sleeps until the bridge replies to what a command asked it, or any interrupt comes: then kNone.
Ring wait_for_reply();
// In an interrupt: wait() returns kTransfer, once.
void wake();
// For the interrupt vector.
void on_receive();

}  // namespace sceau::firmware::mps2::doorbell
