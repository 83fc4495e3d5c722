// A PKCS#11 module of another maker with two slots, in which a test puts and takes tokens: as much of it as
// being passed through needs. It tells its events, unless the test says that it is of the kind that does not.
#include <pkcs11-helper-1.0/pkcs11.h>
#include <string.h>

#define SLOTS 2

static CK_BBOOL present[SLOTS];
static CK_BBOOL event[SLOTS];
static CK_BBOOL tells_events = CK_TRUE;

// For the test.
void foreign_put(CK_SLOT_ID slot, CK_BBOOL is_there) {
  event[slot] = present[slot] != is_there;
  present[slot] = is_there;
}
void foreign_tells_events(CK_BBOOL tells) {
  tells_events = tells;
  memset(present, 0, sizeof present);
  memset(event, 0, sizeof event);
}

static CK_RV initialise(void* arguments) {
  (void)arguments;
  return CKR_OK;
}
static CK_RV finalise(void* reserved) {
  (void)reserved;
  return CKR_OK;
}
static CK_RV slot_list(CK_BYTE with_token, CK_SLOT_ID* slots, CK_ULONG* count) {
  CK_ULONG found = 0;
  CK_SLOT_ID slot;
  for (slot = 0; slot < SLOTS; ++slot) {
    if (with_token && !present[slot]) continue;
    if (slots != NULL && found < *count) slots[found] = slot;
    ++found;
  }
  *count = found;
  return CKR_OK;
}
static CK_RV slot_info(CK_SLOT_ID slot, CK_SLOT_INFO* info) {
  if (slot >= SLOTS) return CKR_SLOT_ID_INVALID;
  memset(info, ' ', sizeof *info);
  info->flags = CKF_REMOVABLE_DEVICE | (present[slot] ? CKF_TOKEN_PRESENT : 0);
  return CKR_OK;
}
static CK_RV wait_for_event(CK_FLAGS flags, CK_SLOT_ID* told, void* reserved) {
  CK_SLOT_ID slot;
  if (!tells_events || !(flags & CKF_DONT_BLOCK) || reserved != NULL) return CKR_FUNCTION_NOT_SUPPORTED;
  for (slot = 0; slot < SLOTS; ++slot) {
    if (!event[slot]) continue;
    event[slot] = CK_FALSE;
    *told = slot;
    return CKR_OK;
  }
  return CKR_NO_EVENT;
}

static CK_FUNCTION_LIST functions;

CK_RV C_GetFunctionList(CK_FUNCTION_LIST** list) {
  functions.version.major = 2;
  functions.version.minor = 40;
  functions.C_Initialize = initialise;
  functions.C_Finalize = finalise;
  functions.C_GetSlotList = slot_list;
  functions.C_GetSlotInfo = slot_info;
  functions.C_WaitForSlotEvent = wait_for_event;
  *list = &functions;
  return CKR_OK;
}
