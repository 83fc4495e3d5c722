// A FIDO2 key, through libfido2: on USB, in a reader (by APDUs over a Channel), or on a simulator's socket.
//
// Nothing is kept open between two calls: each opens the key, does one thing, and lets it go. A reader's card
// is held against other programs meanwhile, a touch included. PINs are borrowed, go to the key once, and are
// never kept. Source of the rules: CTAP 2.1.
//
// Every method can fail with unavailable (the key is gone, or busy), authentication (PIN wrong, with the
// tries left; blocked; none set), refused (not touched in time, or the key does not do that), not_found (no
// such credential) and corrupt (an answer that breaks its format). Not for use by two threads at once.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sceau/base/digest.h"
#include "sceau/base/secret.h"
#include "sceau/token/apdu.h"

namespace sceau::token {

class FidoDevice;
class Readers;

struct FidoInformation {
  bool pin_set = false;
  bool verifies_by_itself = false;     // a fingerprint, a PIN pad: no PIN is typed on the keyboard
  bool lists_without_pin = true;       // alwaysUv is off
  std::optional<int> tries_left;       // of the PIN, where one is set
  std::optional<int> room;             // discoverable credentials that still fit, where the key says so
  std::vector<std::string> protocols;  // "FIDO_2_1"
};

// A discoverable credential.
struct FidoCredential {
  Bytes id;
  Bytes user;        // the user handle that it was made with
  Bytes point = {};  // 04 || x || y of its P-256 key, where the key tells it
};

struct NewFidoCredential {
  std::string relying_party;  // its id
  Bytes user;                 // handle, 1 to 64 bytes
  std::string name;           // as the key may show it
  Digest client_data{};       // SHA-256 of the client data
};

struct MadeFidoCredential {
  std::string format;  // of the attestation: "packed", "none", …
  Bytes id;
  Bytes authenticator_data;
  Bytes signature;  // of the attestation; empty where it has none
  // Of the attestation, DER, its own first; empty where the key attested itself or not at all.
  std::vector<Bytes> certificates;
};

struct FidoOrder {
  std::string relying_party;
  Bytes credential;
  Digest client_data{};
  bool presence = true;
};

struct FidoAnswer {
  Bytes authenticator_data;
  Bytes signature;  // DER
};

// What was wrong with the PIN when a method failed with authentication.
enum class FidoPinFault : std::uint8_t {
  none,
  wrong,
  pause,    // too many wrong ones in a row: not before the key was taken out
  blocked,  // for good
  not_set,
  unknown,  // the key did not know its user again, or takes no PIN just now
};

class FidoKey {
 public:
  // In a reader.
  explicit FidoKey(std::unique_ptr<Channel> channel);
  // A device (/dev/hidraw0), or a Unix socket that carries reports of 64 bytes.
  FidoKey(std::string path, std::string name);

  // The reader's name, or the product's and the path.
  [[nodiscard]] const std::string& name() const { return name_; }

  Result<FidoInformation> information();
  // Those made for this relying party, asked without a PIN. authentication: this key always wants one.
  Result<std::vector<FidoCredential>> credentials(const std::string& relying_party);
  // The same for who knows the PIN, which is tried once: also those that hide without it, and with their
  // public keys where the key has credential management. `pin` null: the key verifies its user by itself.
  Result<std::vector<FidoCredential>> credentials(const std::string& relying_party, const Secret* pin);
  // Whether it holds this credential, which need not be discoverable: asked without touch and PIN.
  Result<bool> holds(const std::string& relying_party, const Bytes& credential);
  // The key's first PIN: 4 bytes of UTF-8 at least. refused: it has one.
  Status set_pin(const Secret& pin);
  Status change_pin(const Secret& earlier, const Secret& pin);
  // ES256, discoverable. `pin` null: the key verifies its user by itself.
  Result<MadeFidoCredential> make(const NewFidoCredential& what, const Secret* pin);
  Result<FidoAnswer> sign(const FidoOrder& order, const Secret* pin);
  // Of the method that failed last.
  [[nodiscard]] FidoPinFault pin_fault() const { return fault_; }

 private:
  Error failed(const FidoDevice& device, const std::string& doing, int code);
  FidoPinFault fault_ = FidoPinFault::none;
  std::unique_ptr<Channel> channel_;  // or a path
  std::string path_;
  std::string name_;
};

// Whether the card behind a channel has the FIDO application; selects it.
bool has_fido_application(Channel& channel);

// Every FIDO2 key in those places, and in the readers where those are given. What cannot be spoken to is left
// out.
std::vector<std::shared_ptr<FidoKey>> fido_keys(const Readers* readers);

}  // namespace sceau::token
