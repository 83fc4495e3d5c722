// A small world for tests: a clock, an authority, people with cards (software keys that carry attestations of
// a test maker), and a ledger in memory that admits what the registry's rules admit.
//
// ada and bea administer, and ada holds the authority's key; carl approves; dora is an agent of project
// "asthma" on source "snds"; erik is a person without any role; "gate" is the gate.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "authenticator.h"
#include "maker.h"
#include "sceau/ledger/tree.h"
#include "sceau/registry/registry.h"

namespace sceau::test {

using statement::Array;
using statement::Object;
using statement::Value;

inline constexpr Time kBegin = 1'790'000'000;  // 2026-09-21
inline constexpr const char* kRealm = "registre.exemple.fr/entrepot";

struct CardKey {
  pki::SoftwareKey key;
  std::optional<pki::Certificate> certificate;
  Bytes attestation;
};

// A token as its holder carries it.
struct Card {
  std::string person, serial;
  Maker::Token maker;
  CardKey sign, login, recovery;
};

// What to write into a statement besides type, author and body.
struct Envelope {
  std::optional<std::string> realm, id;
  std::optional<Time> at, until;
  std::optional<statement::After> after;
};

struct Submitted {
  registry::Judgement judgement;
  Bytes statement, evidence;
  std::uint64_t index = 0;  // of the entry, when one was made
  [[nodiscard]] Digest digest() const { return sha256(statement); }
  [[nodiscard]] Digest evidence_digest() const { return sha256(evidence); }
};

class World {
 public:
  enum class Until { nothing, genesis, people, project };
  explicit World(Until until = Until::project, bool single = false, Time now = kBegin);

  // Cards.
  Card make_card(const std::string& person, const std::string& serial);
  // The same card with a certificate that `issuer` (its key and certificate) made for `subject`, for `use`.
  pki::Certificate issue(const pki::SoftwareKey& key, const std::string& person, pki::KeyUse use,
                         Time days = 700);
  Card& card(const std::string& person) { return cards.at(person); }

  // Bodies.
  static Value token_value(const Card& card);
  [[nodiscard]] Value escrow_value(int k = 2) const;
  static Object policy_body();
  [[nodiscard]] Object request_body(const std::string& kind = "aggregate") const;
  [[nodiscard]] Object genesis_body(bool single) const;
  [[nodiscard]] Object result_body(const Digest& request, const std::string& outcome) const;

  // Statements and evidence.
  Bytes write(const std::string& type, const std::string& by, Value body, const Envelope& envelope = {});
  Bytes sign(ByteView statement, const std::vector<const Card*>& signers);
  evidence::Signature signature(ByteView statement, const std::string& person, const pki::SoftwareKey& key,
                                const pki::Certificate& certificate);
  evidence::Signature signature_of(ByteView statement, const Card& card);
  evidence::Signature login_signature(ByteView statement, const Card& card);
  Bytes sign_as_gate(ByteView statement);

  // The registry's answer; nothing is recorded.
  registry::Judgement ask(ByteView statement, ByteView evidence);
  registry::Judgement ask(const std::string& type, const std::vector<std::string>& people, Value body,
                          const Envelope& envelope = {});
  // The answer, recorded as the gate would: refusals of known signers too.
  Submitted submit(Bytes statement, Bytes evidence);
  Submitted submit(const std::string& type, const std::vector<std::string>& people, Value body,
                   const Envelope& envelope = {});
  // submit, which must be accepted.
  Submitted must(const std::string& type, const std::vector<std::string>& people, Value body);
  // An entry whatever the rules say: how a dishonest gate writes. `state` is the verdict's.
  std::uint64_t force(const std::string& type, Bytes statement, Bytes evidence, const std::string& state);
  // A step in a request's life, whatever the rules say.
  std::uint64_t step(const Digest& request, registry::RequestState state, Object details = {});
  // A request by dora, run by the gate to its delivery (approved by carl when individual).
  Submitted deliver(const std::string& kind = "aggregate");
  Submitted result(const Digest& request, const std::string& outcome);

  registry::Context context();
  Digest put_blob(const Bytes& bytes);
  Digest root_at(std::uint64_t size) const { return roots.at(size); }
  Bytes crl(Time next_update, std::uint64_t number, const std::vector<pki::Certificate>& revoked = {});
  void add_person(const std::string& person, const std::string& serial, const std::string& role = {});
  void append(ledger::Entry entry);
  // Back to the first `size` entries, as if the others had never come. Blobs and clock stay.
  void rewind(std::size_t size);
  // A ledger with these entries in a new file, one transaction for each of `batches` (sizes; what is left
  // over makes the last).
  std::unique_ptr<ledger::Ledger> store(const std::filesystem::path& path,
                                        const std::vector<std::size_t>& batches = {}) const;

  FixedClock clock;
  SeededRandom random{1};
  Maker maker;
  Authenticator vendor{"localhost"};  // a maker of FIDO2 keys, whom the genesis trusts, and the first of them
  pki::SoftwareKey authority_key = pki::SoftwareKey::generate().value();
  pki::SoftwareKey gate_key = pki::SoftwareKey::generate().value();
  std::optional<pki::Certificate> authority, gate_certificate;
  std::string log = "";  // vkey
  std::map<std::string, Card> cards;
  std::map<Digest, Bytes> blobs;
  // Completes a result's body from its request's: its SQL and columns, where a test wants them to be true.
  std::function<void(Object& result, const Value& request)> complete;
  registry::Registry registry;
  std::vector<ledger::Entry> entries;
  std::vector<Digest> roots{ledger::empty_root()};  // by size

 private:
  struct Making {};
  World(Making, Until until, bool single, Time now);
  void begin(bool single);
  void add_people();
  void add_project();
  ledger::Frontier tree_;
  std::map<Digest, Value> requests_;  // bodies
};

// The note signer of every world's ledger.
ledger::NoteSigner log_signer();

}  // namespace sceau::test
