/* clang-format off */
/* Sceau from C: tokens, log-in, requests, approvals, and the verification of evidence and receipts.
 *
 * WHAT IS WHAT. A sceau_t is a context: it holds settings (the PIN callback, a folder, PKCS#11 modules) and the
 * text of the last failure. Everything else is made from one and may not outlive it.
 *
 * RETURN CODES. A function that returns int returns SCEAU_OK (0) or one of the SCEAU_ERR_ codes. After a failure
 * sceau_message() says in one line what was being done, what was wrong and what to do next. On failure no output
 * parameter is set, except that a handle which is to be created becomes NULL.
 *
 * OWNERSHIP. What a function stores through `out` belongs to the caller, who gives it to the matching _free or
 * _close function; those take the address of the handle, set it to NULL, and do nothing for NULL. Texts and bytes
 * that a function returns belong to the handle they were asked of and last until it is freed. Bytes and texts
 * passed in are copied where they are kept. Texts are UTF-8. Times are seconds since 1970, UTC.
 *
 * THREADS. One context, with all that was made from it, is for one thread at a time. Different contexts are
 * independent of each other and may be used by different threads at once. The PIN callback and the sink of
 * sceau_gate_rows() are called in the thread that called the library; they must not call it with the same context.
 * A child after fork() must make contexts of its own.
 *
 * No exception leaves this library, it writes nothing to standard output or standard error, and it does not change
 * signal handlers, the locale or the environment. PINs are wiped after use and never kept.
 */
#ifndef SCEAU_H
#define SCEAU_H

#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__)
#define SCEAU_API __attribute__((visibility("default")))
#else
#define SCEAU_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* ---- codes ------------------------------------------------------------------------------------------------ */

#define SCEAU_OK 0
#define SCEAU_ERR_ARGUMENT 1       /* a NULL or senseless argument: a mistake of the calling program */
#define SCEAU_ERR_INVALID 2        /* input that breaks a format or a rule: sending it again cannot help */
#define SCEAU_ERR_REFUSED 3        /* understood, and not allowed: by the gate, by policy, by the token */
#define SCEAU_ERR_NOT_FOUND 4      /* what was named does not exist here */
#define SCEAU_ERR_AUTHENTICATION 5 /* a PIN, key or session was wrong or missing */
#define SCEAU_ERR_UNAVAILABLE 6    /* a reader, token or gate did not answer: it may later */
#define SCEAU_ERR_CORRUPT 7        /* data that contradicts itself; what was to be verified is not true */
#define SCEAU_ERR_INTERNAL 8       /* a defect, or no memory */

/* What the key of a token is for. */
#define SCEAU_USE_SIGN 0  /* requests, approvals: nonRepudiation (PIV slot 9C) */
#define SCEAU_USE_LOGIN 1 /* log-in: digitalSignature (PIV slot 9A) */

typedef struct sceau_context sceau_t;
typedef struct sceau_tokens sceau_token_list_t;
typedef struct sceau_token sceau_token_t;
typedef struct sceau_gate sceau_gate_t;
typedef struct sceau_request sceau_request_t;
typedef struct sceau_act sceau_act_t;
typedef struct sceau_pending sceau_pending_t;
typedef struct sceau_report sceau_report_t;

/* The library's version, "0.1.0". Never NULL; lasts for ever. */
SCEAU_API const char *sceau_version(void);

/* What a code means, in a few words. Never NULL, for any number; lasts for ever. */
SCEAU_API const char *sceau_strerr(int code);

/* ---- contexts --------------------------------------------------------------------------------------------- */

/* Makes a context without PIN callback, folder or modules.
 *   out  receives the context; free with sceau_free().
 * Returns SCEAU_OK, SCEAU_ERR_ARGUMENT, SCEAU_ERR_INTERNAL. */
SCEAU_API int sceau_new(sceau_t **out);

/* Frees a context. Everything made from it must have been freed before. */
SCEAU_API void sceau_free(sceau_t **context);

