// What the commands of CTAP 2.1 are given (section 6), read from CBOR that check_cbor() took. Views point
// into the message. Unknown members are left aside, as the specification wants; known ones of another type
// are kCborUnexpectedType, required ones that are absent kMissingParameter.
#pragma once

#include "fido/cbor.h"
#include "fido/objects.h"

namespace sceau::firmware::fido {

// A pinUvAuthParam with its protocol (6.5). `size` of the parameter may be zero: that asks for a touch alone.
struct PinAuth {
  bool present = false;
  ByteView param;
  bool protocol_present = false;
  std::uint32_t protocol = 0;
};

// An ECDH public key: COSE_Key of kty EC2, alg -25, crv P-256 (6.5.6).
struct CosePoint {
  bool present = false;
  std::array<std::uint8_t, 65> point{};
};
CtapStatus read_cose_point(CborReader& reader, CosePoint& into);

struct User {
  ByteView id;
  bool has_id = false;
  std::string_view name;          // empty: absent
  std::string_view display_name;  // likewise
};
CtapStatus read_user(CborReader& reader, User& user);

// An array of PublicKeyCredentialDescriptor. Its elements are checked when it is read.
class CredentialList {
 public:
  bool present() const { return present_; }
  std::size_t size() const { return size_; }
  CtapStatus read(CborReader& reader);

  // Calls `each(id)` for every credential of type "public-key", until it answers true. Whether it did.
  template <typename Each>
  bool any(Each each) const {
    CborReader reader(items_);
    for (std::size_t i = 0; i < size_; ++i) {
      const ByteView id = next_id(reader);
      if (!id.empty() && each(id)) return true;
    }
    return false;
  }

 private:
  static ByteView next_id(CborReader& reader);

  bool present_ = false;
  std::size_t size_ = 0;
  ByteView items_;
};
// One descriptor: its id; of another type than "public-key" it is empty.
CtapResult<ByteView> read_descriptor(CborReader& reader);

struct HmacSecretInput {
  bool present = false;
  CosePoint key;
  ByteView salts;
  ByteView authentication;
  std::uint32_t protocol = 1;
};

struct MakeCredentialExtensions {
  std::uint32_t cred_protect = 0;  // 0: not asked for
  bool hmac_secret = false;
  bool has_cred_blob = false;
  ByteView cred_blob;
  bool large_blob_key = false;
  bool min_pin_length = false;
};

struct GetAssertionExtensions {
  HmacSecretInput hmac_secret;
  bool cred_blob = false;
  bool large_blob_key = false;
};

struct Options {
  bool rk = false;
  bool has_rk = false;
  bool up = true;
  bool has_up = false;
  bool uv = false;
};

struct MakeCredential {
  ByteView client_data_hash;
  std::string_view rp_id;
  bool has_rp = false;
  User user;
  bool has_algorithms = false;
  bool es256 = false;
  CredentialList exclude;
  MakeCredentialExtensions extensions;
  Options options;
  PinAuth auth;
  std::uint32_t enterprise = 0;
  bool has_enterprise = false;
};
// kMissingParameter, kCborUnexpectedType, kInvalidLength (the hash), kInvalidOption (an extension's value).
CtapStatus read_make_credential(ByteView message, MakeCredential& into);

struct GetAssertion {
  std::string_view rp_id;
  bool has_rp = false;
  ByteView client_data_hash;
  CredentialList allow;
  GetAssertionExtensions extensions;
  Options options;
  PinAuth auth;
};
CtapStatus read_get_assertion(ByteView message, GetAssertion& into);

struct ClientPinParameters {
  std::uint32_t protocol = 0;
  bool has_protocol = false;
  std::uint32_t subcommand = 0;
  bool has_subcommand = false;
  CosePoint key;
  bool has_param = false;
  ByteView param;
  bool has_new_pin = false;
  ByteView new_pin;
  bool has_pin_hash = false;
  ByteView pin_hash;
  std::uint32_t permissions = 0;
  bool has_permissions = false;
  bool has_rp_id = false;
  std::string_view rp_id;
};
CtapStatus read_client_pin(ByteView message, ClientPinParameters& into);

// authenticatorCredentialManagement and authenticatorConfig share their frame (6.8, 6.11).
struct Subcommand {
  std::uint32_t number = 0;
  bool present = false;
  ByteView parameters;  // the encoded map, which is what is authenticated; empty: absent
  PinAuth auth;
};
CtapStatus read_subcommand(ByteView message, Subcommand& into);

struct LargeBlobs {
  bool has_get = false;
  std::uint32_t get = 0;
  bool has_set = false;
  ByteView set;
  bool has_offset = false;
  std::uint32_t offset = 0;
  bool has_length = false;
  std::uint32_t length = 0;
  PinAuth auth;
};
CtapStatus read_large_blobs(ByteView message, LargeBlobs& into);

}  // namespace sceau::firmware::fido
