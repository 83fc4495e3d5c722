#include "sceau/token/fido_user.h"

#include <algorithm>

namespace sceau::token {

Bytes user_handle(std::string_view person, Random& random) {
  constexpr std::size_t kRandom = 16;
  Bytes handle = to_bytes(person.substr(0, kMostUserHandle));
  if (handle.size() < kMostUserHandle) handle.push_back(0);
  const std::size_t fixed = handle.size();
  handle.resize(std::min(kMostUserHandle, fixed + kRandom));
  random.fill(std::span(handle).subspan(fixed));
  return handle;
}

std::string user_of(ByteView handle) {
  return to_text(
      handle.first(static_cast<std::size_t>(std::find(handle.begin(), handle.end(), 0) - handle.begin())));
}

}  // namespace sceau::token
