// General purpose, slot and token functions (PKCS#11 3.0, 5.4 and 5.5).
#include <algorithm>
#include <vector>

#include "api.h"
#include "pins.h"

namespace sceau::pkcs11::api {
namespace {

constexpr CK_VERSION kCryptoki{3, 0};
constexpr CK_VERSION kLibrary{0, 1};
constexpr std::string_view kManufacturer = "Sceau";
constexpr CK_ULONG kLongestManagementKey = 64;  // hexadecimal digits

CK_FLAGS tries_flags(const TokenFacts& facts) {
  if (!facts.tries_left) return 0;
  if (*facts.tries_left == 0) return CKF_USER_PIN_LOCKED;
  CK_FLAGS flags = *facts.tries_left == 1 ? CKF_USER_PIN_FINAL_TRY : 0;
  if (facts.tries && *facts.tries_left < *facts.tries) flags |= CKF_USER_PIN_COUNT_LOW;
  return flags;
}

void describe_card(const TokenFacts& facts, CK_TOKEN_INFO& info) {
  const bool own = facts.application.starts_with(kManufacturer);
  fill_text(info.manufacturerID, own ? kManufacturer : "PIV");
  fill_text(info.model, facts.application.empty() ? "PIV" : std::string_view(facts.application));
  info.flags = CKF_RNG | CKF_LOGIN_REQUIRED | CKF_TOKEN_INITIALIZED | CKF_USER_PIN_INITIALIZED;
  if (facts.default_pin.value_or(false)) info.flags |= CKF_USER_PIN_TO_BE_CHANGED;
  info.ulMinPinLen = kShortestPin;
  info.ulMaxPinLen = kLongestPin;
}

// Without CKF_LOGIN_REQUIRED: programs that log in to every token that has it, with the PIN of another
// (ssh-add), would use up the key's tries.
void describe_fido(const TokenFacts& facts, CK_TOKEN_INFO& info) {
  fill_text(info.manufacturerID, "FIDO2");
  fill_text(info.model, "FIDO2");
  if (facts.pin_set) info.flags = CKF_TOKEN_INITIALIZED | CKF_USER_PIN_INITIALIZED;
  if (facts.pin_pad) info.flags |= CKF_TOKEN_INITIALIZED;
  info.ulMinPinLen = kShortestFidoPin;
  info.ulMaxPinLen = kLongestFidoPin;
}

}  // namespace

Status Initialize(CK_VOID_PTR arguments) {
  return Module::instance().initialise(static_cast<const CK_C_INITIALIZE_ARGS*>(arguments));
}

Status Finalize(CK_VOID_PTR reserved) { return Module::instance().finalise(reserved); }

Status GetInfo(Provider& /*provider*/, CK_INFO* info) {
  if (info == nullptr) return Failure{CKR_ARGUMENTS_BAD};
  *info = {};
  info->cryptokiVersion = kCryptoki;
  info->libraryVersion = kLibrary;
  fill_text(info->manufacturerID, kManufacturer);
  fill_text(info->libraryDescription, "Sceau PKCS#11 provider");
  return {};
}

Status GetSlotList(Provider& provider, CK_BYTE token_present, CK_SLOT_ID* slot_list, CK_ULONG* count) {
  if (count == nullptr) return Failure{CKR_ARGUMENTS_BAD};
  // A new list is made where its size is asked for, so that the second call finds the same (5.5.1).
  if (slot_list == nullptr) provider.look();
  std::vector<CK_SLOT_ID> ids;
  for (const auto& slot : provider.slots())
    if (token_present == CK_FALSE || slot->card_present()) ids.push_back(slot->id());
  return give(std::span<const CK_SLOT_ID>(ids), slot_list, count);
}

Status GetSlotInfo(Provider& provider, Slot& slot, CK_SLOT_INFO* info) {
  if (info == nullptr) return Failure{CKR_ARGUMENTS_BAD};
  provider.look();
  *info = {};
  fill_text(info->slotDescription, slot.reader());
  fill_text(info->manufacturerID, kManufacturer);
  info->flags = CKF_HW_SLOT | CKF_REMOVABLE_DEVICE;
  if (slot.card_present()) info->flags |= CKF_TOKEN_PRESENT;
  return {};
}

Status GetTokenInfo(Provider& /*provider*/, Slot& slot, CK_TOKEN_INFO* info) {
  if (info == nullptr) return Failure{CKR_ARGUMENTS_BAD};
  auto token = slot.token();
  if (!token) return token.failure();
  auto facts = (*token)->facts();
  if (!facts) return facts.failure();
  *info = {};
  fill_text(info->label, facts->label);
  fill_text(info->serialNumber, facts->serial);
  if (facts->is_fido) {
    describe_fido(*facts, *info);
  } else {
    describe_card(*facts, *info);
  }
  info->flags |= tries_flags(*facts);
  if (facts->pin_pad) info->flags |= CKF_PROTECTED_AUTHENTICATION_PATH;
  info->ulMaxSessionCount = info->ulMaxRwSessionCount = CK_EFFECTIVELY_INFINITE;
  info->ulSessionCount = static_cast<CK_ULONG>((*token)->sessions());
  info->ulRwSessionCount = static_cast<CK_ULONG>((*token)->read_write_sessions());
  info->ulTotalPublicMemory = info->ulFreePublicMemory = CK_UNAVAILABLE_INFORMATION;
  info->ulTotalPrivateMemory = info->ulFreePrivateMemory = CK_UNAVAILABLE_INFORMATION;
  std::fill(std::begin(info->utcTime), std::end(info->utcTime), ' ');
  return {};
}

Status GetMechanismList(Provider& /*provider*/, Slot& slot, CK_MECHANISM_TYPE* mechanism_list,
                        CK_ULONG* count) {
  if (count == nullptr) return Failure{CKR_ARGUMENTS_BAD};
  auto token = slot.token();
  if (!token) return token.failure();
  std::vector<CK_MECHANISM_TYPE> types;
  for (const Mechanism& mechanism : mechanisms())
    if ((*token)->has(mechanism)) types.push_back(mechanism.type);
  return give(std::span<const CK_MECHANISM_TYPE>(types), mechanism_list, count);
}

Status GetMechanismInfo(Provider& /*provider*/, Slot& slot, CK_MECHANISM_TYPE type, CK_MECHANISM_INFO* info) {
  if (info == nullptr) return Failure{CKR_ARGUMENTS_BAD};
  auto token = slot.token();
  if (!token) return token.failure();
  const Mechanism* mechanism = find_mechanism(type, 0);
  if (mechanism == nullptr || !(*token)->has(*mechanism)) return Failure{CKR_MECHANISM_INVALID};
  *info = mechanism->info;
  return {};
}

Status WaitForSlotEvent(Provider& provider, CK_FLAGS flags, CK_SLOT_ID* slot, CK_VOID_PTR reserved) {
  if (slot == nullptr || reserved != nullptr) return Failure{CKR_ARGUMENTS_BAD};
  auto event = provider.wait_for_event((flags & CKF_DONT_BLOCK) == 0);
  if (!event) return event.failure();
  *slot = *event;
  return {};
}

Status InitToken(Provider& provider, Slot& slot, CK_BYTE* pin, CK_ULONG pin_size, CK_BYTE* label) {
  // PIV has no place for the label, which is 32 bytes all the same.
  if (pin == nullptr || label == nullptr) return Failure{CKR_ARGUMENTS_BAD};
  if (pin_size > kLongestManagementKey) return Failure{CKR_PIN_INCORRECT};
  auto token = slot.token();
  if (!token) return token.failure();
  if (provider.has_sessions(slot.id())) return Failure{CKR_SESSION_EXISTS};
  return (*token)->initialise(Secret(ByteView(pin, pin_size)));
}

}  // namespace sceau::pkcs11::api