/* What the last failing call with this context, or with anything made from it, has to say. Never NULL; empty before
 * the first failure; lasts until the next failure or sceau_free(). */
SCEAU_API const char *sceau_message(const sceau_t *context);

/* Asks a person for a PIN.
 *   user        as given to sceau_set_pin_callback().
 *   token       the token as people know it: its reader, or its serial number.
 *   purpose     "sign", "log in": what the PIN is for.
 *   tries_left  how many tries are left, or -1 where that is not known without asking the token.
 *   pin, size   where to write the PIN and its closing zero; size is at least 64. Wiped by the library.
 * Returns 0 when `pin` holds a PIN, anything else when the person gave up: the call that needed it then fails with
 * SCEAU_ERR_AUTHENTICATION. It is asked at most once for a signature, and not at all where the PIN is typed on the
 * reader. */
typedef int sceau_pin_callback(void *user, const char *token, const char *purpose, int tries_left, char *pin,
                               size_t size);

/* Sets where PINs come from. Without one every signature that needs a PIN fails with SCEAU_ERR_AUTHENTICATION.
 *   callback  the function, or NULL for none.
 *   user      given to it; borrowed for as long as it is set.
 * Returns SCEAU_OK, SCEAU_ERR_ARGUMENT. */
SCEAU_API int sceau_set_pin_callback(sceau_t *context, sceau_pin_callback *callback, void *user);

/* Names the folder in which the newest checkpoint of each ledger is remembered, so that a gate which shows an older
 * or rewritten ledger later is refused. It is made when it is needed. Without one that check is not made between two
 * runs of a program. `sceau` uses the folder "remembered" of its home.
 * Returns SCEAU_OK, SCEAU_ERR_ARGUMENT. */
SCEAU_API int sceau_set_memory(sceau_t *context, const char *folder);

/* Adds a PKCS#11 module that reaches tokens which are not PIV cards. OpenSC's is there without being named. The
 * module is loaded when a token is looked for, and runs inside the process.
 *   path  as dlopen(3) takes it.
 * Returns SCEAU_OK, SCEAU_ERR_ARGUMENT. */
SCEAU_API int sceau_add_module(sceau_t *context, const char *path);

/* Names the relying party for which credentials on FIDO2 keys are tokens: a gate's policy calls it rp_id.
 *   id  "localhost" unless this is called.
 * Returns SCEAU_OK, SCEAU_ERR_ARGUMENT. */
SCEAU_API int sceau_set_relying_party(sceau_t *context, const char *id);

/* Says whose FIDO2 keys are, for sceau_verify_evidence() and sceau_verify_receipt(): a signature of such a key carries
 * no certificate. Without it they do not verify.
 *   keys, size  the file fido2-keys.json of `sceau extract --evidence`, copied; a size of 0 forgets them.
 * Returns SCEAU_OK, SCEAU_ERR_ARGUMENT, SCEAU_ERR_INVALID. */
SCEAU_API int sceau_set_fido_keys(sceau_t *context, const uint8_t *keys, size_t size);

/* ---- tokens ----------------------------------------------------------------------------------------------- */

/* Lists the tokens that are there now: PIV cards, what PKCS#11 modules reach, and credentials for the relying party
 * on FIDO2 keys (on USB, in readers, and on the sockets that the variable SCEAU_FIDO2 names).
 *   out  receives the list, which may be empty; free with sceau_token_list_free().
 * Returns SCEAU_OK, SCEAU_ERR_ARGUMENT, SCEAU_ERR_UNAVAILABLE (no smart-card service, and no module has a token). */
SCEAU_API int sceau_token_list(sceau_t *context, sceau_token_list_t **out);

/* How many tokens the list has; 0 for NULL. */
SCEAU_API size_t sceau_token_list_size(const sceau_token_list_t *list);

