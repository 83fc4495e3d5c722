/* Signs a statement with a clear-sign key, through libsceau-pkcs11.so. What is asked for is in
 * sceau_pkcs11.h.
 *
 *   cc sign_statement.c -o sign_statement -ldl
 *   sign_statement MODULE ID <statement.json >evidence.json        ID: C1 to C8; the PIN from SCEAU_PIN
 *
 * pkcs11.h is pkcs11-helper's (Debian: libpkcs11-helper1-dev); any other does as well. */
#include <dlfcn.h>
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
  fprintf(stderr, "sign_statement: %s: 0x%lx\n", what, (unsigned long)code);
  exit(1);
}

static void load(const char* path) {
  void* library = dlopen(path, RTLD_NOW);
  CK_C_GetFunctionList get_list;
  *(void**)&get_list = library == NULL ? NULL : dlsym(library, "C_GetFunctionList");
  if (get_list == NULL) {
    fprintf(stderr, "sign_statement: %s\n", dlerror());
    exit(1);
  }
  must(get_list(&p11), "C_GetFunctionList");
  must(p11->C_Initialize(NULL), "C_Initialize");
}

/* The private key with that CKA_ID, in the first slot with a token that has it. */
static CK_OBJECT_HANDLE find_key(CK_BYTE id, CK_UTF8CHAR_PTR pin, CK_ULONG pin_size,
                                 CK_SESSION_HANDLE* session) {
  CK_SLOT_ID slots[16];
  CK_ULONG slot_count = 16, slot, found = 0;
  CK_OBJECT_CLASS class = CKO_PRIVATE_KEY;
  CK_ATTRIBUTE wanted[] = {{CKA_CLASS, &class, sizeof class}, {CKA_ID, &id, sizeof id}};
  CK_OBJECT_HANDLE key = CK_INVALID_HANDLE;
  must(p11->C_GetSlotList(CK_TRUE, slots, &slot_count), "C_GetSlotList");
  for (slot = 0; slot < slot_count; ++slot) {
    CK_MECHANISM_INFO info;
    if (p11->C_GetMechanismInfo(slots[slot], CKM_SCEAU_STATEMENT, &info) != CKR_OK) continue;
    must(p11->C_OpenSession(slots[slot], CKF_SERIAL_SESSION, NULL, NULL, session), "C_OpenSession");
    must(p11->C_Login(*session, CKU_USER, pin, pin_size), "C_Login");
    must(p11->C_FindObjectsInit(*session, wanted, 2), "C_FindObjectsInit");
    must(p11->C_FindObjects(*session, &key, 1, &found), "C_FindObjects");
    must(p11->C_FindObjectsFinal(*session), "C_FindObjectsFinal");
    if (found == 1) return key;
    must(p11->C_CloseSession(*session), "C_CloseSession");
  }
  fprintf(stderr, "sign_statement: no token has that key\n");
  exit(1);
}

int main(int argc, char** argv) {
  static CK_BYTE statement[65536], evidence[65536];
  CK_MECHANISM mechanism = {CKM_SCEAU_STATEMENT, NULL, 0};
  CK_SESSION_HANDLE session;
  CK_OBJECT_HANDLE key;
  CK_ULONG size, evidence_size = sizeof evidence;
  CK_UTF8CHAR_PTR pin = (CK_UTF8CHAR_PTR)getenv("SCEAU_PIN");
  if (argc != 3 || pin == NULL) {
    fprintf(stderr, "Usage: SCEAU_PIN=… sign_statement MODULE ID <statement.json >evidence.json\n");
    return 2;
  }
  size = fread(statement, 1, sizeof statement, stdin);
  load(argv[1]);
  key = find_key((CK_BYTE)strtoul(argv[2], NULL, 16), pin, strlen((char*)pin), &session);
  must(p11->C_SignInit(session, &mechanism, key), "C_SignInit");
  must(p11->C_Login(session, CKU_CONTEXT_SPECIFIC, pin, strlen((char*)pin)), "C_Login for the signature");
  fprintf(stderr, "read what the token shows, and press its button\n");
  must(p11->C_Sign(session, statement, size, evidence, &evidence_size), "C_Sign");
  fwrite(evidence, 1, evidence_size, stdout);
  must(p11->C_Finalize(NULL), "C_Finalize");
  return 0;
}
