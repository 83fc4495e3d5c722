// Credentials: their ids, what is kept of those that can be found without one, and their counters.
//
// A credential id is the credential itself, for this device and one relying party alone: version, nonce and
// AES-256-GCM of { flags, slot, private key } under a key derived from a random master, bound to the hash of
// the relying party's id. What does not authenticate is nobody's credential. Of a discoverable one the store
// keeps a record too, in the slot that the id names; only while that record holds the same id is it one.
//
// Signatures are counted before they are made: a discoverable credential has a counter of its own, the others
// share sixteen, chosen by the relying party's hash, so that no two parties can compare theirs for sure.
// A new master (reset) makes all ids of before worthless.
#pragma once

#include "board/board.h"
#include "crypto/aes.h"
#include "crypto/hash.h"
#include "fido/objects.h"
#include "store/store.h"

namespace sceau::firmware::fido {

inline constexpr std::size_t kScalar = 32;
inline constexpr std::size_t kIdHeader = 1 + kSealNonce;
inline constexpr std::size_t kCredentialId = kIdHeader + 2 + kScalar + kSealTag;
using CredentialId = std::array<std::uint8_t, kCredentialId>;

// credProtect (CTAP 2.1, 12.1)
enum class Protection : std::uint8_t { kOptional = 1, kOptionalWithList = 2, kRequired = 3 };

// What an id holds.
struct CredentialSource {
  bool discoverable = false;
  bool hmac_secret = false;
  bool large_blob_key = false;
  Protection protection = Protection::kOptional;
  std::uint8_t slot = 0;  // of a discoverable one
  SecretArray<kScalar> scalar;
};

// What the store keeps of a discoverable credential.
struct StoredCredential {
  std::uint32_t sequence = 0;  // the later made, the higher
  CredentialId id{};
  Hash rp_hash{};
  BoundedBytes<kMaxRpId> rp_id;
  BoundedBytes<kMaxUserId> user_id;
  bool has_name = false;
  bool has_display_name = false;
  BoundedBytes<kMaxName> name;
  BoundedBytes<kMaxName> display_name;
  BoundedBytes<kMaxCredBlob> blob;
};

// Slots of discoverable credentials.
struct Slots {
  std::array<std::uint8_t, kMaxCredentials> slots{};
  std::size_t count = 0;
};

class Credentials {
 public:
  Credentials(Board& board, Store& store) : board_(board), store_(store) {}

  // A master where there is none. kFull, kHardware.
  Status start();
  using Master = SecretArray<kHashSize>;
  // A new one, for reset to store. kHardware.
  Result<Master> make_master();

  Result<CredentialId> seal(const CredentialSource& source, const Hash& rp_hash);
  // kNotFound: not an id of ours for this relying party, or of a discoverable credential that is no more.
  Result<CredentialSource> open(ByteView id, const Hash& rp_hash);

  bool holds(std::size_t slot) const;
  // kNotFound, kCorrupt, kHardware.
  Result<StoredCredential> read(std::size_t slot);
  // The slot of an id; kNotFound.
  Result<std::size_t> find(ByteView id);
  // Those of a relying party, the latest first. kCorrupt, kHardware.
  Result<Slots> of_relying_party(const Hash& rp_hash);
  // One for each relying party that has any.
  Result<Slots> relying_parties();
  // Where a credential for this party and user goes: where their last one is, or a free slot. kFull.
  Result<std::size_t> place_for(const Hash& rp_hash, ByteView user_id);
  // In one transaction, with its counter at one; `stored.sequence` is chosen here. kFull, kHardware.
  Status create(std::size_t slot, StoredCredential& stored);
  // The same credential with other names. kFull, kHardware.
  Status update(std::size_t slot, const StoredCredential& stored);
  // kHardware.
  Status remove(std::size_t slot);

  std::size_t stored() const;
  // How many more are sure to fit.
  std::size_t remaining() const;

  // Counts a signature, and that is durable; the count to show. kFull, kHardware.
  Result<std::uint32_t> count(const CredentialSource& source, const Hash& rp_hash);

  // A secret of the credential, for one purpose. kHardware.
  Result<DerivedKey> secret(std::string_view purpose, ByteView id);

 private:
  Result<Master> master();
  Result<DerivedKey> key(std::string_view purpose);

  Board& board_;
  Store& store_;
};

// The longest front of `text` that ends between characters and fits.
std::string_view cut_text(std::string_view text, std::size_t most);
// CTAP 2.1, 6.8.7: what is kept of a longer id: its protocol, an ellipsis and its end.
BoundedBytes<kMaxRpId> cut_rp_id(std::string_view rp_id);

}  // namespace sceau::firmware::fido
