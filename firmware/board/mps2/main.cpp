// The token's image.
#include <addresses.h>

#include "board/mps2/clock.h"
#include "board/mps2/crypto_memory.h"
#include "board/mps2/doorbell.h"
#include "board/mps2/mailbox_board.h"
#include "board/mps2/place.h"
#include "board/mps2/usb_port.h"
#include "token.h"

namespace {

using namespace sceau::firmware;        // NOLINT(google-build-using-namespace): the program's one file
using namespace sceau::firmware::mps2;  // NOLINT(google-build-using-namespace)

Place<MailboxBoard> board_place;
Place<Token> token_place;
Place<UsbPort> port_place;

// As Token::serve(), without buffers of its own: a command is put where the token keeps chained ones.
[[noreturn]] void serve(Token& token, UsbPort& port, MailboxTransport transport) {
  for (;;) {
    const Transport::Received received = transport.wait();
    switch (received.event) {
      case Transport::Event::kCommand: {
        const ByteSpan frame = token.frame(transport.header());
        const std::size_t size = transport.take(received.size, frame);
        transport.answer(size == 0 ? token.answer_too_long(transport.answer_buffer())
                                   : token.exchange(ByteView(frame).first(size), transport.answer_buffer()));
        break;
      }
      case Transport::Event::kTooLong:
        transport.answer(token.answer_too_long(transport.answer_buffer()));
        break;
      case Transport::Event::kClosed:
        break;
      default:
        token.reset();
    }
    if (received.event != Transport::Event::kClosed) wipe(token.unused());
    port.work();
  }
}

}  // namespace

int main() {
  doorbell::start();
  clock::start();
  crypto_memory::start();
  MailboxBoard& board = board_place.make(kSharedMemory);
  Status status = board.start();
  Token& token = token_place.make(board, TokenOptions{board.short_only()});
  if (status == Status::kOk) status = token.start();

  Mailbox& mailbox = board.mailbox();
  const ByteView answer_to_reset = token.answer_to_reset();
  copy(answer_to_reset, mailbox.answer_to_reset);
  mailbox.answer_to_reset_size = answer_to_reset.size();
  mailbox.start_status = static_cast<std::uint32_t>(status);
  UsbPort& port = port_place.make(board, token);
  if (status == Status::kOk) port.start();
  doorbell::ring(Ring::kReady);
  if (status == Status::kOk) serve(token, port, MailboxTransport(mailbox));
  for (;;) static_cast<void>(doorbell::wait());
}
