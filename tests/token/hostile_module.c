/* A PKCS#11 module that misbehaves in the way that HOSTILE names, and is otherwise a token with one
 * certificate.
 *
 * The certificate (DER) is in the file that HOSTILE_CERTIFICATE names. */
#include <pkcs11-helper-1.0/pkcs11.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static unsigned char certificate[4096];
static unsigned long certificate_size;
static int found_already;

static int does(const char* what) {
  const char* how = getenv("HOSTILE");
  return how != NULL && strcmp(how, what) == 0;
}

static CK_RV initialise(void* arguments) {
  (void)arguments;
  if (does("initialise-fails")) return CKR_GENERAL_ERROR;
  const char* path = getenv("HOSTILE_CERTIFICATE");
  FILE* file = path == NULL ? NULL : fopen(path, "rb");
  certificate_size = 0;
  if (file != NULL) {
    certificate_size = fread(certificate, 1, sizeof certificate, file);
    fclose(file);
  }
  return CKR_OK;
}
static CK_RV finalise(void* reserved) {
  (void)reserved;
  return CKR_OK;
}
static CK_RV slot_list(unsigned char present, CK_SLOT_ID* slots, unsigned long* count) {
  (void)present;
  if (does("slots-huge")) {
    *count = 1UL << 40U;
    return CKR_OK;
  }
  if (does("slots-fail")) return CKR_DEVICE_ERROR;
  if (slots != NULL && does("slots-grow")) {
    *count += 5;
    return CKR_BUFFER_TOO_SMALL;
  }
  if (slots != NULL && does("slots-overflow")) {
    *count = 900;
    return CKR_OK;
  }
  if (slots != NULL) slots[0] = 7;
  *count = 1;
  return CKR_OK;
}
static CK_RV token_info(CK_SLOT_ID slot, CK_TOKEN_INFO* info) {
  (void)slot;
  if (does("token-fails")) return 0x80001234UL;
  /* No blank anywhere: nothing ends these fields. */
  memset(info, 'x', sizeof *info);
  if (does("control-characters")) memset(info->label, 7, sizeof info->label);
  info->flags = CKF_TOKEN_INITIALIZED | CKF_LOGIN_REQUIRED;
  if (does("locked")) info->flags |= CKF_USER_PIN_LOCKED;
  if (does("wrong-pin")) info->flags |= CKF_USER_PIN_FINAL_TRY;
  if (does("protected")) info->flags |= CKF_PROTECTED_AUTHENTICATION_PATH;
  return CKR_OK;
}
static CK_RV mechanism_list(CK_SLOT_ID slot, CK_MECHANISM_TYPE* list, unsigned long* count) {
  (void)slot;
  if (does("mechanisms-huge")) {
    *count = ~0UL;
    return CKR_OK;
  }
  if (list != NULL) list[0] = does("no-mechanism") ? CKM_DES3_CBC : CKM_ECDSA;
  *count = list != NULL && does("mechanisms-overflow") ? 77 : 1;
  return CKR_OK;
}
static CK_RV open_session(CK_SLOT_ID slot, CK_FLAGS flags, void* application, CK_NOTIFY notify,
                          CK_SESSION_HANDLE* session) {
  (void)slot, (void)flags, (void)application, (void)notify;
  *session = 3;
  return does("no-session") ? CKR_SESSION_COUNT : CKR_OK;
}
static CK_RV close_session(CK_SESSION_HANDLE session) {
  (void)session;
  return CKR_OK;
}
static CK_RV login(CK_SESSION_HANDLE session, CK_USER_TYPE user, unsigned char* pin, unsigned long size) {
  (void)session, (void)user, (void)size;
  if (does("protected")) return pin == NULL ? CKR_FUNCTION_CANCELED : CKR_ARGUMENTS_BAD;
  if (does("wrong-pin")) return CKR_PIN_INCORRECT;
  return CKR_OK;
}
static CK_RV logout(CK_SESSION_HANDLE session) {
  (void)session;
  return CKR_OK;
}
static CK_RV find_init(CK_SESSION_HANDLE session, CK_ATTRIBUTE* wanted, unsigned long count) {
  (void)session, (void)wanted, (void)count;
  found_already = 0;
  return CKR_OK;
}
static CK_RV find(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE* objects, unsigned long most,
                  unsigned long* count) {
  (void)session;
  if (does("objects-overflow")) {
    *count = most + 1000;
    return CKR_OK;
  }
  if (does("objects-endless")) {
    for (unsigned long i = 0; i < most; ++i) objects[i] = i;
    *count = most;
    return CKR_OK;
  }
  *count = 0;
  if (found_already++ == 0) {
    objects[0] = 11;
    *count = 1;
  }
  return CKR_OK;
}
static CK_RV find_final(CK_SESSION_HANDLE session) {
  (void)session;
  return CKR_OK;
}
static CK_RV attribute_value(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object, CK_ATTRIBUTE* asked,
                             unsigned long count) {
  (void)session, (void)object, (void)count;
  if (asked->type == CKA_ID) {
    if (asked->pValue != NULL) memset(asked->pValue, 1, 1);
    asked->ulValueLen = 1;
    return CKR_OK;
  }
  if (asked->type != CKA_VALUE) {
    asked->ulValueLen = CK_UNAVAILABLE_INFORMATION;
    return does("odd-codes") ? CKR_OK : CKR_ATTRIBUTE_TYPE_INVALID;
  }
  if (does("attribute-huge")) {
    asked->ulValueLen = 1UL << 50U;
    return CKR_OK;
  }
  if (asked->pValue != NULL && does("attribute-overflow")) {
    asked->ulValueLen += 100000;
    return CKR_OK;
  }
  if (does("attribute-empty")) {
    asked->ulValueLen = 0;
    return CKR_OK;
  }
  if (asked->pValue != NULL) memcpy(asked->pValue, certificate, certificate_size);
  if (asked->pValue != NULL && does("certificate-broken")) memset(asked->pValue, 0x30, certificate_size / 2);
  asked->ulValueLen = certificate_size;
  return CKR_OK;
}
static CK_RV sign_init(CK_SESSION_HANDLE session, CK_MECHANISM* mechanism, CK_OBJECT_HANDLE key) {
  (void)session, (void)mechanism, (void)key;
  return does("sign-not-allowed") ? CKR_KEY_FUNCTION_NOT_PERMITTED : CKR_OK;
}
static CK_RV sign(CK_SESSION_HANDLE session, unsigned char* data, unsigned long size,
                  unsigned char* signature, unsigned long* signature_size) {
  (void)session, (void)data, (void)size;
  if (does("pulled")) return CKR_DEVICE_REMOVED;
  if (does("signature-overflow")) {
    *signature_size = 1UL << 40U;
    return CKR_OK;
  }
  if (does("signature-empty")) {
    *signature_size = 0;
    return CKR_OK;
  }
  *signature_size = does("signature-short") ? 12 : 64;
  memset(signature, 0x11, *signature_size);
  return CKR_OK;
}

static CK_FUNCTION_LIST list;

CK_RV C_GetFunctionList(CK_FUNCTION_LIST** out) {
  if (does("no-list")) {
    *out = NULL;
    return CKR_OK;
  }
  memset(&list, 0, sizeof list);
  list.version.major = does("version") ? 9 : 2;
  list.version.minor = 40;
  if (!does("no-functions")) {
    list.C_Initialize = initialise;
    list.C_Finalize = finalise;
    list.C_GetSlotList = slot_list;
    list.C_GetTokenInfo = token_info;
    list.C_GetMechanismList = mechanism_list;
    list.C_OpenSession = open_session;
    list.C_CloseSession = close_session;
    list.C_Login = login;
    list.C_Logout = logout;
    list.C_FindObjectsInit = find_init;
    list.C_FindObjects = find;
    list.C_FindObjectsFinal = find_final;
    list.C_GetAttributeValue = attribute_value;
    if (!does("no-sign")) {
      list.C_SignInit = sign_init;
      list.C_Sign = sign;
    }
  }
  *out = &list;
  return CKR_OK;
}
