#include "sceau/token/apdu.h"

#include <array>
#include <cstdio>
#include <utility>

#include "sceau/base/secret.h"

namespace sceau::token {
namespace {

constexpr std::size_t kShortData = 255;
constexpr std::size_t kExtendedData = 65535;
constexpr std::uint8_t kChained = 0x10;
constexpr std::uint8_t kGetResponse = 0xC0;

// ISO/IEC 7816-4, 5.2. Wiped after use: the data may be a PIN.
Secret encode(const Command& command, std::uint8_t cla, ByteView data, bool expects_data, bool extended) {
  Bytes wire;
  wire.reserve(4 + 3 + data.size() + 3);
  append(wire, std::array<std::uint8_t, 4>{cla, command.ins, command.p1, command.p2});
  if (extended) {
    wire.push_back(0);
    if (!data.empty()) {
      append_u16(wire, static_cast<std::uint16_t>(data.size()));
      append(wire, data);
    }
    if (expects_data) append_u16(wire, command.wanted);
    return Secret(std::move(wire));
  }
  if (!data.empty()) {
    wire.push_back(static_cast<std::uint8_t>(data.size()));
    append(wire, data);
  }
  if (expects_data) wire.push_back(command.wanted);
  return Secret(std::move(wire));
}

Result<Response> send_one(Channel& channel, const Secret& wire) {
  auto answer = channel.transmit(wire.view());
  if (!answer) return answer.error();
  // What some drivers make of a card that is pulled while it works: success, and not even a status word.
  if (answer->empty())
    return Error{ErrorKind::unavailable,
                 "the card in reader \"" + channel.name() + "\" went away: put it back, and try again"};
  if (answer->size() < 2 || answer->size() > kMaxResponse + 2)
    return Error{ErrorKind::corrupt, "the card in reader \"" + channel.name() +
                                         "\" sent an answer of a wrong length: use another card or reader"};
  Response response{std::move(*answer), 0};
  const std::size_t size = response.data.size();
  response.status = read_u16(std::span<const std::uint8_t, 2>(response.data.data() + size - 2, 2));
  response.data.resize(size - 2);
  return response;
}

// Sends all but the last part of data too long for one short command, and returns the last part.
Result<Response> send_chained(Channel& channel, const Command& command) {
  ByteView rest = command.data;
  while (rest.size() > kShortData) {
    auto response =
        send_one(channel, encode(command, command.cla | kChained, rest.first(kShortData), false, false));
    if (!response || !response->success()) return response;
    rest = rest.subspan(kShortData);
  }
  return send_one(channel, encode(command, command.cla, rest, command.expects_data, false));
}

}  // namespace

Result<Response> exchange(Channel& channel, const Command& command) {
  if (command.data.size() > kExtendedData)
    return Error{ErrorKind::invalid, "cannot send " + std::to_string(command.data.size()) +
                                         " bytes to a card: a command takes at most 65535"};
  // The short form says the same in fewer bytes when nothing long goes out and nothing comes back.
  const bool extended =
      channel.extended_length() && (command.expects_data || command.data.size() > kShortData);
  auto first = extended
                   ? send_one(channel, encode(command, command.cla, command.data, command.expects_data, true))
                   : send_chained(channel, command);
  if (!first) return first;
  Response whole = std::move(*first);
  for (int part = 1; (whole.status >> 8U) == 0x61; ++part) {
    if (part >= kMaxParts || whole.data.size() > kMaxResponse)
      return Error{ErrorKind::corrupt,
                   "the card in reader \"" + channel.name() + "\" does not end its answer: use another card"};
    const Command more{static_cast<std::uint8_t>(command.cla & 0x03U), kGetResponse, 0, 0, {}, true};
    auto next = send_one(channel, encode(more, more.cla, {}, true, false));
    if (!next) return next;
    append(whole.data, next->data);
    wipe(next->data);
    whole.status = next->status;
  }
  return whole;
}

bool announces_extended_length(ByteView atr) {
  if (atr.size() < 2) return false;
  const std::size_t historical = atr[1] & 0x0FU;
  // Interface bytes: each TDi's high half says which follow (ISO/IEC 7816-3, 8.2).
  std::size_t at = 1;
  for (unsigned groups = atr[1] >> 4U; groups != 0;) {
    std::size_t here = 0;
    for (unsigned bit = 0; bit < 4; ++bit) here += (groups >> bit) & 1U;
    at += here;
    if (at >= atr.size()) return false;
    groups = (groups & 8U) != 0 ? atr[at] >> 4U : 0;
  }
  ++at;
  if (historical == 0 || at + historical > atr.size()) return false;
  ByteView bytes = atr.subspan(at, historical);
  if (bytes[0] != 0x80 && bytes[0] != 0x00) return false;
  if (bytes[0] == 0x00 && bytes.size() > 3) bytes = bytes.first(bytes.size() - 3);  // status indicator
  for (std::size_t i = 1; i < bytes.size();) {
    const std::size_t length = bytes[i] & 0x0FU;
    if (i + 1 + length > bytes.size()) return false;
    if ((bytes[i] >> 4U) == 7 && length == 3) return (bytes[i + 3] & 0x40U) != 0;
    i += 1 + length;
  }
  return false;
}

std::string status_text(std::uint16_t status) {
  std::array<char, 5> hex{};
  std::snprintf(hex.data(), hex.size(), "%04X", static_cast<unsigned>(status));
  std::string code(hex.data());
  if ((status & 0xFFF0U) == 0x63C0) return code + " (" + std::to_string(status & 0x0FU) + " tries left)";
  switch (status) {
    case 0x6581:
      return code + " (the card's memory failed)";
    case 0x6700:
      return code + " (wrong length)";
    case 0x6882:
      return code + " (secure messaging not supported)";
    case 0x6982:
      return code + " (PIN or management key needed)";
    case 0x6983:
      return code + " (blocked)";
    case 0x6985:
      return code + " (conditions of use not satisfied)";
    case 0x6A80:
      return code + " (wrong data)";
    case 0x6A81:
      return code + " (not supported)";
    case 0x6A82:
      return code + " (not found)";
    case 0x6A84:
      return code + " (no room left on the card)";
    case 0x6A86:
      return code + " (wrong parameters)";
    case 0x6A88:
      return code + " (reference not found)";
    case 0x6D00:
      return code + " (command not known)";
    case 0x6E00:
      return code + " (class not known)";
    default:
      return code;
  }
}

}  // namespace sceau::token
