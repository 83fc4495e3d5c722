/* Signs client data with a FIDO2 key, through libsceau-pkcs11.so. What is asked for is in sceau_pkcs11.h.
 *
 *   cc sign_webauthn.c -o sign_webauthn -ldl -lcrypto
 *   sign_webauthn MODULE RELYING-PARTY <client-data.json >assertion.cbor          the PIN from SCEAU_PIN
 *
 * pkcs11.h is pkcs11-helper's (Debian: libpkcs11-helper1-dev); any other does as well. */
#include <dlfcn.h>
#include <openssl/sha.h>
#include <pkcs11-helper-1.0/pkcs11.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef SCEAU_IN_TREE
#include "sceau_pkcs11.h"
#else
#include <sceau/sceau_pkcs11.h>
#endif

static CK_FUNCTION_LIST_PTR p11;

static void must(CK_RV code, const char* what) {
  if (code == CKR_OK) return;
  fprintf(stderr, "sign_webauthn: %s: 0x%lx\n", what, (unsigned long)code);
  exit(1);
}

static void load(const char* path) {
  void* library = dlopen(path, RTLD_NOW);
  CK_C_GetFunctionList get_list;
  *(void**)&get_list = library == NULL ? NULL : dlsym(library, "C_GetFunctionList");
  if (get_list == NULL) {
    fprintf(stderr, "sign_webauthn: %s\n", dlerror());
    exit(1);
  }
  must(get_list(&p11), "C_GetFunctionList");
  must(p11->C_Initialize(NULL), "C_Initialize");
}

/* The first credential for that relying party, on the first FIDO2 key that has one. */
static CK_OBJECT_HANDLE find_key(const char* party, CK_UTF8CHAR_PTR pin, CK_ULONG pin_size,
                                 CK_SESSION_HANDLE* session) {
  CK_SLOT_ID slots[16];
  CK_ULONG slot_count = 16, slot, found = 0;
  CK_OBJECT_CLASS class = CKO_PRIVATE_KEY;
  CK_ATTRIBUTE wanted[] = {{CKA_CLASS, &class, sizeof class},
                           {CKA_SCEAU_RELYING_PARTY, (void*)party, strlen(party)}};
  CK_OBJECT_HANDLE key = CK_INVALID_HANDLE;
  must(p11->C_GetSlotList(CK_TRUE, slots, &slot_count), "C_GetSlotList");
  for (slot = 0; slot < slot_count; ++slot) {
    CK_MECHANISM_INFO info;
    if (p11->C_GetMechanismInfo(slots[slot], CKM_SCEAU_WEBAUTHN, &info) != CKR_OK) continue;
    must(p11->C_OpenSession(slots[slot], CKF_SERIAL_SESSION, NULL, NULL, session), "C_OpenSession");
    must(p11->C_Login(*session, CKU_USER, pin, pin_size), "C_Login");
    must(p11->C_FindObjectsInit(*session, wanted, 2), "C_FindObjectsInit");
    must(p11->C_FindObjects(*session, &key, 1, &found), "C_FindObjects");
    must(p11->C_FindObjectsFinal(*session), "C_FindObjectsFinal");
    if (found == 1) return key;
    must(p11->C_CloseSession(*session), "C_CloseSession");
  }
  fprintf(stderr, "sign_webauthn: no FIDO2 key has a credential for %s\n", party);
  exit(1);
}

int main(int argc, char** argv) {
  static CK_BYTE client_data[65536], assertion[4096];
  CK_BYTE hash[SHA256_DIGEST_LENGTH];
  CK_MECHANISM mechanism = {CKM_SCEAU_WEBAUTHN, NULL, 0};
  CK_SESSION_HANDLE session;
  CK_OBJECT_HANDLE key;
  CK_ULONG size, assertion_size = sizeof assertion;
  CK_UTF8CHAR_PTR pin = (CK_UTF8CHAR_PTR)getenv("SCEAU_PIN");
  if (argc != 3 || pin == NULL) {
    fprintf(stderr,
            "Usage: SCEAU_PIN=… sign_webauthn MODULE RELYING-PARTY <client-data.json >assertion.cbor\n");
    return 2;
  }
  size = fread(client_data, 1, sizeof client_data, stdin);
  SHA256(client_data, size, hash);
  load(argv[1]);
  key = find_key(argv[2], pin, strlen((char*)pin), &session);
  must(p11->C_SignInit(session, &mechanism, key), "C_SignInit");
  must(p11->C_Login(session, CKU_CONTEXT_SPECIFIC, pin, strlen((char*)pin)), "C_Login for the signature");
  fprintf(stderr, "touch the key\n");
  must(p11->C_Sign(session, hash, sizeof hash, assertion, &assertion_size), "C_Sign");
  fwrite(assertion, 1, assertion_size, stdout);
  must(p11->C_Finalize(NULL), "C_Finalize");
  return 0;
}