/* Facts about one token of a list. Each returns NULL when `index` is not below the size, and an empty text where the
 * fact is not known:
 *   _reader   its reader's name (for a token that is no card, its slot's)
 *   _serial   its serial number
 *   _person   the registry id in its certificate, or for whom its credential was made
 *   _uri      its PKCS#11 URI (RFC 7512); empty for a PIV card, which is spoken to directly
 *   _problem  why it could not be read, where it could not */
SCEAU_API const char *sceau_token_list_reader(const sceau_token_list_t *list, size_t index);
SCEAU_API const char *sceau_token_list_serial(const sceau_token_list_t *list, size_t index);
SCEAU_API const char *sceau_token_list_person(const sceau_token_list_t *list, size_t index);
SCEAU_API const char *sceau_token_list_uri(const sceau_token_list_t *list, size_t index);
SCEAU_API const char *sceau_token_list_problem(const sceau_token_list_t *list, size_t index);

/* How many PIN tries are left, or -1 where that is not known. */
SCEAU_API int sceau_token_list_tries(const sceau_token_list_t *list, size_t index);

SCEAU_API void sceau_token_list_free(sceau_token_list_t **list);

/* Opens the token that is meant.
 *   choice  a serial number (a FIDO2 key's is "fido2-…"), a reader's name or a part of one that fits no other, a
 *           PKCS#11 URI, a FIDO2 key's device or socket, or NULL for the only token there is. PIV cards come first,
 *           then what modules reach, then FIDO2 keys.
 *   out     receives the token; close with sceau_token_close().
 * Returns SCEAU_OK, SCEAU_ERR_ARGUMENT, SCEAU_ERR_INVALID (it fits several), SCEAU_ERR_NOT_FOUND,
 * SCEAU_ERR_UNAVAILABLE. */
SCEAU_API int sceau_token_open(sceau_t *context, const char *choice, sceau_token_t **out);

/* Its reader's name, and its serial number (empty where it has none). NULL for NULL. */
SCEAU_API const char *sceau_token_reader(const sceau_token_t *token);
SCEAU_API const char *sceau_token_serial(const sceau_token_t *token);

/* The certificate (DER) of one of its keys. No PIN is needed.
 *   use        SCEAU_USE_SIGN or SCEAU_USE_LOGIN.
 *   der, size  receive the bytes, which belong to `token` and last until the next call of this function with it.
 * Returns SCEAU_OK, SCEAU_ERR_ARGUMENT, SCEAU_ERR_NOT_FOUND (no such key), SCEAU_ERR_UNAVAILABLE,
 * SCEAU_ERR_CORRUPT. */
SCEAU_API int sceau_token_certificate(sceau_token_t *token, int use, const uint8_t **der, size_t *size);

SCEAU_API void sceau_token_close(sceau_token_t **token);

/* ---- gates ------------------------------------------------------------------------------------------------ */

/* Connects to a gate (TLS 1.3) and checks the checkpoint that it shows: signed by the log's key, and consistent with
 * what was seen before (sceau_set_memory()).
 *   url          "https://host:port"
 *   certificate  path of a PEM file with the gate's own certificate, or that of the authority that issued it: nothing
 *                is sent to anybody else.
 *   out          receives the gate; close with sceau_gate_close().
 * Returns SCEAU_OK, SCEAU_ERR_ARGUMENT, SCEAU_ERR_NOT_FOUND or SCEAU_ERR_INVALID (the certificate file),
 * SCEAU_ERR_UNAVAILABLE, SCEAU_ERR_AUTHENTICATION (another certificate, or another key signed the checkpoint),
 * SCEAU_ERR_REFUSED (the ledger was rolled back or rewritten: tell the auditor), SCEAU_ERR_CORRUPT. */
SCEAU_API int sceau_gate_open(sceau_t *context, const char *url, const char *certificate, sceau_gate_t **out);

/* The ledger's realm; the gate's registry id; who is logged in (empty: nobody). NULL for NULL. */
SCEAU_API const char *sceau_gate_realm(const sceau_gate_t *gate);
SCEAU_API const char *sceau_gate_name(const sceau_gate_t *gate);
SCEAU_API const char *sceau_gate_person(const sceau_gate_t *gate);

