// Which tokens are there, and opening the one that is meant.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sceau/token/piv_signer.h"
#include "sceau/token/reader.h"

namespace sceau::token {

enum class TokenKind { piv, other };

struct FoundKey {
  Slot slot = Slot::signature;
  Bytes certificate;  // DER
};

struct FoundToken {
  std::string reader;
  TokenKind kind = TokenKind::other;
  std::string serial;   // empty where the card has no serial command
  std::string version;  // of its firmware
  std::optional<int> tries_left;
  std::vector<FoundKey> keys;  // slots 9A 9C 9D 9E 82 that hold a certificate
  std::string problem;         // why the card could not be read, where it could not
};

// Every reader with a card in it. A card that fails is listed with its problem, never hides the others.
// unavailable: no PC/SC service.
Result<std::vector<FoundToken>> list_tokens(const Readers& readers);

// What `choice` may be: empty (the only PIV token there is), a serial, or a reader's name or part of one that
// fits no other. not_found and invalid (ambiguous) list what there is.
struct OpenToken {
  std::shared_ptr<PivCard> card;
  std::string reader;
  std::string serial;  // empty where it was not needed to choose
};
Result<OpenToken> open_token(const Readers& readers, const std::string& choice);

}  // namespace sceau::token
