// The authenticator of CTAP 2.1 and U2F, whatever carries its messages.
//
// Invariants: a command that fails changes nothing but PIN tries; nothing that needs a PIN or a touch happens
// before it was given; a signature is counted, and that is durable, before it is made. An iteration
// (getNextAssertion, the next relying party or credential) belongs to the channel that began it, and is
// dropped by any other command, by time and by power. A message is at most kMaxMessage bytes in either
// direction; the answer's first byte is a CtapStatus, and nothing follows one that is not kSuccess.
//
// What a command is given is read in parameters.h; each group of commands has a source file of its own.
#pragma once

#include "apdu/apdu.h"
#include "fido/attestation.h"
#include "fido/credentials.h"
#include "fido/large_blob_store.h"
#include "fido/pin.h"
#include "fido/pin_token.h"

namespace sceau::firmware::fido {

// A transport that tells its host to be patient, and hears it give up.
class Patience : public Meanwhile {
 public:
  virtual bool cancelled() const = 0;  // the host gave up; go_on() has answered false

 protected:
  ~Patience() = default;
};

// Who asks: channels differ between all transports of a device.
struct Client {
  std::uint32_t channel = 0;
  Patience* patience = nullptr;  // null: nobody to tell
};

class Authenticator {
 public:
  // Borrows all three.
  Authenticator(Board& board, Store& store, KeyEngine& engine);

  // Makes what a fresh device lacks, and counts as power-up. What store and crypto fail with; kNotFound: no
  // attestation key and no maker.
  Status start();

  // One CTAP2 message.
  void process(const Client& client, ByteView message, Writer& answer);

  // One command of U2F (FIDO U2F raw message formats 1.2). The data of its answer goes to `response`.
  StatusWord process_u2f(const Client& client, const Command& command, Writer& response);

  // Not while alwaysUv is on.
  bool offers_u2f();

  // The channel is gone: what belongs to it is dropped.
  void drop_channel(std::uint32_t channel);

  // What tests watch.
  const Pin& pin() const { return pin_; }

 private:
  // What one touch and one look at the PIN authorised, for one or more assertions.
  struct HmacSecret {
    bool present = false;
    SharedSecret shared;
    Decrypted salts;
  };
  struct Assertion {
    Hash rp_hash{};
    Hash client_data_hash{};
    std::uint8_t flags = 0;
    bool cred_blob = false;
    bool large_blob_key = false;
    HmacSecret hmac_secret;
  };
  struct Iteration {
    enum class Kind : std::uint8_t { kNone, kAssertions, kRelyingParties, kCredentials };
    Kind kind = Kind::kNone;
    std::uint32_t channel = 0;
    std::uint64_t touched = 0;  // milliseconds
    Slots slots;
    std::size_t next = 0;
    Assertion assertion;
  };
  using Kind = Iteration::Kind;

  // authenticator.cpp
  CtapStatus run(const Client& client, std::uint8_t command, ByteView parameters, Writer& answer);
  CtapStatus confirm(const Client& client, std::string_view what, std::string_view rp_id);
  CtapStatus select_device(const Client& client);
  CtapStatus reset(const Client& client);
  bool continues(const Client& client, std::uint8_t command, ByteView parameters) const;
  void begin_iteration(const Client& client, Kind kind, const Slots& slots);
  void drop_iteration();
  // The slot of the next step of an iteration of this kind on this channel; kNotAllowed: there is none.
  CtapResult<std::size_t> next_slot(const Client& client, Kind kind);
  // kPuatRequired, kMissingParameter, kInvalidParameter, kPinAuthInvalid.
  CtapStatus authorise(const PinAuth& auth, Permission permission, std::initializer_list<ByteView> parts);
  CtapStatus require_pin(const Client& client, const PinAuth& auth);

  // get_info.cpp
  CtapStatus get_info(Writer& answer);

  // make_credential.cpp
  CtapStatus make_credential(const Client& client, ByteView parameters, Writer& answer);
  CtapStatus check_making(const MakeCredential& asked, const Settings& settings, const Hash& rp_hash,
                          bool& uv);
  CtapStatus exclude(const Client& client, const MakeCredential& asked, const Hash& rp_hash, bool uv);
  CtapStatus create(const MakeCredential& asked, const Hash& rp_hash, CredentialSource& source,
                    CredentialId& id, std::uint32_t& count, PublicKey& key);
  CtapStatus write_made(const MakeCredential& asked, const CredentialSource& source, const CredentialId& id,
                        ByteView authenticator_data, bool enterprise, Writer& answer);
  Status write_extensions(const MakeCredential& asked, const CredentialSource& source, const Hash& rp_hash,
                          Writer& out);

