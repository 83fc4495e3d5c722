// A session: a token, the operation it is in the middle of, and objects of its own.
//
// One thread at a time is in a session's operation: the session's mutex is held for the whole of it, the
// card's work included. Closing takes a session out of the provider's table; whoever is in it keeps it until
// it is done.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <optional>

#include "operation.h"
#include "slot.h"
#include "token.h"

namespace sceau::pkcs11 {

class Session {
 public:
  Session(CK_SLOT_ID slot, std::shared_ptr<Token> token, bool read_write)
      : slot_(slot), token_(std::move(token)), read_write_(read_write) {
    token_->session_opened(read_write_);
  }
  ~Session() { close(); }
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  [[nodiscard]] CK_SLOT_ID slot() const { return slot_; }
  [[nodiscard]] Token& token() const { return *token_; }
  [[nodiscard]] bool read_write() const { return read_write_; }
  [[nodiscard]] CK_STATE state() const;
  // Once; the session counts as closed from then on.
  void close();

  // Guards what follows.
  std::mutex& mutex() { return mutex_; }
  std::optional<Operation>& operation() { return operation_; }
  // CKR_OPERATION_NOT_INITIALIZED: the session is in the middle of something else, or of nothing.
  template <typename T>
  Result<T*> current() {
    T* operation = operation_ ? std::get_if<T>(&*operation_) : nullptr;
    if (operation == nullptr) return Failure{CKR_OPERATION_NOT_INITIALIZED};
    return operation;
  }

  // The token's or the session's own; null: there is no such object, or nobody is logged in to see it.
  ObjectPtr object(CK_OBJECT_HANDLE handle);
  // Takes an object as the session's own, and gives its handle.
  CK_OBJECT_HANDLE add_own(Object object);
  // CKR_ATTRIBUTE_READ_ONLY, CKR_ACTION_PROHIBITED (it is not modifiable).
  Status change_own(CK_OBJECT_HANDLE handle, const Attributes& changes);
  std::map<CK_OBJECT_HANDLE, ObjectPtr>& own_objects() { return own_objects_; }

 private:
  const CK_SLOT_ID slot_;
  const std::shared_ptr<Token> token_;
  const bool read_write_;
  std::atomic<bool> closed_ = false;
  std::mutex mutex_;
  std::optional<Operation> operation_;
  std::map<CK_OBJECT_HANDLE, ObjectPtr> own_objects_;
};

}  // namespace sceau::pkcs11
