// A credential made in a browser becomes an enrolment file, as `sceau token init --fido2` writes one.
//
// Anybody may ask: nothing is kept here, and the file gives nobody anything. What it describes is enrolled by
// a statement that the new key itself and two administrators sign (`sceau token enrol FILE`), and all of the
// attestation is checked again then. It is checked here so that a key which could not be enrolled is told so
// while its holder still sits before the page.
#pragma once

#include <string>

#include "sceau/base/clock.h"
#include "sceau/gate/gate.h"

namespace sceau::web {

inline constexpr std::size_t kEnrolmentLimit = 65536;

class Enrolments {
 public:
  // Both are borrowed.
  Enrolments(gate::Gate& gate, const Clock& clock) : gate_(gate), clock_(clock) {}

  // What a page must know to have a credential made: {challenge, realm, rp_id}, the challenge in base64.
  // invalid: that is no person's id.
  Result<std::string> begin(std::string_view person) const;
  // {attestation_object, client_data, person}, bytes in base64: {enrolment, serial}. Fails as
  // evidence::read_attestation_object and check_fido_attestation do.
  Result<std::string> finish(const std::string& made) const;

 private:
  gate::Gate& gate_;
  const Clock& clock_;
};

}  // namespace sceau::web