  // get_assertion.cpp
  CtapStatus get_assertion(const Client& client, ByteView parameters, Writer& answer);
  CtapStatus check_asserting(const GetAssertion& asked, const Settings& settings, const Hash& rp_hash,
                             bool& uv);
  CtapStatus read_hmac_secret(const HmacSecretInput& input, HmacSecret& into);
  CtapStatus find_assertable(const GetAssertion& asked, const Hash& rp_hash, bool uv, Slots& slots,
                             CredentialId& id);
  CtapStatus get_next_assertion(const Client& client, Writer& answer);
  CtapStatus assert_with(const Assertion& assertion, ByteView id, std::size_t of_many, Writer& answer);
  CtapStatus write_authenticator_data(const Assertion& assertion, const CredentialSource& source, ByteView id,
                                      const StoredCredential* stored, std::uint32_t count, Writer& out);
  CtapResult<Encrypted> hmac_secret_output(const HmacSecret& input, ByteView id, bool uv);

  // client_pin.cpp
  CtapStatus client_pin(ByteView parameters, Writer& answer);
  CtapStatus get_pin_retries(Writer& answer);
  CtapStatus get_key_agreement(const ClientPinParameters& asked, Writer& answer);
  CtapStatus set_pin(const ClientPinParameters& asked);
  CtapStatus change_pin(const ClientPinParameters& asked);
  CtapStatus get_pin_token(const ClientPinParameters& asked, bool with_permissions, Writer& answer);
  CtapStatus check_permissions(const ClientPinParameters& asked) const;
  CtapStatus verify_pin(const SharedSecret& shared, ByteView pin_hash);
  CtapStatus store_pin(const SharedSecret& shared, ByteView encrypted);

  // credential_management.cpp
  CtapStatus credential_management(const Client& client, ByteView parameters, Writer& answer);
  CtapStatus manage(const Client& client, const Subcommand& asked, Writer& answer);
  CtapStatus get_creds_metadata(Writer& answer);
  CtapStatus enumerate_relying_parties(const Client& client, Writer& answer);
  CtapStatus enumerate_credentials(const Client& client, ByteView parameters, Writer& answer);
  CtapStatus write_relying_party(std::size_t slot, std::size_t total, Writer& answer);
  CtapStatus write_credential(std::size_t slot, std::size_t total, Writer& answer);
  CtapStatus delete_credential(ByteView parameters);
  CtapStatus update_user_information(ByteView parameters);

  // config.cpp
  CtapStatus config(ByteView parameters);
  CtapStatus set_min_pin_length(ByteView parameters, Settings settings);

  // large_blobs.cpp
  CtapStatus large_blobs(ByteView parameters, Writer& answer);
  CtapStatus write_large_blobs(const LargeBlobs& asked);

  // u2f.cpp
  StatusWord u2f_register(const Client& client, const Command& command, Writer& response);
  StatusWord u2f_authenticate(const Client& client, const Command& command, Writer& response);

  Board& board_;
  Store& store_;
  KeyEngine& engine_;
  Pin pin_;
  KeyAgreement agreement_;
  PinToken token_;
  Credentials credentials_;
  Attestation attestation_;
  LargeBlobStore blobs_;
  Iteration iteration_;
  std::uint64_t powered_ = 0;  // milliseconds, at power-up
};

// Flags of authenticator data (WebAuthn 6.1).
inline constexpr std::uint8_t kUserPresent = 0x01;
inline constexpr std::uint8_t kUserVerified = 0x04;
inline constexpr std::uint8_t kAttestedCredential = 0x40;
inline constexpr std::uint8_t kExtensionData = 0x80;

// Its first 37 bytes.
void write_data_head(const Hash& rp_hash, std::uint8_t flags, std::uint32_t count, Writer& out);
// A COSE_Key of kty EC2 on P-256 with `algorithm` (RFC 9053).
void write_cose_key(ByteView point, int algorithm, Writer& out);
// { "id", "type": "public-key" }
void write_descriptor(ByteView id, Writer& out);
// { "id", "name", "displayName" }: names only where they are and `with_names`.
void write_user(const StoredCredential& stored, bool with_names, Writer& out);

}  // namespace sceau::firmware::fido
