#include "module.h"

#include <pthread.h>

#include <new>
#include <utility>

#include "cache.h"
#include "configuration.h"

namespace sceau::pkcs11 {
namespace {

std::shared_ptr<Provider> make_provider() {
  Configuration configuration = read_configuration(configuration_folders());
  TokenOptions options;
  options.keep_pins = configuration.pin_cache;
  if (auto folder = Cache::user_folder()) options.cache = std::make_shared<Cache>(std::move(*folder));
  FidoOptions fido;
  if (configuration.fido2) fido.source = std::make_unique<SystemFidoKeys>();
  fido.relying_parties = std::move(configuration.relying_parties);
  return std::make_shared<Provider>(std::make_unique<PcscReaders>(), std::move(options),
                                    ForeignOptions{std::move(configuration.modules), "opensc-pkcs11.so"},
                                    std::move(fido));
}

// Never taken down: a process may end while other threads are inside.
alignas(Module) std::array<unsigned char, sizeof(Module)> module_memory;
// A parent's providers, which a child must not touch: their locks may be held by threads it does not have.
alignas(std::shared_ptr<Provider>) std::array<unsigned char, sizeof(std::shared_ptr<Provider>)> left_behind;

}  // namespace

Module& Module::instance() {
  static Module& module = *new (module_memory.data()) Module;
  return module;
}

Module::Module() : factory_(make_provider) {
  pthread_atfork(before_fork, after_fork_in_parent, after_fork_in_child);
}

void Module::before_fork() { instance().mutex_.lock(); }
void Module::after_fork_in_parent() { instance().mutex_.unlock(); }
void Module::after_fork_in_child() {
  Module& module = instance();
  new (left_behind.data()) std::shared_ptr<Provider>(std::move(module.provider_));
  module.mutex_.unlock();
}

Status Module::initialise(const CK_C_INITIALIZE_ARGS* arguments) {
  if (arguments != nullptr) {
    const int given = (arguments->CreateMutex != nullptr ? 1 : 0) +
                      (arguments->DestroyMutex != nullptr ? 1 : 0) +
                      (arguments->LockMutex != nullptr ? 1 : 0) + (arguments->UnlockMutex != nullptr ? 1 : 0);
    if (arguments->pReserved != nullptr || (given != 0 && given != 4)) return Failure{CKR_ARGUMENTS_BAD};
    if (given == 4 && (arguments->flags & CKF_OS_LOCKING_OK) == 0) return Failure{CKR_CANT_LOCK};
  }
  {
    const std::lock_guard lock(mutex_);
    if (provider_) return Failure{CKR_CRYPTOKI_ALREADY_INITIALIZED};
  }
  // Looking at the readers is not for this lock, which fork() waits for.
  auto made = factory_();
  const std::lock_guard lock(mutex_);
  if (provider_) return Failure{CKR_CRYPTOKI_ALREADY_INITIALIZED};
  provider_ = std::move(made);
  return {};
}

Status Module::finalise(const void* reserved) {
  if (reserved != nullptr) return Failure{CKR_ARGUMENTS_BAD};
  std::shared_ptr<Provider> ending;
  {
    const std::lock_guard lock(mutex_);
    ending = std::exchange(provider_, nullptr);
  }
  if (!ending) return Failure{CKR_CRYPTOKI_NOT_INITIALIZED};
  ending->stop();
  return {};
}

Result<Provider::Visit> Module::enter() {
  const std::lock_guard lock(mutex_);
  if (!provider_) return Failure{CKR_CRYPTOKI_NOT_INITIALIZED};
  return Provider::enter(provider_);
}

}  // namespace sceau::pkcs11
