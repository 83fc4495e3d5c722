// What one machine needs of the registry to log people in while no gate can be reached: the accounts bound on
// it, their people and those people's log-in keys, the authorities with their newest revocation lists, and
// the checkpoint that all of it was folded from.
//
// A gate makes it, signs it as it signs its results (a detached CAdES signature by its pinned certificate
// over the SHA-256 of the canonical bytes), and says until when it may be relied on: policy's
// offline_seconds.
//
// Canonical JSON {accounts, at, authorities, checkpoint, gate, host, keys, people, realm, sceau: 1, type:
// "host.copy", until}, and, where somebody with an account here has a FIDO2 key, fido2: {keys, origins,
// rp_id}. It is no statement, and no reader of statements takes it for one.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "sceau/base/bytes.h"
#include "sceau/base/clock.h"
#include "sceau/base/digest.h"
#include "sceau/base/result.h"
#include "sceau/registry/state.h"

namespace sceau::registry {

class Registry;

struct HostCopy {
  struct Authority {
    Bytes certificate, crl;  // DER
  };
  struct Person {
    std::string id;
    Time until = 0;  // the account's end; the second of leaving for one who left
  };
  struct Key {
    std::string serial, person;
    std::string state;  // of its token: active, suspended, revoked, ended
    Digest certificate{};
  };
  struct FidoKey {
    std::string serial, person, state;
    Digest credential{};  // SHA-256 of its id
    Bytes public_key;     // SubjectPublicKeyInfo, DER
    // Of one that was imported, for this machine alone: its RP id, and the credential's id, which nobody can
    // ask the key for. Else empty.
    std::string rp_id = {};
    Bytes id = {};
  };
  struct Account {
    std::string account, person;
    Time until = 0;
  };

  std::string realm, gate, host;
  Time at = 0, until = 0;  // made then, good until then
  std::string checkpoint;  // a signed note
  std::vector<Authority> authorities;
  std::vector<Person> people;
  std::vector<Key> keys;
  std::vector<Account> accounts;
  std::vector<FidoKey> fido_keys;
  std::string rp_id;                 // of policy; empty where there is no FIDO2 key
  std::vector<std::string> origins;  // likewise
};

inline constexpr std::size_t kLargestHostCopy = std::size_t{8} << 20U;
// A copy is good for this long even where policy allows no log-in without the gate.
inline constexpr Time kShortestHostCopy = 60;

// `blob` gives certificates and CRLs. Fails as it does.
Result<HostCopy> make_host_copy(const Registry& registry, std::string_view host, Time now,
                                const std::function<Result<Bytes>(const Digest&)>& blob);

Bytes write_host_copy(const HostCopy& copy);
// Reads exactly what write_host_copy writes. Fails with invalid; no signature is looked at.
Result<HostCopy> read_host_copy(ByteView bytes);

// {"copy": base64, "evidence": base64}
Bytes write_signed_host_copy(ByteView copy, ByteView evidence);
struct SignedHostCopy {
  Bytes copy, evidence;
};
Result<SignedHostCopy> read_signed_host_copy(ByteView bytes);

}  // namespace sceau::registry
