// The token: store, crypto and applications put together over a board, and the loop that serves a transport.
#pragma once

#include "apdu/dispatcher.h"
#include "board/board.h"
#include "clearsign/clearsign.h"
#include "crypto/key_engine.h"
#include "fido/card.h"
#include "piv/piv.h"
#include "store/store.h"

namespace sceau::firmware {

// The FIDO application, with its door for readers.
struct Fido {
  Fido(Board& board, Store& store, KeyEngine& engine) : authenticator(board, store, engine) {}

  fido::Authenticator authenticator;
  fido::FidoCard card{authenticator};
};

struct TokenOptions {
  bool short_only = false;  // announce and take short APDUs only
};

class Token {
 public:
  Token(Board& board, TokenOptions options);
  Token(const Token&) = delete;
  Token& operator=(const Token&) = delete;

  // Mounts the store and makes what a fresh device lacks. kHardware, kCorrupt (the flash is another
  // device's), kFull, kNotFound (no attestation key and no maker).
  Status start();

  // One command APDU in, one response APDU out: its size. `response` should hold kMaxAnswer bytes.
  static constexpr std::size_t kMaxAnswer = Dispatcher::kMaxResponse + 2;
  std::size_t exchange(ByteView command, ByteSpan response) {
    return dispatcher_.exchange(command, response);
  }
  // Where a board without a buffer for commands puts the next one.
  // See Dispatcher::frame() and unused().
  ByteSpan frame(ByteView header) { return dispatcher_.frame(header); }
  ByteSpan unused() { return dispatcher_.unused(); }
  std::size_t answer_too_long(ByteSpan response) { return dispatcher_.too_long(response); }
  // Power came or went.
  void reset() { dispatcher_.reset(); }

  // Answer to reset, ISO 7816-3, for T=1; its historical bytes announce chaining and extended lengths.
  ByteView answer_to_reset() const { return answer_to_reset(options_.short_only); }
  static ByteView answer_to_reset(bool short_only);

  // Serves until the transport closes.
  void serve(Transport& transport);

  const piv::Piv& piv() const { return piv_; }
  // For the transports that carry no APDUs.
  Fido& fido() { return fido_; }

 private:
  TokenOptions options_;
  Store store_;
  KeyEngine engine_;
  clearsign::ClearSign clear_sign_;
  piv::Piv piv_;
  Fido fido_;
  std::array<Application*, 3> applications_;
  Dispatcher dispatcher_;
};

}  // namespace sceau::firmware
