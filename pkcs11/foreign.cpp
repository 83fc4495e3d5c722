#include "foreign.h"

#include <dlfcn.h>

#include <algorithm>
#include <string_view>

#include "sceau/token/own_function.h"

namespace sceau::pkcs11 {
namespace {

template <typename Function>
Function symbol(void* library, const char* name) {
  return reinterpret_cast<Function>(token::own_function(library, name));
}

void* list_of(CK_C_GetInterface get_interface, CK_VERSION version) {
  CK_INTERFACE* interface = nullptr;
  if (get_interface(nullptr, &version, &interface, 0) != CKR_OK || interface == nullptr) return nullptr;
  return interface->pFunctionList;
}

}  // namespace

std::shared_ptr<ForeignModule> ForeignModule::load(const std::string& path) {
  // Kept open for good, see the header.
  void* library = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) return nullptr;
  const auto get_list = symbol<CK_C_GetFunctionList>(library, "C_GetFunctionList");
  std::shared_ptr<ForeignModule> module(new ForeignModule);  // NOLINT: the constructor is private
  module->path_ = path;
  if (get_list == nullptr || get_list(&module->functions_) != CKR_OK || module->functions_ == nullptr)
    return nullptr;
  if (const auto get_interface = symbol<CK_C_GetInterface>(library, "C_GetInterface")) {
    module->functions_3_0_ = static_cast<CK_FUNCTION_LIST_3_0*>(list_of(get_interface, {3, 0}));
    module->functions_3_2_ = static_cast<CK_FUNCTION_LIST_3_2*>(list_of(get_interface, {3, 2}));
  }
  CK_C_INITIALIZE_ARGS arguments{};
  arguments.flags = CKF_OS_LOCKING_OK;
  const CK_RV code = module->functions_->C_Initialize(&arguments);
  if (code != CKR_OK && code != CKR_CRYPTOKI_ALREADY_INITIALIZED) return nullptr;
  module->initialised_here_ = code == CKR_OK;
  return module;
}

ForeignModule::~ForeignModule() {
  if (initialised_here_) functions_->C_Finalize(nullptr);
}

std::vector<CK_SLOT_ID> ForeignModule::slots() const {
  CK_ULONG count = 0;
  if (functions_->C_GetSlotList(CK_FALSE, nullptr, &count) != CKR_OK || count > 4096) return {};
  std::vector<CK_SLOT_ID> slots(count);
  if (functions_->C_GetSlotList(CK_FALSE, slots.data(), &count) != CKR_OK) return {};
  slots.resize(std::min<std::size_t>(count, slots.size()));
  return slots;
}

bool ForeignModule::token_present(CK_SLOT_ID slot) const {
  CK_SLOT_INFO info{};
  return functions_->C_GetSlotInfo(slot, &info) == CKR_OK && (info.flags & CKF_TOKEN_PRESENT) != 0;
}

Result<CK_SLOT_ID> ForeignModule::next_event() const {
  if (functions_->C_WaitForSlotEvent == nullptr) return Failure{CKR_FUNCTION_NOT_SUPPORTED};
  CK_SLOT_ID slot = 0;
  const CK_RV code = functions_->C_WaitForSlotEvent(CKF_DONT_BLOCK, &slot, nullptr);
  if (code != CKR_OK) return Failure{code};
  return slot;
}

std::optional<CK_SLOT_ID> ForeignModule::slot_of_reader(const std::string& reader) const {
  for (const CK_SLOT_ID slot : slots()) {
    CK_SLOT_INFO info{};
    if (functions_->C_GetSlotInfo(slot, &info) != CKR_OK || (info.flags & CKF_TOKEN_PRESENT) == 0) continue;
    std::string_view name(reinterpret_cast<const char*>(info.slotDescription), sizeof info.slotDescription);
    name = name.substr(0, name.find_last_not_of(' ') + 1);
    CK_TOKEN_INFO token{};
    if (!name.empty() && reader.starts_with(name) && functions_->C_GetTokenInfo(slot, &token) == CKR_OK)
      return slot;
  }
  return std::nullopt;
}

}  // namespace sceau::pkcs11
