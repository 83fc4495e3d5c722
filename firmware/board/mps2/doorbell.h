// The UART (ARM CMSDK APB UART, DDI 0479) as a doorbell: single bytes that say "look into the mailbox".
//
// Bytes that come are put aside by the interrupt handler until wait() takes them. The bridge rings once and
// waits for the answer, so the few places kept are never all in use.
#pragma once

#include "board/mps2/mailbox.h"

namespace sceau::firmware::mps2::doorbell {

void start();
// For who never listens.
void start_sending();
// Everything written before is seen by the bridge before the ring is.
void ring(Ring what);
// Sleeps until the bridge rings.
Ring wait();
// For the interrupt vector.
void on_receive();

}  // namespace sceau::firmware::mps2::doorbell
