// The FIDO2 keys of this machine as the provider needs them, so that tests can bring their own.
//
// A key is a slot of its own. One on USB (or a simulator's socket) is called as token::fido_places() calls
// it; one in a reader, by the reader's name and " (FIDO2)". A card of ours says by its answer to reset that
// it is one; others are asked once an insertion, with one command, and not while C_Initialize runs.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "readers.h"
#include "sceau/token/fido_key.h"
#include "sceau/token/fido_places.h"

namespace sceau::pkcs11 {

struct FidoSlot {
  std::string name;
  std::string reader;  // empty: not in one
  std::string path;
};

class FidoSource {
 public:
  FidoSource() = default;
  virtual ~FidoSource() = default;
  FidoSource(const FidoSource&) = delete;
  FidoSource& operator=(const FidoSource&) = delete;

  // Those that are there now. `ask_cards`: cards that nothing is known of may be sent a command. Called by
  // one thread at a time.
  virtual std::vector<FidoSlot> list(ReaderSource& readers, const std::vector<token::ReaderStatus>& seen,
                                     bool ask_cards) = 0;
};

// This machine's.
class SystemFidoKeys final : public FidoSource {
 public:
  std::vector<FidoSlot> list(ReaderSource& readers, const std::vector<token::ReaderStatus>& seen,
                             bool ask_cards) override;

 private:
  struct Seen {
    Bytes atr;
    bool is_key = false;
  };
  token::FidoPlaces places_;
  std::map<std::string, Seen> cards_;  // by reader, for those that had to be asked
};

}  // namespace sceau::pkcs11
