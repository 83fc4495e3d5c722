/* What libsceau-pkcs11.so adds to PKCS#11: signing statements with clear-sign keys.
 *
 * Include a pkcs11.h before this (OASIS', p11-kit's with CRYPTOKI_COMPAT, pkcs11-helper's: any that has
 * CK_ULONG).
 *
 * A clear-sign key of a Sceau token signs statements and nothing else: the token reads the statement itself,
 * shows its lines, waits for its button, and signs what it showed. The provider shows such a key as a private
 * key, a public key and, where the token has one, a certificate, with CKA_ID C1 to C8 (one byte, the slot)
 * and
 *
 *   CKA_KEY_TYPE              CKK_EC, with the public key's usual attributes
 *   CKA_ALLOWED_MECHANISMS    CKM_SCEAU_STATEMENT, and no other
 *   CKA_SIGN                  of the private key: true where the key has a certificate
 *   CKA_ALWAYS_AUTHENTICATE   true: the PIN is given anew for each signature
 *   CKA_SCEAU_KEY_POLICY      what the key may sign, in DER, as firmware/clearsign/policy.h writes it
 *
 * C_SignInit with another mechanism is CKR_KEY_FUNCTION_NOT_PERMITTED (CKR_KEY_TYPE_INCONSISTENT with an RSA
 * one), and so is CKM_SCEAU_STATEMENT with another key. Nothing can be verified, decrypted or derived with
 * these keys: what C_Sign gives is checked with `openssl cms -verify`, libsceau's sceau_verify_evidence(), or
 * a gate.
 *
 * To sign:
 *
 *   C_Login(session, CKU_USER, pin, pin_size)               so that the private key is found
 *   C_SignInit(session, {CKM_SCEAU_STATEMENT}, key)
 *   C_Login(session, CKU_CONTEXT_SPECIFIC, pin, pin_size)   or a null pin, typed on the reader's own keys
 *   C_Sign(session, statement, size, evidence, &evidence_size)
 *
 * In:  the statement's canonical bytes, whole or in parts (C_SignUpdate, C_SignFinal).
 * Out: evidence, {"signatures":[{"bytes":BASE64,"kind":"cades","person":ID}]}: `bytes` is a detached
 * CAdES-BES file (CMS, DER) over the statement, `person` the holder whom the certificate names. The signing
 * time is this machine's.
 *
 * C_Sign returns when the button was pressed (30 seconds a page at most), and keeps other sessions of this
 * token waiting meanwhile. The size that it tells a null pointer suffices and asks nobody. Where the caller's
 * room is too small, CKR_BUFFER_TOO_SMALL gives the exact size, and what the token signed is kept for the
 * next call, until the operation ends: the button is not pressed twice. That next call must come with the
 * same statement.
 *
 *   CKR_USER_NOT_LOGGED_IN   no CKU_CONTEXT_SPECIFIC log-in, or another program used the token since
 *   CKR_DATA_INVALID         not a statement the token knows; a decision without its request, or about
 * another one; another statement than the one whose evidence is kept CKR_DATA_LEN_RANGE       longer than the
 * token takes CKR_FUNCTION_REJECTED    the key's policy does not allow it, or the time is not within the
 * statement's CKR_FUNCTION_CANCELED    nobody pressed the button CKR_DEVICE_ERROR         what came back is
 * not this key's signature
 *
 * Signing ends the log-in that PIV keys of this token need: log out and in again for the next of those.
 *
 * Whole programs: examples/sign_statement.c and examples/sign_statement.py. */
#ifndef SCEAU_PKCS11_H
#define SCEAU_PKCS11_H

#ifdef __cplusplus
extern "C" {
#endif

/* CKM_VENDOR_DEFINED and CKA_VENDOR_DEFINED, with "SCE" and a number. */
#define CKM_SCEAU_STATEMENT 0xD3434501UL
#define CKA_SCEAU_KEY_POLICY 0xD3434501UL

/* The mechanism's parameter, for a decision alone (approval, refusal, export.release): what it decides about,
 * which the token shows beside it. For all other statements the parameter is null. Borrowed until C_SignInit
 * returns. CKR_MECHANISM_PARAM_INVALID: of another size, or one of the two is empty. */
typedef struct CK_SCEAU_STATEMENT_PARAMS {
  unsigned char* pRequest; /* the request's canonical bytes */
  unsigned long ulRequestLen;
  unsigned char* pEvidence; /* the request's evidence, as the decision names its digest */
  unsigned long ulEvidenceLen;
} CK_SCEAU_STATEMENT_PARAMS;

#ifdef __cplusplus
}
#endif

#endif
