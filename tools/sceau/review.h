// The yearly review: every right that somebody holds, until when, and when it was last of use.
#pragma once

#include "act.h"

namespace sceau::tool {

struct ReviewOptions {
  std::string token, next, person;          // of that person only, when named
  std::vector<std::string> drop;            // "PERSON:NAME": said to be taken back
  std::vector<std::string> administrators;  // who sign; none: nothing is signed
};
Status review(Workplace& place, const ReviewOptions& options);

}  // namespace sceau::tool
