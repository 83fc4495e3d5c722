// Who and which token is enrolled, with which role, when; what is asked for and how far it has come. Folded
// from the ledger's entries, in order, by one function (apply), and the one place that decides whether a
// statement may become the next entry (check). The gate and the audit use the same code: what an honest gate
// admits, the audit admits again, and nothing else.
//
// Rules: the design's "Who may speak for whom"; host-lib/registry/README.md lists them one by one.
//
// Threads: const members may run side by side; apply() and fold() need the object alone. A gate holds a
// shared_mutex: check under the shared lock, then (exclusively) check again and apply. authenticate() is the
// slow half (signatures, paths) and is worth doing under the shared lock; judge() is lookups only.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sceau/base/result.h"
#include "sceau/evidence/evidence.h"
#include "sceau/evidence/fido_metadata.h"
#include "sceau/ledger/ledger.h"
#include "sceau/pki/trust.h"
#include "sceau/registry/explanation.h"
#include "sceau/registry/record.h"
#include "sceau/registry/state.h"
#include "sceau/statement/statement.h"

namespace sceau::registry {

// What a check needs to know besides the registry: the time (the gate's clock, or the leaf's own in an
// audit), the tree as it stands, and blobs (those sent along with the statement, and the ledger's).
struct Context {
  Time now = 0;
  std::uint64_t size = 0;
  std::function<Result<Digest>(std::uint64_t size)> root_at;
  std::function<Result<Bytes>(const Digest&)> blob;
};

// A statement and its evidence, read but not yet believed.
struct Submission {
  statement::Statement statement;
  evidence::Evidence evidence;
  Digest digest{}, evidence_digest{};
};

// invalid: not canonical, unknown type or field, or evidence that is no list of signatures.
Result<Submission> read_submission(ByteView statement, ByteView evidence);

// The certificates, attestations, CRLs and catalogues that its body names: what must be sent along with it,
// unless the ledger has it, and what is kept with its entry.
std::vector<Digest> named_blobs(const statement::Statement& statement);

// One signature that verified.
struct Signer {
  std::string person;    // or the gate's id
  std::string serial;    // of the token; empty for a gate
  Digest certificate{};  // of a FIDO2 key, which has none: SHA-256 of its credential id
  KeyPurpose purpose = KeyPurpose::sign;
  bool enrolled = false;               // false: the key that this very statement enrols
  bool gate = false;                   // a gate's own key
  std::optional<std::size_t> token{};  // position in Registry::tokens(), when enrolled
  bool fido2 = false;
  // Of a clear-sign key: the counter in what its token states, and the digest of the lines it showed. Of a
  // FIDO2 key that has one: its signature counter.
  std::optional<std::uint32_t> counter{};
  Digest shown{};
};

// What the signatures are worth.
struct Authentication {
  std::vector<Signer> signers;  // as in the evidence, when error is empty
  std::vector<Digest> crls;     // that were used
  bool identified = false;      // a key that is, or once was, enrolled really signed these bytes
  bool by_signed = false;       // and the first signature is by whom `by` names
  std::optional<Error> error;   // why the evidence is not good enough
};

// The answer. Nothing is written here: the gate makes an entry of it (record.h) and applies it.
struct Judgement {
  Verdict verdict;             // admitted, pending or refused
  std::optional<Error> error;  // why refused
  // False: nobody enrolled signed this. It is counted, never logged, and uses up no id.
  bool identified = false;
  std::vector<Signer> signers;

  [[nodiscard]] bool accepted() const { return !error.has_value(); }
};

class Registry {
 public:
  Registry();
  ~Registry();
  Registry(Registry&&) noexcept;
  Registry& operator=(Registry&&) noexcept;
  Registry(const Registry&) = delete;
  Registry& operator=(const Registry&) = delete;

  // Everything from an existing ledger. corrupt when an entry cannot be read or does not fit what came before
  // (its signatures are not verified again: that is the audit's work); erased openings are passed over.
  static Result<Registry> fold(const ledger::Ledger& ledger);

  // Whether this statement may become entry context.size. Never fails in another way: what is unreadable in
  // `blob` or `root_at` is a refusal. read_submission, authenticate and judge in one.
  [[nodiscard]] Judgement check(const Submission& submission, const Context& context) const;
  [[nodiscard]] Authentication authenticate(const Submission& submission, const Context& context) const;
  [[nodiscard]] Judgement judge(const Submission& submission, const Authentication& authentication,
                                const Context& context) const;

