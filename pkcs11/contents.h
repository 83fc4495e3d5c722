// What is known of a card: which slots hold a key, under which policies, with which certificate.
//
// Asked for piece by piece, since every piece is a command to the card; what was learnt once is not asked for
// again, until the card's mark or its age says otherwise (see Token). Only public things are in here. Not for
// several threads at once: the token's lock is held.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "sceau/base/clock.h"
#include "sceau/token/clear_card.h"
#include "sceau/token/piv.h"

namespace sceau::pkcs11 {

// The card does not answer any more; all other errors are answers.
inline bool is_gone(const Error& error) { return error.kind == ErrorKind::unavailable; }

enum class Knowledge : std::uint8_t { unknown, absent, present };

struct KeySlot {
  Knowledge key = Knowledge::unknown;
  token::KeyMetadata facts;     // where a key is present
  bool policies_known = false;  // false where the facts come from a certificate alone
  Knowledge certificate = Knowledge::unknown;
  Bytes certificate_der;
  Bytes attestation_der;  // empty: nobody has asked for it
};

struct DataObject {
  Knowledge known = Knowledge::unknown;
  bool wants_pin = false;  // to be read
  Bytes value;             // where it could be read without
};

// The data objects of SP 800-73-5 part 1, table 1 that are no certificates.
struct DataName {
  std::uint32_t tag = 0;
  const char* label = "";
  const char* identifier = "";  // OBJECT IDENTIFIER, in dots
};
inline constexpr std::uint32_t kTagChuid = 0x5FC102;
std::span<const DataName> data_names();

// What a search needs to know.
struct Interest {
  std::set<token::Slot> slots;  // empty: all there are
  bool keys = false;
  bool certificates = false;
  bool data = false;
  bool clear_sign = false;  // the keys of that application
};

class Contents {
 public:
  // Reads what is missing for that. Fails only when the card does not answer any more (unavailable) or breaks
  // its format (corrupt); a slot that it refuses to tell about counts as empty.
  sceau::Status learn(token::PivCard& card, const Interest& interest);

  // After a change to that slot: it must be read again.
  void forget(token::Slot slot);
  void forget_data(std::uint32_t tag) { data_.erase(tag); }
  // The revision goes on: it never comes back to one that was seen before.
  void forget_all();
  // What the card attested of the key in that slot.
  void keep_attestation(token::Slot slot, ByteView certificate);
  // What the cache had, in the place of all that was known.
  void replace(Contents&& cached);
  // What was read already, to identify the card.
  void set_chuid(ByteView value);
  // What the card's directory says of slots that are not known otherwise, and its mark.
  void take(const token::Directory& directory);
  void set_learnt_at(Time time) { learnt_at_ = time; }

  [[nodiscard]] const std::map<token::Slot, KeySlot>& slots() const { return slots_; }
  [[nodiscard]] const std::map<std::uint32_t, DataObject>& data() const { return data_; }
  // Nothing in a slot: there is a key, which was not read yet.
  using ClearSignKeys = std::map<token::ClearSlot, std::optional<token::ShownKey>>;
  [[nodiscard]] const ClearSignKeys& clear_sign() const { return clear_sign_; }
  // Whether the card broke its format somewhere: what was learnt then is not for the next process.
  [[nodiscard]] bool doubtful() const { return doubtful_; }
  // Of the directory that was taken last; empty: the card has none.
  [[nodiscard]] const Bytes& mark() const { return mark_; }
  [[nodiscard]] Time learnt_at() const { return learnt_at_; }
  // Grows whenever something was learnt.
  [[nodiscard]] std::size_t revision() const { return revision_; }

  // For the cache: one line of text a fact, and back. invalid: text that no serialise() made.
  [[nodiscard]] std::string serialise() const;
  static sceau::Result<Contents> parse(std::string_view text);

 private:
  sceau::Status learn_slot(token::PivCard& card, token::Slot slot, const Interest& interest);
  sceau::Status learn_key(token::PivCard& card, token::Slot slot);
  sceau::Status learn_certificate(token::PivCard& card, token::Slot slot);
  sceau::Status learn_retired(token::PivCard& card, const Interest& interest);
  sceau::Status learn_listed(token::PivCard& card, const Interest& interest);
  bool parse_state(std::string_view line);
  bool parse_clear_sign(const std::vector<std::string_view>& words);
  sceau::Status learn_data(token::PivCard& card);
  sceau::Status learn_clear_sign(token::PivCard& card);

  std::map<token::Slot, KeySlot> slots_;
  std::map<std::uint32_t, DataObject> data_;
  ClearSignKeys clear_sign_;
  Bytes mark_;
  Time learnt_at_ = 0;
  bool has_metadata_ = true;  // until the card says that it does not know the command
  bool retired_walked_ = false;
  bool doubtful_ = false;
  std::size_t revision_ = 0;
};

}  // namespace sceau::pkcs11
