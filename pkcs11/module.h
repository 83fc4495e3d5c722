// The one thing in this library that there is once a process: what C_Initialize makes and C_Finalize ends.
//
// After fork() the child has no provider and must initialise for itself; the parent's goes on. No thread of
// the parent can leave the child a locked lock: fork waits for this lock, which is only ever held to copy a
// pointer.
#pragma once

#include <functional>
#include <memory>
#include <mutex>

#include "provider.h"

namespace sceau::pkcs11 {

class Module {
 public:
  static Module& instance();

  // Checks CK_C_INITIALIZE_ARGS. CKR_ARGUMENTS_BAD, CKR_CANT_LOCK (the caller's locks and no others),
  // CKR_CRYPTOKI_ALREADY_INITIALIZED.
  Status initialise(const CK_C_INITIALIZE_ARGS* arguments);
  // Returns when no other thread is inside any more. CKR_ARGUMENTS_BAD, CKR_CRYPTOKI_NOT_INITIALIZED.
  Status finalise(const void* reserved);
  // CKR_CRYPTOKI_NOT_INITIALIZED.
  Result<Provider::Visit> enter();

  // For tests: where the next provider comes from.
  using Factory = std::function<std::shared_ptr<Provider>()>;
  void make_with(Factory factory) { factory_ = std::move(factory); }

 private:
  Module();
  static void before_fork();
  static void after_fork_in_parent();
  static void after_fork_in_child();

  std::mutex mutex_;
  std::shared_ptr<Provider> provider_;
  Factory factory_;
};

}  // namespace sceau::pkcs11