/* Logs in: the token's log-in key signs a `login` statement for this gate. The session is kept in `gate` and ends
 * with it, or when the gate's policy says so.
 * Returns SCEAU_OK, SCEAU_ERR_ARGUMENT (NULL, or handles of two contexts), SCEAU_ERR_NOT_FOUND (no such key),
 * SCEAU_ERR_AUTHENTICATION (PIN), SCEAU_ERR_REFUSED, SCEAU_ERR_UNAVAILABLE, SCEAU_ERR_CORRUPT. */
SCEAU_API int sceau_gate_login(sceau_gate_t *gate, sceau_token_t *token);

/* What became of a request of one's own, or of one that may be decided on. Needs a session.
 *   digest       the request's digest, 64 hexadecimal digits.
 *   wait         how many seconds the gate may wait for a change before it answers; 0 not at all.
 *   state, size  receive "pending", "admitted", "running", "delivered", "refused", "expired" or "interrupted" with
 *                its closing zero; 16 bytes suffice.
 * Returns SCEAU_OK, SCEAU_ERR_ARGUMENT, SCEAU_ERR_NOT_FOUND, SCEAU_ERR_AUTHENTICATION (no session),
 * SCEAU_ERR_UNAVAILABLE, SCEAU_ERR_CORRUPT. */
SCEAU_API int sceau_gate_request_state(sceau_gate_t *gate, const char *digest, int wait, char *state, size_t size);

/* Takes a piece of the rows. Returns 0 to go on, anything else to stop. */
typedef int sceau_sink_callback(void *user, const uint8_t *bytes, size_t size);

/* Fetches the rows (CSV) of an admitted request, which are handed out once. Needs the requester's session. Rows come
 * before the gate has signed what they are: USE NOTHING OF THEM UNLESS THIS RETURNS SCEAU_OK, which it does only when
 * the gate's signed result says "delivered" and gives the SHA-256 of the very bytes that came.
 * Returns SCEAU_OK, SCEAU_ERR_ARGUMENT, SCEAU_ERR_NOT_FOUND, SCEAU_ERR_AUTHENTICATION, SCEAU_ERR_REFUSED (not
 * admitted, handed out before, stopped by the sink, or not delivered whole), SCEAU_ERR_UNAVAILABLE (the line broke),
 * SCEAU_ERR_CORRUPT (the bytes are not those that the gate signed for). */
SCEAU_API int sceau_gate_rows(sceau_gate_t *gate, const char *digest, sceau_sink_callback *sink, void *user);

SCEAU_API void sceau_gate_close(sceau_gate_t **gate);

/* ---- requests --------------------------------------------------------------------------------------------- */

/* Begins a request for an extraction. Nothing leaves the machine before sceau_act_submit().
 *   out  receives it; free with sceau_request_free().
 * Returns SCEAU_OK, SCEAU_ERR_ARGUMENT, SCEAU_ERR_INTERNAL. */
SCEAU_API int sceau_request_new(sceau_t *context, sceau_request_t **out);

/* Its parts. Project, purpose, source and at least one SQL statement must be set; the others have defaults.
 *   _project      registry id of the project
 *   _purpose      why, in one sentence; shown to approvers
 *   _source       registry id of the source
 *   _kind         "aggregate" (the default) or "individual" (an approver must sign too)
 *   _output_name  what the result is called; "result.csv" by default
 *   _max_rows     the most rows that may be delivered; 1000 by default
 *   _decide_by    until when approvals may come; 0, the default, leaves it to policy
 *   _add_sql      one more statement, run in this order
 * Each returns SCEAU_OK or SCEAU_ERR_ARGUMENT. Whether the values are allowed is said when the request is signed (its
 * form) and submitted (policy). */
