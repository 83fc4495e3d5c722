#include "fido/card.h"

namespace sceau::firmware::fido {

namespace {

constexpr std::uint8_t kOwnClass = 0x80;
constexpr std::uint8_t kChainFlag = 0x10;
constexpr std::uint8_t kCtapMessage = 0x10;
constexpr std::uint8_t kCtapControl = 0x12;  // P1 01: the platform has ended

}  // namespace

StatusWord FidoCard::select(bool, Writer& response) {
  authenticator_.drop_channel(kChannel);
  response.bytes(as_bytes(authenticator_.offers_u2f() ? "U2F_V2" : "FIDO_2_0"));
  return sw::kOk;
}

StatusWord FidoCard::process(const Command& command, Writer& response) {
  const Client client{kChannel, nullptr};
  Command whole = command;
  whole.cla = static_cast<std::uint8_t>(command.cla & ~kChainFlag);
  if (whole.cla != kOwnClass) return authenticator_.process_u2f(client, whole, response);
  if (command.ins == kCtapControl) {
    if (command.p1 != 0x01 || command.p2 != 0) return sw::kWrongP1P2;
    authenticator_.drop_channel(kChannel);
    return sw::kOk;
  }
  if (command.ins != kCtapMessage) return sw::kInstruction;
  // P1 80 says that the platform could fetch the answer later; it gets it at once.
  if ((command.p1 & 0x7F) != 0 || command.p2 != 0) return sw::kWrongP1P2;
  if (command.data.size() > kMaxMessage) return sw::kWrongLength;
  authenticator_.process(client, command.data, response);
  return sw::kOk;
}

}  // namespace sceau::firmware::fido
