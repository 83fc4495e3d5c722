// The PIV card application (NIST SP 800-73-5 part 2) with Yubico's extensions.
//
// Invariants: nothing that needs a PIN, a touch or the management key happens before it was given; a command
// that fails leaves the stored state as it was, tries counted down excepted; a challenge is used once.
// Here live the security status and the dispatch by instruction; what each command means is in the classes
// it is made of.
#pragma once

#include "apdu/apdu.h"
#include "board/board.h"
#include "crypto/key_engine.h"
#include "piv/attestation.h"
#include "piv/data.h"
#include "piv/keys.h"
#include "piv/management.h"
#include "piv/pin.h"

namespace sceau::firmware::piv {

class Piv final : public Application {
 public:
  // Borrows all four. `shown` may be made later than this.
  Piv(Board& board, Store& store, KeyEngine& engine, ShownKeys& shown);

  // Makes the state of a fresh card, and the attestation key, where there is none. What store and crypto fail
  // with; kNotFound as Attestation::ensure().
  Status start();

  ByteView aid() const override { return kAid; }
  std::size_t shortest_aid() const override { return 5; }
  StatusWord select(bool again, Writer& response) override;
  void deselect() override;
  StatusWord process(const Command& command, Writer& response) override;

  // What tests watch.
  const PinVault& pins() const { return pins_; }

 private:
  static constexpr std::uint32_t kTouchWait = 15000;   // milliseconds
  static constexpr std::uint64_t kTouchCache = 15000;  // milliseconds

  // piv.cpp
  StatusWord process_nist(const Command& command, Writer& response);
  StatusWord process_extension(const Command& command, Writer& response);
  Status make_fresh(std::uint8_t pin_limit, std::uint8_t puk_limit);
  bool pin_verified() const { return pin_verified_; }
  StatusWord get_data(const Command& command, Writer& response);
  StatusWord put_data(const Command& command);
  StatusWord get_challenge(const Command& command, Writer& response);

  // key_commands.cpp: GENERATE ASYMMETRIC KEY PAIR, IMPORT ASYMMETRIC KEY, MOVE KEY
  StatusWord may_change_key(std::uint8_t slot) const;
  StatusWord generate(const Command& command, Writer& response);
  StatusWord import(const Command& command);
  StatusWord move_key(const Command& command);

  // reference_data.cpp: VERIFY, CHANGE REFERENCE DATA, RESET RETRY COUNTER, SET RETRIES, RESET
  StatusWord verify(const Command& command);
  StatusWord pin_status();
  StatusWord change_reference_data(const Command& command);
  StatusWord reset_retry_counter(const Command& command);
  StatusWord set_retries(const Command& command);
  StatusWord reset(const Command& command);
  StatusWord check_reference(Reference which, ByteView value);
  void forget_pin();

  // authenticate.cpp: GENERAL AUTHENTICATE
  struct Template;
  StatusWord general_authenticate(const Command& command, Writer& response);
  StatusWord authenticate_management(const Command& command, const Template& asked, Writer& response);
  StatusWord unnamed_challenge(Writer& response);
  StatusWord answer_management(const Command& command, const Template& asked, const ManagementKey& key,
                               Writer& response);
  StatusWord use_key(const Command& command, const Template& asked, Writer& response);
  StatusWord permit(std::uint8_t slot, const Key& key, std::string_view what);
  StatusWord touched(TouchPolicy policy, std::string_view what, std::uint8_t slot);

  // extensions.cpp: metadata, attestation, management key, version, serial
  StatusWord get_metadata(const Command& command, Writer& response);
  StatusWord reference_metadata(Reference which, Writer& response);
  StatusWord management_metadata(Writer& response);
  StatusWord attest(const Command& command, Writer& response);
  StatusWord set_management_key(const Command& command);
  StatusWord get_version(const Command& command, Writer& response);
  StatusWord get_serial(const Command& command, Writer& response);

  Board& board_;
  Store& store_;
  KeyEngine& engine_;
  PinVault pins_;
  Keys keys_;
  Management management_;
  DataObjects data_;
  Attestation attestation_;

  bool pin_verified_ = false;
  bool pin_fresh_ = false;  // verified, and no key of policy "always" used since
  bool touch_cached_ = false;
  std::uint64_t touched_at_ = 0;
};

// The elements of a public key (SP 800-73-5 part 2, table 11): 86 point, or 81 modulus and 82 exponent.
void write_public_key(const PublicKey& key, Writer& response);

// Appends `size` random bytes. kTooLong, kHardware.
Status write_random(Board& board, std::size_t size, Writer& response);

}  // namespace sceau::firmware::piv
