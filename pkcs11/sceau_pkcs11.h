/* What libsceau-pkcs11.so adds to PKCS#11: signing statements with clear-sign keys, and WebAuthn assertions
 * with FIDO2 keys.
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
 * - CKR_USER_NOT_LOGGED_IN: no CKU_CONTEXT_SPECIFIC log-in, or another program used the token since
 * - CKR_DATA_INVALID: not a statement the token knows; a decision without its request, or about another one;
 *   another statement than the one whose evidence is kept
 * - CKR_DATA_LEN_RANGE: longer than the token takes
 * - CKR_FUNCTION_REJECTED: the key's policy does not allow it, or the time is not within the statement's
 * - CKR_FUNCTION_CANCELED: nobody pressed the button
 * - CKR_DEVICE_ERROR: what came back is not this key's signature
 *
 * Signing ends the log-in that PIV keys of this token need: log out and in again for the next of those.
 *
 * Whole programs: examples/sign_statement.c and examples/sign_statement.py.
 *
 *
 * A FIDO2 key (on USB, in a reader, or on a simulator's socket) is a slot of its own, whose token does
 * CKM_SCEAU_WEBAUTHN and nothing else: every other mechanism is CKR_MECHANISM_INVALID. Its discoverable
 * credentials for the relying parties of pkcs11.conf ("localhost" where that says nothing) are shown, to who
 * is logged in, as a private key each, and as a public key where the key has credential management:
 *
 *   CKA_ID, CKA_KEY_TYPE      the credential's id; CKK_EC (P-256)
 *   CKA_LABEL                 ends in the token's name in a registry, "fido2-…"
 *   CKA_ALLOWED_MECHANISMS    CKM_SCEAU_WEBAUTHN, and no other
 *   CKA_ALWAYS_AUTHENTICATE   true: the PIN is given anew for each signature
 *   CKA_SCEAU_RELYING_PARTY   its id, in UTF-8
 *   CKA_SCEAU_USER_HANDLE     the user that the credential was made for, as WebAuthn has it
 *
 * To sign:
 *
 *   C_Login(session, CKU_USER, pin, pin_size)               so that the keys are found
 *   C_SignInit(session, {CKM_SCEAU_WEBAUTHN}, key)          no parameter
 *   C_Login(session, CKU_CONTEXT_SPECIFIC, pin, pin_size)
 *   C_Sign(session, hash, 32, assertion, &assertion_size)
 *
 * In:  SHA-256 of the client data (WebAuthn's collectedClientData, in JSON), which the caller writes.
 * Out: what the key answered, as authenticatorGetAssertion does (CTAP 2.1, 6.2.2), in canonical CBOR:
 * {1: {"id": credential id, "type": "public-key"}, 2: authenticator data, 3: signature (DER)}. The signature
 * is over authenticator data || hash; its flags say that a person was present (UP) and verified (UV).
 *
 * C_Sign returns when the key was touched. The size that it tells a null pointer suffices and asks nobody;
 * where the caller's room is too small, CKR_BUFFER_TOO_SMALL gives the exact size, and the assertion is kept
 * for the next call with the same hash: the key is touched once.
 *
 * C_Login gives each PIN to the key once, never tries it again, and keeps none: the one for a signature lives
 * until that signature. A key that verifies its user by itself (a fingerprint) takes a null PIN.
 *
 * C_GetTokenInfo says CKF_TOKEN_INITIALIZED and CKF_USER_PIN_INITIALIZED where a PIN is set, and never
 * CKF_LOGIN_REQUIRED: programs that log in to whatever has it, with some other token's PIN (ssh-add), would
 * use up tries. A key in a reader may also be a PIV card, whose log-in ends with the first command to the
 * FIDO2 half: none is sent before C_Login, and until then none of these flags is set.
 *
 * - CKR_PIN_INCORRECT; CKR_PIN_LOCKED, also after too many wrong ones in a row, until the key was taken out:
 *   C_GetTokenInfo tells the tries (CKF_USER_PIN_COUNT_LOW, _FINAL_TRY, _LOCKED)
 * - CKR_USER_PIN_NOT_INITIALIZED: no PIN is set
 * - CKR_USER_NOT_LOGGED_IN: no CKU_CONTEXT_SPECIFIC log-in
 * - CKR_DATA_LEN_RANGE: not 32 bytes
 * - CKR_DATA_INVALID: another hash than the one that the key was touched for
 * - CKR_FUNCTION_CANCELED: nobody touched it
 * - CKR_KEY_HANDLE_INVALID: the credential is gone from the key
 * - CKR_DEVICE_REMOVED: the key is gone
 * - CKR_DEVICE_ERROR: another program is using it
 *
 * A whole program: examples/sign_webauthn.c. */
#ifndef SCEAU_PKCS11_H
#define SCEAU_PKCS11_H

#ifdef __cplusplus
extern "C" {
#endif

/* CKM_VENDOR_DEFINED and CKA_VENDOR_DEFINED, with "SCE" and a number. */
#define CKM_SCEAU_STATEMENT 0xD3434501UL
#define CKA_SCEAU_KEY_POLICY 0xD3434501UL
#define CKM_SCEAU_WEBAUTHN 0xD3434502UL
#define CKA_SCEAU_RELYING_PARTY 0xD3434502UL
#define CKA_SCEAU_USER_HANDLE 0xD3434503UL

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
