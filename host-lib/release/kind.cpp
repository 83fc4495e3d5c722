#include "sceau/release/extraction.h"

namespace sceau::release {

Result<Kind> kind_from(std::string_view text) {
  for (const Kind kind : {Kind::aggregate, Kind::individual, Kind::work}) {
    if (to_string(kind) == text) return kind;
  }
  return Error{ErrorKind::invalid, "reading the request: kind \"" + std::string(text) +
                                       "\" is unknown: use aggregate, individual or work"};
}

std::string_view to_string(Kind kind) {
  if (kind == Kind::aggregate) return "aggregate";
  return kind == Kind::individual ? "individual" : "work";
}

std::string_view to_string(Treatment treatment) {
  switch (treatment) {
    case Treatment::as_is:
      return "as_is";
    case Treatment::pseudonym:
      return "pseudonym";
    case Treatment::group_key:
      return "group_key";
    case Treatment::aggregated:
      return "aggregated";
  }
  return "";
}

}  // namespace sceau::release
