// What a Registry holds. Maps are keyed for the questions that check() asks: none of them scans.
#pragma once

#include <array>
#include <cstring>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "sceau/evidence/fido_metadata.h"
#include "sceau/evidence/verifier.h"
#include "sceau/pki/trust.h"
#include "sceau/registry/registry.h"
#include "sceau/registry/state.h"
#include "sceau/statement/schema.h"

namespace sceau::registry {

struct TextHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
};
template <typename T>
using TextMap = std::unordered_map<std::string, T, TextHash, std::equal_to<>>;

// SHA-256 and random identifiers are their own hash.
struct FirstBytesHash {
  template <std::size_t size>
  std::size_t operator()(const std::array<std::uint8_t, size>& bytes) const {
    std::size_t hash = 0;
    std::memcpy(&hash, bytes.data() + size - sizeof hash, sizeof hash);
    return hash;
  }
};
template <typename T>
using DigestMap = std::unordered_map<Digest, T, FirstBytesHash>;

using Uuid = std::array<std::uint8_t, 16>;
// From the text form, which the statement's reader has checked.
Uuid uuid_from_text(std::string_view text);

struct KeyPlace {
  std::size_t token = 0, key = 0;
};

// Host, account, person.
using AccountKey = std::array<std::string, 3>;

// What is known of a token's journal, and by which entry.
struct Journaled {
  std::uint32_t count = 0;
  Digest head{};
  std::uint64_t entry = 0;
};

// A log-in at a gate, which requests in its session name.
struct LoggedIn {
  std::string person;
  Time at = 0;
};

// What an erasure needs to know of every entry.
struct EntryFact {
  Time at = 0;
  statement::Retention retention = statement::Retention::registry;
  std::optional<std::uint64_t> about;  // of a step, decision or result: its request's entry
};

struct Registry::State {
  bool genesis = false;
  bool single = false;
  std::string realm;
  Policy policy;

  std::map<std::string, Organisation, std::less<>> organisations;
  TextMap<Person> people;
  std::vector<Token> tokens;
  TextMap<std::size_t> token_by_serial;    // newest enrolment
  DigestMap<KeyPlace> key_by_certificate;  // every one ever enrolled; of FIDO2 keys, their credential ids'
  DigestMap<std::size_t> token_by_key;     // SHA-256 of a SubjectPublicKeyInfo → newest token with it
  TextMap<Project> projects;
  std::map<std::string, Source, std::less<>> sources;
  std::map<AccountKey, AccountBinding> accounts;
  std::map<Digest, Authority> authorities;  // by certificate
  TextMap<GateKey> gates;
  DigestMap<std::string> gate_by_certificate;       // in force
  std::vector<std::string> log_keys;                // in force, newest last
  std::vector<pki::Certificate> genesis_roots;      // of attestation, as genesis named them
  std::vector<pki::Certificate> attestation_roots;  // those, and policy's
  std::optional<evidence::FidoMetadata> fido_metadata;
  std::int64_t newest_metadata = 0;  // the highest number that a policy ever named
  pki::TrustStore trust;

  TextMap<Journaled> journals;  // by token's serial number

  DigestMap<Request> requests;
  DigestMap<statement::Statement> asked;  // requests that others may decide on, as they were signed
  std::map<std::uint64_t, Digest> request_by_entry;
  std::map<std::uint64_t, Digest> open;  // by entry
  std::unordered_set<Uuid, FirstBytesHash> ids;
  std::vector<EntryFact> entries;
  std::set<std::uint64_t> erased;

  DigestMap<LoggedIn> logins;  // of the last day
  std::deque<std::pair<Time, Digest>> logins_by_time;
  std::map<WorkspaceKey, std::shared_ptr<const WorkTables>> workspaces;
  std::map<WorkspaceKey, Digest> working;             // the script that runs in each, and has not ended
  std::map<std::uint64_t, std::string> work_results;  // entries that workspaces are folded from, by project

  std::unique_ptr<evidence::Verifier> verifier = std::make_unique<evidence::Verifier>();
};

}  // namespace sceau::registry
