// A reader with a PIN pad, as far as a program can tell: preloaded, it answers PC/SC part 10's questions,
// "types" the digits in SCEAU_TEST_PAD (empty: nobody types), and sends the VERIFY that it was handed to the
// card.
#include <stdlib.h>
#include <string.h>
#include <winscard.h>

#define FEATURES 0x42000D48u  // CM_IOCTL_GET_FEATURE_REQUEST of pcsclite
#define VERIFY 0x42330006u

static LONG features(LPVOID answer, LPDWORD size) {
  static const unsigned char list[] = {0x07, 4, 0x42, 0x33, 0x00, 0x07, 0x06, 4, 0x42, 0x33, 0x00, 0x06};
  memcpy(answer, list, sizeof list);
  *size = sizeof list;
  return SCARD_S_SUCCESS;
}

static LONG verify(SCARDHANDLE card, const unsigned char* structure, DWORD length, unsigned char* answer,
                   LPDWORD size) {
  const char* typed = getenv("SCEAU_TEST_PAD");
  unsigned char command[32];
  *size = 2;
  answer[0] = 0x64;
  answer[1] = 0x01;  // cancelled
  if (typed == NULL || *typed == '\0') return SCARD_S_SUCCESS;
  // Length of the command, little-endian, after 15 bytes; 6 to 8 digits; ASCII.
  if (length != 19 + 13 || structure[15] != 13 || structure[5] != 0x08 || structure[6] != 0x06 ||
      structure[2] != 0x82)
    return SCARD_E_INVALID_PARAMETER;
  memcpy(command, structure + 19, 13);
  memcpy(command + 5, typed, strlen(typed));
  return SCardTransmit(card, SCARD_PCI_T1, command, 13, NULL, answer, size);
}

LONG SCardControl(SCARDHANDLE card, DWORD code, LPCVOID sent, DWORD length, LPVOID answer, DWORD room,
                  LPDWORD size) {
  (void)room;
  if (code == FEATURES) return features(answer, size);
  if (code == VERIFY) return verify(card, sent, length, answer, size);
  return SCARD_E_INVALID_PARAMETER;
}