SCEAU_API int sceau_request_set_project(sceau_request_t *request, const char *project);
SCEAU_API int sceau_request_set_purpose(sceau_request_t *request, const char *purpose);
SCEAU_API int sceau_request_set_source(sceau_request_t *request, const char *source);
SCEAU_API int sceau_request_set_kind(sceau_request_t *request, const char *kind);
SCEAU_API int sceau_request_set_output_name(sceau_request_t *request, const char *name);
SCEAU_API int sceau_request_set_max_rows(sceau_request_t *request, int64_t rows);
SCEAU_API int sceau_request_set_decide_by(sceau_request_t *request, int64_t time);
SCEAU_API int sceau_request_add_sql(sceau_request_t *request, const char *sql);

/* Writes the statement for this gate's ledger and signs it with the token's signing key. Valid for 15 minutes.
 *   out  receives the signed act; free with sceau_act_free().
 * Returns SCEAU_OK, SCEAU_ERR_ARGUMENT, SCEAU_ERR_INVALID (a part is missing or breaks its form), SCEAU_ERR_NOT_FOUND
 * (no signing key), SCEAU_ERR_AUTHENTICATION (PIN), SCEAU_ERR_REFUSED, SCEAU_ERR_UNAVAILABLE, SCEAU_ERR_CORRUPT (the
 * token's signature does not fit its certificate). */
SCEAU_API int sceau_request_sign(sceau_request_t *request, sceau_gate_t *gate, sceau_token_t *token,
                                 sceau_act_t **out);

SCEAU_API void sceau_request_free(sceau_request_t **request);

/* ---- acts: statements with their signatures --------------------------------------------------------------- */

/* The statement (canonical JSON), and the evidence over it (FORMATS.md). `size` receives the number of bytes. NULL,
 * with size 0, for NULL. */
SCEAU_API const uint8_t *sceau_act_statement(const sceau_act_t *act, size_t *size);
SCEAU_API const uint8_t *sceau_act_evidence(const sceau_act_t *act, size_t *size);

/* SHA-256 of the statement in hexadecimal: for a request, the name that approvals and rows go by. NULL for NULL. */
SCEAU_API const char *sceau_act_digest(const sceau_act_t *act);

/* Sends the act to a gate, which admits it once.
 * Returns SCEAU_OK (sceau_act_state() and sceau_act_receipt() then have something to say), SCEAU_ERR_ARGUMENT,
 * SCEAU_ERR_REFUSED (with the gate's reason), SCEAU_ERR_UNAVAILABLE, SCEAU_ERR_CORRUPT. */
SCEAU_API int sceau_act_submit(sceau_act_t *act, sceau_gate_t *gate);

/* After sceau_act_submit(): "admitted" or "pending"; before it, empty. NULL for NULL. */
SCEAU_API const char *sceau_act_state(const sceau_act_t *act);

/* After sceau_act_submit(): the receipt (canonical JSON), as sceau_verify_receipt() takes it. Keep it: it proves, to
 * anybody and offline, what the ledger holds. NULL, with size 0, before it. */
SCEAU_API const uint8_t *sceau_act_receipt(const sceau_act_t *act, size_t *size);

SCEAU_API void sceau_act_free(sceau_act_t **act);

/* ---- approvals -------------------------------------------------------------------------------------------- */

/* Lists the requests that wait for a decision and that whoever is logged in may see. Statements are checked against
 * their digests; their signatures are checked when one is approved.
 *   out  receives the list; free with sceau_pending_free().
 * Returns SCEAU_OK, SCEAU_ERR_ARGUMENT, SCEAU_ERR_AUTHENTICATION (no session), SCEAU_ERR_UNAVAILABLE,
 * SCEAU_ERR_CORRUPT. */
SCEAU_API int sceau_pending_list(sceau_gate_t *gate, sceau_pending_t **out);
SCEAU_API size_t sceau_pending_size(const sceau_pending_t *list);

/* Of one request: its digest, who asks, and the statement (canonical JSON), to be shown to whoever decides. NULL when
 * `index` is not below the size. */
