// A platform in a test's hand: it speaks CTAP2 to a whole token over a RamBoard, and knows the PIN protocols.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "../card.h"
#include "crypto/hash.h"
#include "fido/hid.h"
#include "fido/pin_protocol.h"

namespace sceau::firmware::test {

inline constexpr const char* kPin = "1234";

// CBOR items, put together in the order they are given in.
Bytes number(std::int64_t value);
Bytes text(const std::string& value);
Bytes bytes(const Bytes& value);
Bytes boolean(bool value);
Bytes array(const std::vector<Bytes>& items);
Bytes map(const std::vector<std::pair<Bytes, Bytes>>& pairs);
Bytes text_map(const std::vector<std::pair<std::string, Bytes>>& pairs);

struct Reply {
  unsigned status = 0xFF;
  Bytes body;  // CBOR

  // The item at an integer key of the body, or of a map inside it; empty: absent.
  Bytes at(std::int64_t key) const { return member(body, key); }
  static Bytes member(const Bytes& encoded, std::int64_t key);
  static Bytes named(const Bytes& encoded, const std::string& key);
  static Bytes bytes_of(const Bytes& item);
  static std::string text_of(const Bytes& item);
  static std::int64_t number_of(const Bytes& item);
};

struct Made {
  unsigned status = 0xFF;
  Bytes id;
  Bytes point;  // uncompressed
  std::uint32_t count = 0;
  std::uint8_t flags = 0;
  Bytes extensions;  // CBOR; empty: none
  Reply reply;
};

struct Asserted {
  unsigned status = 0xFF;
  Bytes id;
  std::uint8_t flags = 0;
  std::uint32_t count = 0;
  bool verified = false;  // by the key given
  Bytes extensions;
  Reply reply;
};

// What a request has beside what every request has.
struct Extra {
  Bytes extensions;            // an encoded map; empty: absent
  Bytes options;               // likewise
  Bytes list;                  // exclude or allow list, likewise
  std::string permission_pin;  // with this PIN's token; empty: without
  Bytes enterprise;
};

class Platform {
 public:
  Platform() = default;
  // With a smaller flash.
  Platform(std::size_t page_size, std::size_t pages) : card(page_size, pages) {}
  // With a flash that holds something.
  Platform(std::size_t page_size, const Bytes& content) : card(page_size, content) {}

  static constexpr std::uint8_t kAllPermissions = 0x34;  // that need no relying party

  // What goes in front of a command and its answer; another channel than 1 on request.
  Reply send(std::uint8_t command, const Bytes& parameters = {}, std::uint32_t channel = 1);

  Made make(const std::string& rp = "example.org", const Bytes& user = {1, 2, 3}, const Extra& extra = {});
  Asserted get(const Made& made, const std::string& rp = "example.org", const Extra& extra = {});
  Asserted next(const Bytes& point = {}, std::uint32_t channel = 1);
  static Bytes list(const Bytes& id);
  static Bytes resident() { return text_map({{"rk", boolean(true)}}); }

  unsigned set_pin(const std::string& pin);
  unsigned change_pin(const std::string& from, const std::string& to);
  // Takes a token and remembers it.
  unsigned get_token(const std::string& pin, std::uint8_t permissions = kAllPermissions,
                     const std::string& rp = "");
  unsigned get_old_token(const std::string& pin);
  // The pinUvAuthParam of a message under the token taken last.
  Bytes authenticate(const Bytes& message) const;
  unsigned tries();

  // A subcommand of credentialManagement or authenticatorConfig, authenticated.
  Reply manage(std::uint8_t subcommand, const Bytes& parameters = {}, std::uint32_t channel = 1);
  Reply configure(std::uint8_t subcommand, const Bytes& parameters = {});
  Reply write_blobs(const Bytes& fragment, std::size_t offset, std::size_t length);
  Bytes read_blobs(std::size_t offset, std::size_t count);

  // Shares a secret with the token; the key agreement's public half goes to `cose`.
  fido::SharedSecret share(Bytes& cose);
  Bytes encrypt(const fido::SharedSecret& shared, const Bytes& plain);
  Bytes tag(const Bytes& key, const Bytes& message) const;
  static Bytes cose_key(const Bytes& point);

  // Power goes and comes back.
  bool power() { return card.insert(); }
  fido::Authenticator& authenticator() { return card.token().fido().authenticator; }

  Card card;
  std::uint32_t protocol = 2;
  Bytes client_data_hash = Bytes(32, 0xCD);
  std::function<void(Bytes&)> spoil;  // changes a message before it is sent

 private:
  Asserted read_assertion(const Reply& reply, const Bytes& point);
  unsigned take_token(const std::vector<std::pair<Bytes, Bytes>>& more, std::uint8_t subcommand,
                      const std::string& pin);

  Bytes token_;
};

Bytes sha(const Bytes& message);
inline Bytes to_bytes(const std::string& from) { return {from.begin(), from.end()}; }

}  // namespace sceau::firmware::test