  // Whether a request may take this step now: pending → admitted (enough approvals) or expired, admitted →
  // running, pending again (its approvals do not count any more) or expired (whoever asked has lost the right
  // to it for good), running → checked (a script of kind work
  // has no such step). refused when not.
  [[nodiscard]] Status check_step(const Digest& request, RequestState next, Time now) const;
  // Whether whoever asked for what runs still may: her account, role, token, project and assignment hold.
  [[nodiscard]] Status check_goes_on(const Digest& request, Time now) const;
  // Whether a request that judge() has just admitted, as the next entry, may take the step `running` in the
  // entry after it, at the same time. refused when not.
  [[nodiscard]] Status check_begin(const Submission& admitted, Time now) const;

  // Takes the next entry in. `blob` gives certificates and CRLs. corrupt when it cannot follow what is here.
  Status apply(const Record& record, const std::function<Result<Bytes>(const Digest&)>& blob);

  // How many entries were applied.
  [[nodiscard]] std::uint64_t size() const;
  // False before a genesis was applied; realm() is then empty.
  [[nodiscard]] bool has_genesis() const;
  [[nodiscard]] const std::string& realm() const;
  // One administrator was enough for the genesis: everybody is warned for ever after.
  [[nodiscard]] bool single() const;
  [[nodiscard]] const Policy& policy() const;

  [[nodiscard]] std::vector<Organisation> organisations() const;
  [[nodiscard]] std::vector<const Person*> people() const;
  [[nodiscard]] const std::vector<Token>& tokens() const;
  // What stands for its keys being in hardware: "attested", or "not attested (authority NAME)".
  [[nodiscard]] std::string attestation_text(const Token& token) const;
  [[nodiscard]] std::vector<const Project*> projects() const;
  [[nodiscard]] std::vector<Source> sources() const;
  // Those past their end too, ordered by host, account and person.
  [[nodiscard]] std::vector<AccountBinding> accounts() const;
  [[nodiscard]] std::vector<Authority> authorities() const;
  [[nodiscard]] std::vector<GateKey> gates() const;
  [[nodiscard]] std::vector<std::string> log_keys() const;  // vkeys in force, newest last
  // Active tokens of administrators that can open escrow shares.
  [[nodiscard]] std::vector<RecoveryKey> recovery_keys(Time now) const;

  // Null when there is none of that name. Pointers hold until the next apply.
  [[nodiscard]] const Person* person(std::string_view id) const;
  [[nodiscard]] const Token* token(std::string_view serial) const;  // its newest enrolment
  [[nodiscard]] const Project* project(std::string_view id) const;
  [[nodiscard]] const Source* source(std::string_view id) const;
  [[nodiscard]] const Request* request(const Digest& digest) const;
  // The tables that a person has in a project's workspace at a source; null: none.
  [[nodiscard]] std::shared_ptr<const WorkTables> workspace(const WorkspaceKey& key) const;
  // Those that have not ended, oldest first.
  [[nodiscard]] std::vector<const Request*> open_requests() const;
  [[nodiscard]] std::vector<const Request*> requests() const;
  // The person holds the role now, for that organisation (kEverywhere: for all of them).
  [[nodiscard]] bool has_role(std::string_view person, Role role, std::string_view organisation,
                              Time now) const;
  // The person holds the role now, for any organisation.
  [[nodiscard]] bool has_role(std::string_view person, Role role, Time now) const;
  // What she could ask for under that policy: the one in force, or a candidate.
  [[nodiscard]] Explanation explain(const Question& question, const Policy& policy, Time now) const;
  // A policy that might be set now (a policy.set's POLICY): read, and held against every rule but its
  // signers' powers. refused as the statement would be. Of the context, now and blob.
  [[nodiscard]] Result<Policy> candidate(const statement::Value& policy, const Context& context) const;
  // Approvals that a request still needs to be admitted, or to begin, at `now`: 0 when it has enough.
  [[nodiscard]] std::int64_t approvals_needed(const Request& request, Time now) const;
  // Of those given to the request itself, how many count at `now`: whoever gave them still could.
  [[nodiscard]] std::int64_t approvals_counted(const Request& request, Time now) const;

  // Entries that an erasure named: their openings are to be, or have been, erased.
  [[nodiscard]] std::vector<std::uint64_t> erased() const;
  [[nodiscard]] const pki::TrustStore& trust() const;
  // The makers whose attestations count: those that the genesis pins, and policy's.
  [[nodiscard]] const std::vector<pki::Certificate>& attestation_roots() const;
  // What policy's metadata says of models of FIDO2 keys; nothing where it names none.
  [[nodiscard]] const std::optional<evidence::FidoMetadata>& fido_metadata() const;
  // The serial of the token that made the first signature of an entry; empty when it is none of ours (a
  // gate's).
  [[nodiscard]] std::string signing_token(const Submission& submission) const;

  struct State;  // the room's own

 private:
  std::unique_ptr<State> state_;
};

}  // namespace sceau::registry
