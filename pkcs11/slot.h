// A slot: one reader (or FIDO2 key), for as long as the module is initialised, with or without a card in it.
//
// Slots are never taken out of the list (NSS needs that), and a slot's id comes from its reader's name, so
// that it is the same in every process. Safe for several threads.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "foreign.h"
#include "readers.h"
#include "result.h"
#include "token.h"

namespace sceau::pkcs11 {

class Slot {
 public:
  Slot(CK_SLOT_ID id, std::string reader, ReaderSource& readers, TokenOptions options)
      : id_(id), reader_(std::move(reader)), readers_(readers), options_(std::move(options)) {}

  // One whose token is opened like this: a FIDO2 key's.
  using Opener = std::function<Result<std::shared_ptr<Token>>()>;
  Slot(CK_SLOT_ID id, std::string reader, ReaderSource& readers, Opener opener)
      : id_(id), reader_(std::move(reader)), readers_(readers), opener_(std::move(opener)) {}

  // A slot of another module's; its reader is the module's path and the number there.
  Slot(CK_SLOT_ID id, std::string reader, ReaderSource& readers, ForeignSlot foreign)
      : id_(id), reader_(std::move(reader)), readers_(readers), fixed_(std::move(foreign)) {}

  [[nodiscard]] CK_SLOT_ID id() const { return id_; }
  [[nodiscard]] const std::string& reader() const { return reader_; }
  [[nodiscard]] bool card_present() const {
    return fixed_ ? fixed_->module->token_present(fixed_->id) : present_.load();
  }
  // Where another module serves the slot, or the card that is in it now.
  [[nodiscard]] const std::optional<ForeignSlot>& fixed() const { return fixed_; }
  [[nodiscard]] bool is_fido() const { return static_cast<bool>(opener_); }
  std::optional<ForeignSlot> adopted();
  void adopt(ForeignSlot foreign);

  // What the reader says now. A change is an event. True: the card went, and drop_token() is due.
  bool observe(bool present);
  // Takes the event, if there was one.
  bool take_event() { return event_.exchange(false); }
  void forget_event() { event_ = false; }
  // For slots of other modules, whose own events count.
  void note_event() { event_ = true; }
  void remember(bool present) { present_ = present; }

  // The token in the slot. CKR_TOKEN_NOT_PRESENT, CKR_TOKEN_NOT_RECOGNIZED (no PIV application),
  // CKR_DEVICE_ERROR.
  Result<std::shared_ptr<Token>> token();
  // The token as far as it is known, without asking the card.
  std::shared_ptr<Token> known_token();
  // May wait for a card that is just being opened.
  void drop_token();

 private:
  Result<std::shared_ptr<Token>> open();

  const CK_SLOT_ID id_;
  const std::string reader_;
  ReaderSource& readers_;
  const TokenOptions options_;
  const Opener opener_;
  const std::optional<ForeignSlot> fixed_;
  std::optional<ForeignSlot> adopted_;
  std::atomic<bool> present_ = false;
  std::atomic<bool> event_ = false;
  std::mutex mutex_;
  std::shared_ptr<Token> token_;
};

}  // namespace sceau::pkcs11
