// The rules, one file a concern. Each check_… says whether an act may be admitted now; each apply_… does what
// an admitted act does. A check never writes; an apply never refuses what a check admitted.
#pragma once

#include <functional>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sceau/evidence/webauthn.h"
#include "store.h"

namespace sceau::registry {

// Of a genesis' administrators, whose statement names no end: 9999-12-31T23:59:59Z.
inline constexpr Time kForEver = 253402300799;

// What a check looks at.
struct Act {
  const Registry::State& state;
  const Submission& submission;
  const Authentication& authentication;
  const Context& context;

  [[nodiscard]] const statement::Statement& statement() const { return submission.statement; }
  [[nodiscard]] const statement::Value& body() const { return submission.statement.body; }
};

// What an apply looks at.
using BlobSource = std::function<Result<Bytes>(const Digest&)>;
struct Change {
  Registry::State& state;
  const Record& record;
  const Submission& submission;
  const BlobSource& blob;

  [[nodiscard]] const statement::Value& body() const { return submission.statement.body; }
};

// One act: how it is checked and applied, and who may sign it at all.
struct Rule {
  std::string_view type;
  Status (*check)(const Act&);
  Status (*apply)(const Change&);
  bool by_gate = false;
};
const Rule* find_rule(std::string_view type);

// body.cpp: fields of a body that its schema has already admitted; absent optional ones read as empty.
const std::string& text_of(const statement::Value& object, std::string_view key);
std::int64_t int_of(const statement::Value& object, std::string_view key);
bool flag_of(const statement::Value& object, std::string_view key);
Time time_of(const statement::Value& object, std::string_view key);
Digest digest_of(const statement::Value& object, std::string_view key);
const statement::Array& array_of(const statement::Value& object, std::string_view key);
std::vector<std::string> texts_of(const statement::Value& object, std::string_view key);
Error refusal(std::string message);

// powers.cpp: who may.
bool has_role(const Person& person, Role role, std::string_view organisation, Time now);
bool has_role(const Person& person, Role role, Time now);
bool is_active(const Person& person, Time now);
// Whose administrators may take powers from this person: her organisation's, or those of everything when
// her word counts everywhere.
std::string scope_over(const Person& person);
// The person, active now. refused when unknown, left or past the account's end.
Result<const Person*> active_person(const Registry::State& state, std::string_view id, Time now);
// All who signed are administrators for `scope`, they are `count` people or more, and none of them is
// `excluded` (the person whom the act is about). A single-administrator registry asks for one, whoever she
// is.
Status need_administrators(const Act& act, std::size_t count, std::string_view scope,
                           std::string_view excluded = {});
// One signature and no more, by a key for signing.
Status need_one_signer(const Act& act);
// How many administrators of everything there must always be, unless the registry is for one alone.
inline constexpr std::size_t kFewestAdministrators = 2;
// Administrators of everything who could still sign at `now`, leaving `without` out.
std::size_t administrators_left(const Registry::State& state, std::string_view without, Time now);

// judge.cpp, fold.cpp: what Registry's members of those names do.
Judgement judge(const Registry::State& state, const Submission& submission,
                const Authentication& authentication, const Context& context);
Status apply(Registry::State& state, const Record& record, const BlobSource& blob);

// envelope.cpp
Status check_window(const Act& act);
Status check_id(const Act& act);
Status check_after(const Act& act);

// signers.cpp
Authentication authenticate(const Registry::State& state, const Submission& submission,
                            const Context& context);
// The token that made the first signature, in an entry that was admitted.
std::string first_serial(const Registry::State& state, const Submission& submission);

// unattested.cpp: tokens that an authority vouches for in the place of an attestation.
// Whether TOKEN is of such a kind; a kind that does not fit what it carries is refused.
Result<bool> is_unattested(const statement::Value& token);
// Policy lists the authority that it names, and its keys are of a sort that may do without. The certificates
// are check_token's to look at.
Status check_unattested(const Policy& policy, const statement::Value& token);

// keys.cpp: a certificate that came along with the act. refused when it did not, invalid when it is none.
Result<pki::Certificate> certificate_blob(const Context& context, const Digest& digest);
// One token as a statement describes it.
struct TokenCheck {
  const Registry::State& state;
  const pki::TrustStore& trust;
  const std::vector<pki::Certificate>& attestation_roots;
  const Context& context;
};
// Keys, certificates, attestations of `token` for `holder`: the holders of the authorities that issued.
Result<std::vector<std::string>> check_token(const TokenCheck& check, const statement::Value& token,
                                             std::string_view holder,
                                             const std::map<Digest, Authority>& authorities);
Result<Token> read_token(const statement::Value& token, const statement::Value* escrow,
                         std::string_view holder, std::uint64_t entry);
void add_token(Registry::State& state, Token token);
// At least `recovery_k` people, one share each, all of them in `recipients`.
Status check_escrow(const statement::Value& escrow, std::int64_t recovery_k,
                    const std::set<std::string>& recipients);

// clear_sign.cpp: what a clear-sign token states of a signature that verified, against the policy that its
// key's attestation names. Sets the signer's counter. refused: another key claims to be one; the statement is
// none that the key may sign, or was not shown as it is; policy wants such a key for this act.
Status check_clear_sign(const Registry::State& state, const Submission& submission,
                        const evidence::Signature& signature, Signer& signer);
// No counter comes twice, and if it does that is an alarm; so is one that skips.
Status check_counters(const Registry::State& state, const std::vector<Signer>& signers,
                      std::vector<std::string>& alarms);
// Whether the attestation is a clear-sign key's.
Result<std::optional<pki::KeyPolicy>> clear_policy(const BlobSource& blob, const Digest& attestation);
void learn_policies(Token& token, const BlobSource& blob);
// Of a decision that a clear-sign key signed: the token showed it beside the request that waits here.
Status check_shown_decision(const Act& act);
// Notes the counters of an entry's signatures.
void note_counters(Registry::State& state, const Submission& submission);

// journals.cpp
Status check_token_journal(const Act& act);
Status apply_token_journal(const Change& change);
// What an accepted journal tells: an entry whose statement is not here, entries no longer kept, a journal
// that is not the one of before.
std::vector<std::string> journal_alarms(const Act& act);

// policy.cpp: the blobs that policy names about attestation. refused: one is missing.
struct AttestationTrust {
  std::vector<pki::Certificate> roots;
  std::optional<evidence::FidoMetadata> metadata;
};
Result<AttestationTrust> read_attestation_trust(const Policy& policy, const BlobSource& blob);
// What the policy in force says of it.
Status apply_attestation_trust(Registry::State& state, const BlobSource& blob);

// fido.cpp: tokens of kind "fido2", and what their keys sign.
// An imported one was made by pamu2fcfg for one machine; it has no attestation and logs in there alone.
bool is_imported(const statement::Value& token);
// Whether its attestation has no certificate of a maker's.
bool attests_itself(const Token& token, const BlobSource& blob);
// Whether it may sign this: a log-in to the machine that its RP id names.
Status check_imported_use(const statement::Statement& statement, const std::string& own_rp_id);
// The relying party that it signs for.
evidence::RelyingParty fido_party(const Policy& policy, const std::string& own_rp_id);
bool is_fido(const statement::Value& token);
Status check_fido_token(const TokenCheck& check, const statement::Value& token, std::string_view holder);
// Checks an assertion over the submission by `public_key`; sets the signer's counter. invalid: it is not that
// key's; refused: it is, and is not good enough for this act.
Status check_assertion(const Registry::State& state, const Submission& submission,
                       const evidence::Signature& signature, ByteView public_key,
                       const std::string& own_rp_id, Signer& signer);
// A signature counter that does not rise: an alarm, or by policy a refusal.
Status check_fido_counter(const Registry::State& state, const Signer& signer,
                          std::vector<std::string>& alarms);
// Notes the counter of a FIDO2 key's signature in an entry.
void note_fido_counter(Registry::State& state, const evidence::Signature& signature);

// signers.cpp: what a signature names its key by: its certificate's digest, or its credential id's.
Result<Digest> key_name(const evidence::Signature& signature);

// genesis.cpp
Status check_genesis(const Act& act);
Status apply_genesis(const Change& change);
Result<pki::TrustStore> genesis_trust(const statement::Value& body, const Context& context);

// authorities.cpp
Status check_authority_add(const Act& act);
Status apply_authority_add(const Change& change);
Status check_crl_publish(const Act& act);
Status apply_crl_publish(const Change& change);
Status check_gate_enrol(const Act& act);
Status apply_gate_enrol(const Change& change);
Status check_gate_rotate(const Act& act);
Status apply_gate_rotate(const Change& change);
// The trust store with the CRL that a crl.publish brings, so that its signers are checked against it.
Result<pki::TrustStore> published_trust(const Registry::State& state, const statement::Value& body,
                                        const Context& context);

// people.cpp
Status check_organisation_add(const Act& act);
Status apply_organisation_add(const Change& change);
Status check_person_add(const Act& act);
Status apply_person_add(const Change& change);
Status check_person_leave(const Act& act);
Status apply_person_leave(const Change& change);

// tokens.cpp
Status check_token_enrol(const Act& act);
Status check_token_renew(const Act& act);
Status check_token_replace(const Act& act);
Status check_token_state(const Act& act);  // suspend, resume, revoke, unblock
Status apply_token_enrol(const Change& change);
Status apply_token_renew(const Change& change);
Status apply_token_replace(const Change& change);
Status apply_token_state(const Change& change);

// accounts.cpp
Status check_account_bind(const Act& act);
Status apply_account_bind(const Change& change);
Status check_account_end(const Act& act);
Status apply_account_end(const Change& change);

// roles.cpp
Status check_role_grant(const Act& act);
Status apply_role_grant(const Change& change);
Status check_role_withdraw(const Act& act);
Status apply_role_withdraw(const Change& change);

// projects.cpp
Status check_project_open(const Act& act);
Status apply_project_open(const Change& change);
Status check_project_assign(const Act& act);
Status apply_project_assign(const Change& change);
Status check_project_close(const Act& act);
Status apply_project_close(const Change& change);
Status check_source_add(const Act& act);
Status apply_source_add(const Change& change);

// policy.cpp
Policy read_policy(const statement::Value& policy);
Status check_policy(const Policy& policy, bool single);
Status check_hardware_authorities(const Policy& policy, const std::map<Digest, Authority>& known);
// The rules in the file that a policy.set names. refused: it did not come along, or cannot be read, or says
// something else than the policy.set itself.
Status read_rules(Policy& policy, const statement::Value& body, const BlobSource& blob);
// A policy that may follow the one in force: read, and held against all that its signers' powers do not
// decide.
Result<Policy> check_candidate(const Registry::State& state, const statement::Value& body,
                               const Context& context);
Status check_policy_set(const Act& act);
Status apply_policy_set(const Change& change);

// requests.cpp, approvals.cpp, results.cpp
Status check_request(const Act& act);
Status apply_request(const Change& change);
Request request_of(const Submission& submission);
// Of a request that may be admitted: approvals are missing.
bool waits_for_approval(const Act& act);
// Whether the agent could still ask for this at `now`: looked at again when it is approved, begins to run and
// is about to send, because rights end in between.
Status check_still_allowed(const Registry::State& state, const Request& request, Time now);
// Why she may not for good: a token that is suspended can be resumed. Nothing: she may, or may again.
std::optional<std::string> why_over(const Registry::State& state, const Request& request, Time now);
// Whether the token with which this person signed `entry` was suspended or revoked since. One that was
// renewed or replaced was not.
bool is_stopped(const Registry::State& state, std::string_view person, std::string_view serial,
                std::uint64_t entry);
Status check_approval(const Act& act);  // approval and refusal
// She may decide on what others asked for: an approver for the requester's organisation, named by policy
// where it names any, and not the requester.
Status check_approver(const Act& act, const Request& request, const std::string& approver);
// Who decided by this entry.
Decided decided_by(const Change& change);
Status apply_approval(const Change& change);
// Why an approval or a release of this request does not count at `now`; nothing: it does. It counts while
// whoever gave it could still give it: her role and account hold, the token that signed it was not stopped,
// and policy neither names others nor wants another sort of key.
std::optional<std::string> why_lapsed(const Registry::State& state, const Policy& policy,
                                      const Request& request, const Decided& decided, Time now);
Status check_result(const Act& act);
Status apply_result(const Change& change);
Status check_step(const Registry::State& state, const Digest& request, RequestState next, Time now);
Status check_begin(const Registry::State& state, const Submission& admitted, Time now);
Status apply_step(Registry::State& state, const Record& record);
void set_request_state(Registry::State& state, Request& request, RequestState next);

// quarantine.cpp: answers that do not conform wait for a further approver.
Status check_release(const Act& act);
Status apply_release(const Change& change);
// What a `quarantined` step says of the answer. corrupt: it does not say it.
Status apply_quarantine(Registry::State& state, Request& request, const Record& record);
// A result says of an answer that was held, or should have been, what may be said.
Status check_held_result(const Act& act, const Request& request);

// workspaces.cpp: what scripts of kind work left.
// No script runs in the request's workspace.
Status check_workspace(const Registry::State& state, const Request& request);
// A result says of workspaces what it may say.
Status check_work_result(const Act& act, const Request& request);
void apply_work_result(const Change& change, const Request& request);
void begin_in_workspace(Registry::State& state, Request& request);
void end_workspaces_of_project(Registry::State& state, std::string_view project);
void end_workspaces_of_person(Registry::State& state, std::string_view person);
// Labels of an earlier catalogue count no more: nothing leaves from what was made under it.
void untie_workspaces(Registry::State& state, std::string_view source);

// conditions.cpp: what policy's file says of requests.
// It is one of the hours in which requests are admitted and begin to run.
Status check_hours(const Policy& policy, Time now);
// What made a signature.
KeyKind key_kind(const Signer& signer);
KeyKind key_kind(const evidence::Signature& signature);
// Requests of that kind are signed, or approved, with such a key.
Status check_key_kind(const Policy& policy, std::string_view kind, KeyKind key, std::string_view what);
ApprovalRule approval_rule(const Policy& policy, std::string_view kind);
// Approvers whose word counts for this request, once each: those who approved it and still could, and those
// who approved in advance what its project lets this agent ask for.
std::set<std::string> approvers_of(const Registry::State& state, const Policy& policy, const Request& request,
                                   Time now);
// How many approvals are still missing at `now`: those given to the request itself, and those that its
// project's approvers gave in advance, count once a person.
std::int64_t approvals_missing(const Registry::State& state, const Request& request, Time now);
// The same under another policy than the one in force.
std::int64_t approvals_missing(const Registry::State& state, const Policy& policy, const Request& request,
                               Time now);
// Of a policy that is to be set: whether there are people who could give what it wants.
Status check_approvers_exist(const Registry::State& state, const Policy& policy, Time now);

// access.cpp: login and the gate's summaries.
// A log-in to a machine, recorded here: its audience is "host:" and the machine's id, which no gate can have.
bool is_host_login(const statement::Statement& statement);
// Such a log-in, come after its window: made offline and sent later.
bool is_late(const statement::Statement& statement, Time now);
Status check_login(const Act& act);
Status apply_login(const Change& change);
// The session that a request names is its person's, and lasts.
Status check_session(const Act& act);
Status check_summary(const Act& act);
Status apply_nothing(const Change& change);

// review.cpp
Status check_review(const Act& act);

// erasure.cpp
Status check_erasure(const Act& act);
Status apply_erasure(const Change& change);

}  // namespace sceau::registry
