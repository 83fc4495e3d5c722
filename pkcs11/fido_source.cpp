#include "fido_source.h"

#include <algorithm>
#include <string_view>
#include <utility>

namespace sceau::pkcs11 {
namespace {

// In the historical bytes of our firmware (firmware/token.cpp): compact TLV 5, the issuer's data.
constexpr std::string_view kOwnIssuer("\x55Sceau", 6);

bool is_own(const Bytes& atr) {
  return std::search(atr.begin(), atr.end(), kOwnIssuer.begin(), kOwnIssuer.end()) != atr.end();
}

bool is_key(ReaderSource& readers, const std::string& reader) {
  auto channel = readers.connect(reader);
  if (!channel || !(*channel)->begin()) return false;
  const bool speaks = token::has_fido_application(**channel);
  (*channel)->end();
  return speaks;
}

}  // namespace

std::vector<FidoSlot> SystemFidoKeys::list(ReaderSource& readers,
                                           const std::vector<token::ReaderStatus>& seen, bool ask_cards) {
  std::vector<FidoSlot> found;
  for (token::FidoPlace& place : places_.now())
    found.push_back({std::move(place.name), {}, std::move(place.path)});
  std::map<std::string, Seen> still_there;
  for (const token::ReaderStatus& reader : seen) {
    if (!reader.card_present || reader.atr.empty()) continue;
    bool here = is_own(reader.atr);
    if (!here) {
      const auto known = cards_.find(reader.name);
      const bool same = known != cards_.end() && known->second.atr == reader.atr;
      if (!same && !ask_cards) continue;
      here = same ? known->second.is_key : is_key(readers, reader.name);
      still_there[reader.name] = {reader.atr, here};
    }
    if (here) found.push_back({reader.name + " (FIDO2)", reader.name, {}});
  }
  cards_ = std::move(still_there);
  return found;
}

}  // namespace sceau::pkcs11
