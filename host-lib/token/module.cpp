#include "sceau/token/module.h"

#include <dlfcn.h>

#include <algorithm>
#include <span>

#include "module_functions.h"
#include "sceau/token/own_function.h"

namespace sceau::token {
namespace {

using cryptoki::call;
using cryptoki::failure;

constexpr unsigned long kMostSlots = 1024;

// Fixed fields are padded with blanks, and by some modules with zeros.
std::string field(std::span<const unsigned char> bytes) {
  std::string text;
  for (const unsigned char byte : bytes) {
    if (byte == 0) break;
    text += byte < 0x20 || byte == 0x7F ? '?' : static_cast<char>(byte);
  }
  text.erase(text.find_last_not_of(' ') + 1);
  return text;
}

std::string loader_message() {
  const char* text = dlerror();  // NOLINT(concurrency-mt-unsafe): glibc keeps it a thread
  return text == nullptr ? "it cannot be loaded" : text;
}

}  // namespace

Result<std::shared_ptr<Module>> Module::load(const std::string& path) {
  const std::string doing = "loading the PKCS#11 module " + path;
  // Never unloaded: threads and exit handlers that it left behind would run in what is gone.
  void* library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
  if (library == nullptr)
    return Error{ErrorKind::not_found, doing + ": " + loader_message() + ": install it, or correct its path"};
  void* const entry = own_function(library, "C_GetFunctionList");
  dlclose(library);
  if (entry == nullptr)
    return Error{ErrorKind::invalid, doing + ": it has no C_GetFunctionList: this is no PKCS#11 module"};
  CK_FUNCTION_LIST_PTR list = nullptr;
  const CK_RV got = reinterpret_cast<CK_C_GetFunctionList>(entry)(&list);
  if (got != CKR_OK) return failure(doing, got);
  if (list == nullptr || (list->version.major != 2 && list->version.major != 3))
    return Error{ErrorKind::invalid, doing + ": it gives no function list of version 2 or 3"};
  auto module = std::shared_ptr<Module>(new Module());
  module->path_ = path;
  module->functions_ = std::make_unique<Functions>(Functions{*list});
  CK_C_INITIALIZE_ARGS arguments{};
  arguments.flags = CKF_OS_LOCKING_OK;
  const CK_RV started = call(list->C_Initialize, static_cast<void*>(&arguments));
  if (started != CKR_OK && started != CKR_CRYPTOKI_ALREADY_INITIALIZED) return failure(doing, started);
  module->initialised_here_ = started == CKR_OK;
  return module;
}

Module::~Module() {
  if (initialised_here_) call(functions_->list.C_Finalize, nullptr);
}

std::string Module::name() const {
  std::string text = path_.substr(path_.find_last_of('/') + 1);
  if (text.starts_with("lib")) text.erase(0, 3);
  return text.substr(0, text.find(".so"));
}

Result<ModuleToken> Module::token(unsigned long slot) const {
  const std::string doing = "reading a token of " + name();
  CK_TOKEN_INFO info{};
  const CK_RV code = call(functions_->list.C_GetTokenInfo, slot, &info);
  if (code != CKR_OK) return failure(doing, code);
  ModuleToken token;
  token.slot = slot;
  token.label = field(info.label);
  token.serial = field(info.serialNumber);
  token.manufacturer = field(info.manufacturerID);
  token.model = field(info.model);
  const auto has = [&info](CK_FLAGS flag) { return (info.flags & flag) != 0; };
  if (!has(CKF_TOKEN_INITIALIZED))
    return Error{ErrorKind::not_found, doing + ": it was never initialised: use its maker's program"};
  token.protected_path = has(CKF_PROTECTED_AUTHENTICATION_PATH);
  token.needs_pin = has(CKF_LOGIN_REQUIRED);
  token.pin_low = has(CKF_USER_PIN_COUNT_LOW);
  token.pin_final_try = has(CKF_USER_PIN_FINAL_TRY);
  token.pin_locked = has(CKF_USER_PIN_LOCKED);
  CK_SLOT_INFO where{};
  if (call(functions_->list.C_GetSlotInfo, slot, &where) == CKR_OK)
    token.reader = field(where.slotDescription);
  return token;
}

Result<std::vector<ModuleToken>> Module::tokens() const {
  const std::string doing = "listing the tokens of " + path_;
  std::vector<CK_SLOT_ID> slots;
  // The list may grow between asking its size and asking for it.
  for (int attempt = 0;; ++attempt) {
    unsigned long count = 0;
    CK_RV code = call(functions_->list.C_GetSlotList, static_cast<unsigned char>(CK_TRUE),
                      static_cast<CK_SLOT_ID*>(nullptr), &count);
    if (code != CKR_OK) return failure(doing, code);
    if (count > kMostSlots)
      return Error{ErrorKind::corrupt, doing + ": it says that there are " + std::to_string(count)};
    slots.assign(count + 1, 0);
    unsigned long got = slots.size();
    code = call(functions_->list.C_GetSlotList, static_cast<unsigned char>(CK_TRUE), slots.data(), &got);
    if (code == CKR_BUFFER_TOO_SMALL && attempt < 8) continue;
    if (code != CKR_OK) return failure(doing, code);
    if (got > slots.size()) return Error{ErrorKind::corrupt, doing + ": it wrote more than it may"};
    slots.resize(got);
    break;
  }
  std::vector<ModuleToken> found;
  for (const CK_SLOT_ID slot : slots)
    if (auto one = token(slot)) found.push_back(std::move(*one));
  return found;
}

}  // namespace sceau::token
