// Everything between C_Initialize and C_Finalize: the slots, the sessions, and who waits for what.
//
// Its own lock is held for looking things up only, never while a card works.
#pragma once

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include "fido_source.h"
#include "readers.h"
#include "session.h"
#include "slot.h"

namespace sceau::pkcs11 {

// Whose tokens are passed through.
struct ForeignOptions {
  std::vector<std::string> modules;  // paths; each of their slots is one of ours
  std::string for_other_cards;       // the module for cards without PIV in our own slots; empty: none
};

// Whose FIDO2 keys are shown.
struct FidoOptions {
  std::unique_ptr<FidoSource> source = nullptr;  // null: none are
  std::vector<std::string> relying_parties;      // whose credentials
};

class Provider {
 public:
  Provider(std::unique_ptr<ReaderSource> readers, TokenOptions options, ForeignOptions foreign = {},
           FidoOptions fido = {});

  // Who serves that slot instead of us. `asks_card`: even if the card must be asked whether it has PIV.
  std::optional<ForeignSlot> foreign_slot(Slot& slot, bool asks_card);
  std::optional<ForeignSession> foreign_session(CK_SESSION_HANDLE handle);
  Result<CK_SESSION_HANDLE> open_foreign_session(const Slot& slot, const ForeignSlot& foreign, CK_FLAGS flags,
                                                 CK_VOID_PTR application, CK_NOTIFY notify);

  // Looks at the readers: new ones become slots, cards that came or went become events. A machine without a
  // smart-card service has no slots, which is no failure.
  void look();
  // In the order in which they were first seen.
  std::vector<std::shared_ptr<Slot>> slots();
  // CKR_SLOT_ID_INVALID.
  Result<std::shared_ptr<Slot>> slot(CK_SLOT_ID id);
  // Other modules' slots count: they are asked twice a second, since not every module can be made to stop
  // waiting. CKR_NO_EVENT (when not to wait), CKR_CRYPTOKI_NOT_INITIALIZED (stop() was called).
  Result<CK_SLOT_ID> wait_for_event(bool may_wait);

  // As Slot::token(), and CKR_SESSION_READ_WRITE_SO_EXISTS.
  Result<CK_SESSION_HANDLE> open_session(Slot& slot, bool read_write);
  // CKR_SESSION_HANDLE_INVALID.
  Result<std::shared_ptr<Session>> session(CK_SESSION_HANDLE handle);
  Status close_session(CK_SESSION_HANDLE handle);
  bool has_sessions(CK_SLOT_ID slot);
  void close_all_sessions(CK_SLOT_ID slot);

  // Wakes whoever waits, and waits until nobody but the caller is inside.
  void stop();

  // Counts a thread that is inside.
  class Visit {
   public:
    explicit Visit(std::shared_ptr<Provider> provider) : provider_(std::move(provider)) {}
    ~Visit();
    Visit(Visit&&) noexcept = default;
    Visit& operator=(Visit&&) = delete;
    Visit(const Visit&) = delete;
    Visit& operator=(const Visit&) = delete;
    Provider& operator*() const { return *provider_; }

   private:
    std::shared_ptr<Provider> provider_;
  };
  // The caller still holds what keeps stop() from being called.
  static Visit enter(std::shared_ptr<Provider> provider);

 private:
  std::shared_ptr<Slot> slot_of_reader(const std::string& reader);
  // The slots whose cards went.
  std::vector<std::shared_ptr<Slot>> look_at_readers();
  void add_foreign_slots();
  // The slots whose keys went.
  std::vector<std::shared_ptr<Slot>> look_at_fido_keys();
  std::shared_ptr<Slot> slot_of_fido_key(const FidoSlot& place);
  void look_at_foreign_slots();
  CK_SLOT_ID new_slot_id(const std::string& name) const;

  const std::unique_ptr<ReaderSource> readers_;
  const TokenOptions options_;
  std::mutex look_mutex_;  // one look at a time; never held together with a card's lock
  bool looked_ = false;
  std::vector<token::ReaderStatus> seen_;

  std::mutex mutex_;
  std::condition_variable changed_;
  int inside_ = 0;
  bool stopped_ = false;
  std::vector<std::shared_ptr<Slot>> slots_;
  std::map<CK_SESSION_HANDLE, std::shared_ptr<Session>> sessions_;
  std::map<CK_SESSION_HANDLE, ForeignSession> foreign_sessions_;

  const FidoOptions fido_;

  const std::string for_other_cards_;
  std::vector<std::shared_ptr<ForeignModule>> modules_;  // set once
  std::mutex other_mutex_;
  std::shared_ptr<ForeignModule> other_;  // loaded when the first such card comes
};

}  // namespace sceau::pkcs11
