#include "sceau/base/error_kind.h"

#include <array>
#include <utility>

namespace sceau {
namespace {

constexpr std::array<std::pair<ErrorKind, std::string_view>, 7> kErrorKinds{
    {{ErrorKind::invalid, "invalid"},
     {ErrorKind::refused, "refused"},
     {ErrorKind::not_found, "not_found"},
     {ErrorKind::authentication, "authentication"},
     {ErrorKind::unavailable, "unavailable"},
     {ErrorKind::corrupt, "corrupt"},
     {ErrorKind::internal, "internal"}}};

}  // namespace

std::string_view error_kind_text(ErrorKind kind) {
  for (const auto& [known, name] : kErrorKinds) {
    if (known == kind) return name;
  }
  return "internal";
}

std::optional<ErrorKind> error_kind_from_text(std::string_view name) {
  for (const auto& [kind, known] : kErrorKinds) {
    if (known == name) return kind;
  }
  return std::nullopt;
}

}  // namespace sceau
