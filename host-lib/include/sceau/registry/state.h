// What the registry knows, as plain values: folded from the ledger, never written by hand.
//
// All times are UTC seconds; every `until` is the first second at which the thing no longer holds.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "sceau/base/bytes.h"
#include "sceau/base/clock.h"
#include "sceau/base/digest.h"
#include "sceau/pki/key_policy.h"
#include "sceau/statement/value.h"

namespace sceau::registry {

// Before a machine's id, in the audience of a log-in to it.
inline constexpr std::string_view kHostAudience = "host:";

// Instead of an organisation's id, in a role or a project: all of them.
inline constexpr std::string_view kEverywhere = "*";

enum class Role : std::uint8_t { agent, approver, administrator, auditor };
std::string_view role_text(Role role);
std::optional<Role> role_from_text(std::string_view text);

struct Organisation {
  std::string id, name;
};

struct RoleGrant {
  Role role = Role::agent;
  std::string organisation;  // an id, or kEverywhere
  Time until = 0;
};

struct Person {
  std::string id, name, organisation;
  std::string engagement;    // "staff" or "contractor"
  Time until = 0;            // the account's own end
  std::optional<Time> left;  // when a person.leave was admitted
  std::vector<RoleGrant>
      roles;  // one a role and organisation; those past their end stay until granted anew or withdrawn
  std::vector<std::size_t> tokens;  // positions in Registry::tokens(), oldest first
};

enum class KeyPurpose : std::uint8_t { sign, login, session, recovery };
std::string_view key_purpose_text(KeyPurpose purpose);
std::optional<KeyPurpose> key_purpose_from_text(std::string_view text);

// One signature of a clear-sign key that an entry holds: over which statement, and the head of the token's
// journal that its token stated.
struct ClearSigned {
  Digest statement{};
  Digest journal{};
};

struct TokenKey {
  KeyPurpose purpose = KeyPurpose::sign;
  std::string slot;                     // "9C"; behind a PKCS#11 module the key's CKA_ID in hexadecimal
  Bytes public_key;                     // SubjectPublicKeyInfo, DER
  std::optional<Digest> certificate;    // a blob; none for recovery keys
  std::optional<Digest> attestation;    // a blob; none where an authority's word stands in its place
  Bytes credential;                     // of a FIDO2 key: its credential id; else empty
  std::string rp_id;                    // of one that was imported: its own; else empty, and policy's counts
  std::uint32_t signature_counter = 0;  // of a FIDO2 key: the highest that an entry holds
  // Of a clear-sign key: its policy, as the attestation names it, and by counter what entries hold of it.
  std::optional<pki::KeyPolicy> clear_sign;
  std::map<std::uint32_t, ClearSigned> counters;
};

// `ended` by renewal or replacement, `revoked` for good, `suspended` until resumed.
enum class TokenState : std::uint8_t { active, suspended, revoked, ended };
std::string_view token_state_text(TokenState state);

struct EscrowShare {
  std::string to;  // a person with a recovery key
  int index = 0;
  std::string sealed;  // base64, see token/escrow.h
};

// One enrolment of one token. A renewal of the same card is a new one; the old one has ended.
struct Token {
  std::string serial, person;
  TokenState state = TokenState::active;
  std::vector<TokenKey> keys;
  // Not attested: the certificate of the authority that policy listed when the token was enrolled.
  std::optional<Digest> authority;
  bool attests_itself = false;   // a FIDO2 key whose maker says nothing of it
  std::optional<Digest> device;  // the certificate of its own attestation key (F9), a blob
  std::uint64_t entry = 0;       // that enrolled it
  int recovery_k = 0;            // shares needed for its PUK and management key; 0: not escrowed
  std::vector<EscrowShare> shares;
};

struct Project {
  std::string id, title;
  std::string organisation;  // the scope of the administrator who opened it, or kEverywhere
  std::vector<std::string> sources, kinds;
  Time from = 0, until = 0;
  std::int64_t max_rows = 0;
  bool closed = false;
  std::map<std::string, Time> people;  // assigned, and until when
  std::vector<std::string> columns;    // "TABLE.COLUMN" or "TABLE.*"; empty: all of its sources'
  std::int64_t approvals = 0;  // so many approvers signed it, and approve in advance; 0: it asks for none
  // Approvers who signed that it opens, and by person those who signed her assignment: who is in both
  // approves in advance what she asks for of single people.
  std::set<std::string> approvers;
  std::map<std::string, std::set<std::string>> vouched;
};

struct Source {
  std::string id, engine;
  Digest catalogue{};  // a blob: TOML
};

struct Authority {
  Digest certificate{};
  std::string holder;  // the administrator whose token has its key; empty for an organisation's own
  Digest crl{};        // the newest published
  std::int64_t crl_number = 0;
};

// A local account of a machine, and the person who may use it until then.
struct AccountBinding {
  std::string host, account, person;
  Time until = 0;
};

struct GateKey {
  std::string id;
  Digest certificate{};
  std::string log;  // vkey of its checkpoints' key
};

// How many approvals a kind of request needs.
struct ApprovalRule {
  std::int64_t needed = 0;
  std::int64_t from_another = 0;  // organisation than the requester's: so many of those needed
  std::vector<std::string> by;    // only these people's count; empty: any approver's
  int line = 0;                   // of the policy's file; 0: not from there
};

// When requests are admitted: minutes of a day, `until` not included; bit 0 of `days` is Monday.
struct OpenHours {
  unsigned days = 0;
  int from = 0, until = 0;
};

// Which potential identifiers may leave together, as "TABLE.COLUMN".
struct Profile {
  std::string name;
  bool everybody = false;  // whom and what no other profile names
  std::vector<std::string> people, projects;
  std::vector<std::string> always;                 // with any others
  std::vector<std::vector<std::string>> together;  // those of one of these
};

// What signs: any key; one with a certificate; one that shows what it signs.
enum class KeyKind : std::uint8_t { any, card, clear_sign };
std::string_view key_kind_text(KeyKind kind);

// The part of a policy that is kept as its file (policy_file.h).
struct Rules {
  std::map<std::string, ApprovalRule> approvals;  // by kind of request
  std::map<std::string, KeyKind> keys;            // by kind of request
  Time offset = 0;                                // of `hours` from UTC, seconds
  std::vector<OpenHours> hours;                   // empty: always
  std::vector<Profile> profiles;
  // Answers about single people wait in quarantine when they are about fewer people than minimum_people.
  bool hold_few_people = false;
};

struct Policy {
  std::int64_t minimum_people = 11, dominance_percent = 85;
  Time request_window = 900, after_age = 86400, decide_within = 86400, session_seconds = 28800;
  std::int64_t approvals = 1, recovery_k = 2;
  Time time_limit = 60;
  Time offline_seconds = 604800;  // how long a machine may log people in from its copy of the registry
  std::int64_t row_limit = 0;
  // Certificates of authorities that issue only for keys held in hardware: tokens that they certify may be
  // enrolled without attestation.
  std::vector<Digest> hardware_authorities;
  // WebAuthn: whom FIDO2 keys sign for, and the origins whose pages may ask them to. Never empty.
  std::string rp_id = "localhost";
  std::vector<std::string> origins = {"https://localhost", "https://localhost:*"};
  bool refuse_counter_step_back = false;  // else it is an alarm
  // Whose word is taken for a key's being in hardware, beside genesis' roots: blobs (a certificate each; and
  // evidence::FidoMetadata), and whether a FIDO2 key's own word will do.
  std::vector<Digest> attestation_roots;
  std::optional<Digest> fido_metadata;
  bool fido_self_attestation = false;
  bool u2f_import =
      false;  // two administrators may enrol what pamu2fcfg made, for logging in where it was made
  bool clear_sign = false;  // requests, decisions and releases that let rows out want a clear-sign key
  std::map<std::string, std::int64_t> retention_days;  // by class: access, extraction, registry, summary
  std::optional<Digest> rules_file;                    // a blob: the policy's file, of which
  Rules rules;                                         // these are the rules
  Digest digest{};                                     // SHA-256 of its canonical JSON: what results name
  Bytes canonical;                                     // that JSON
};

struct RecoveryKey {
  std::string person, serial;
  Bytes public_key;  // SubjectPublicKeyInfo, DER
};

// Where a request stands. Ended: delivered, interrupted, refused, expired. An answer that does not conform is
// quarantined when it has run, until a further approver releases it.
enum class RequestState : std::uint8_t {
  pending,
  admitted,
  running,
  quarantined,
  released,
  checked,
  delivered,
  interrupted,
  refused,
  expired
};
std::string_view request_state_text(RequestState state);
std::optional<RequestState> request_state_from_text(std::string_view text);
bool is_ended(RequestState state);

// Whose workspace: project, person, source.
using WorkspaceKey = std::array<std::string, 3>;
// Its tables by name, each as the result that made or changed it describes it: a WORK_TABLE of the schema,
// and in `entry` that result's entry. What a script leaves alone is shared with the workspace before it.
using WorkTables = std::map<std::string, std::shared_ptr<const statement::Value>, std::less<>>;

// An approval, a refusal or a release: who, with which token and sort of key, by which entry, when.
struct Decided {
  std::string person, serial;
  std::uint64_t entry = 0;
  Time at = 0;
  KeyKind key = KeyKind::any;
};

// An answer in quarantine, as its step describes it: the gate's word, which a release must repeat.
struct Held {
  std::int64_t rows = 0, bytes = 0;
  Digest sha256{};
  std::string reason;  // why it does not conform
  Time at = 0;
};

struct Request {
  Digest digest{}, evidence{};  // of the statement, of its evidence: what approvals name
  std::uint64_t entry = 0;
  std::string id, by, serial;  // serial of the token that signed
  std::string project, source, kind, name;
  std::int64_t max_rows = 0;
  bool parameters = false;     // has any: who approves it has seen them
  KeyKind key = KeyKind::any;  // that signed it
  Time at = 0;                 // of the entry's leaf
  Time decide_by = 0;          // approvals count until then; what is held is kept until then
  RequestState state = RequestState::pending;
  std::vector<Decided> approvals;  // that were given: which still count, Registry says
  std::optional<Decided> refusal;
  std::string why_expired;         // of one that was admitted, and that nobody may begin any more
  std::optional<Held> held;        // of one that was quarantined, ever after
  std::optional<Decided> release;  // of what was held
  std::int64_t fewest_people = 0;  // when it began: answers about fewer are held; 0: policy holds none
  Digest policy{}, catalogue{};    // in force when it began to run
  std::optional<std::uint64_t> running, result;  // those entries
  std::shared_ptr<const WorkTables> workspace;   // of its person, as it stood then; null: empty
  std::shared_ptr<const WorkTables> asked_over;  // the same as it stood when it was asked: what approvers saw
};
// The workspace that it works in, or reads.
WorkspaceKey workspace_of(const Request& request);

}  // namespace sceau::registry