SCEAU_API const char *sceau_pending_digest(const sceau_pending_t *list, size_t index);
SCEAU_API const char *sceau_pending_person(const sceau_pending_t *list, size_t index);
SCEAU_API const char *sceau_pending_statement(const sceau_pending_t *list, size_t index);
SCEAU_API void sceau_pending_free(sceau_pending_t **list);

/* Approves or refuses a request: its receipt is verified, the token's signing key signs an `approval` or `refusal`
 * that names the request and its evidence, and the gate takes it in. Needs a session. The digest is that of the
 * statement which the person saw: nothing else can be approved by it.
 *   digest  the request's, 64 hexadecimal digits.
 *   reason  why it is refused.
 *   out     receives the act, already submitted, or NULL where the caller does not want it.
 * Returns what sceau_request_sign() and sceau_act_submit() return. */
SCEAU_API int sceau_approve(sceau_gate_t *gate, sceau_token_t *token, const char *digest, sceau_act_t **out);
SCEAU_API int sceau_refuse(sceau_gate_t *gate, sceau_token_t *token, const char *digest, const char *reason,
                           sceau_act_t **out);

/* ---- verification, offline -------------------------------------------------------------------------------- */

/* Verifies every signature over a statement: form, digest, key, certificate path and revocation at a time.
 *   statement, statement_size  the statement's bytes.
 *   evidence, evidence_size    evidence as sceau_act_evidence() gives it, or one .p7s file (DER).
 *   trust, trust_size          PEM text: roots and revocation lists, as `sceau trust` and evidence folders have them.
 *   at                         when the signatures must have been good: the entry's time in the ledger.
 *   out                        receives a report; free with sceau_report_free().
 * Returns SCEAU_OK only when every signature holds; SCEAU_ERR_ARGUMENT; SCEAU_ERR_INVALID (form, digest or signature;
 * trust that cannot be read); SCEAU_ERR_REFUSED (a certificate: expired, revoked, unknown authority, wrong use);
 * SCEAU_ERR_CORRUPT. */
SCEAU_API int sceau_verify_evidence(sceau_t *context, const uint8_t *statement, size_t statement_size,
                                    const uint8_t *evidence, size_t evidence_size, const uint8_t *trust,
                                    size_t trust_size, int64_t at, sceau_report_t **out);

/* Verifies a receipt: inclusion proof, the log's signature, commitment, statement, evidence, certificate paths at the
 * entry's time.
 *   receipt, receipt_size  canonical JSON, as sceau_act_receipt() gives it.
 *   trust, trust_size      PEM text as above.
 *   log_key                the log's key (vkey), known from elsewhere; NULL takes the receipt's own, and then proves
 *                          only that the receipt agrees with itself.
 *   out                    receives a report; free with sceau_report_free().
 * Returns what sceau_verify_evidence() returns, and SCEAU_ERR_AUTHENTICATION (not signed by that log). */
SCEAU_API int sceau_verify_receipt(sceau_t *context, const uint8_t *receipt, size_t receipt_size, const uint8_t *trust,
                                   size_t trust_size, const char *log_key, sceau_report_t **out);

/* What was verified: the statement's type; its digest; the entry's index and time in the ledger (-1 where evidence
 * alone was verified: _time is then the time that was given); who signed, in order. Texts are NULL for NULL or an
 * index that is too large. */
SCEAU_API const char *sceau_report_type(const sceau_report_t *report);
SCEAU_API const char *sceau_report_digest(const sceau_report_t *report);
SCEAU_API int64_t sceau_report_index(const sceau_report_t *report);
SCEAU_API int64_t sceau_report_time(const sceau_report_t *report);
SCEAU_API size_t sceau_report_signers(const sceau_report_t *report);
SCEAU_API const char *sceau_report_signer_person(const sceau_report_t *report, size_t index);
SCEAU_API const char *sceau_report_signer_subject(const sceau_report_t *report, size_t index);
SCEAU_API int64_t sceau_report_signer_time(const sceau_report_t *report, size_t index);
SCEAU_API void sceau_report_free(sceau_report_t **report);

#ifdef __cplusplus
}
#endif

#endif /* SCEAU_H */
