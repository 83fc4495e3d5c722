#include "hostile_card.h"

namespace sceau::fuzz {
namespace {

constexpr std::uint8_t kVerify = 0x20;
constexpr std::uint8_t kChange = 0x24;
constexpr std::uint8_t kUnblock = 0x2C;

constexpr std::uint16_t kWords[] = {0x9000, 0x6100, 0x6110, 0x6C00, 0x6C10, 0x63C0, 0x63C3, 0x6300,
                                    0x6982, 0x6983, 0x6985, 0x6A80, 0x6A82, 0x6A86, 0x6A88, 0x6D00};

constexpr std::uint32_t kTags[] = {0x53, 0x70, 0x71, 0x7C, 0x80, 0x81, 0x82, 0x85, 0x86, 0x7F49,
                                   0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x61, 0x4F, 0x50, 0xFE};

bool carries_secret(ByteView command) {
  const bool secret = command[1] == kVerify || command[1] == kChange || command[1] == kUnblock;
  return secret && command.size() > 5;
}

// Whether an answer says that nothing was compared: no such command, class, mode or reference.
bool compared_nothing(ByteView answer) {
  if (answer.size() < 2) return false;
  const int word = answer[answer.size() - 2] << 8U | answer.back();
  for (const int one : {0x6A81, 0x6A86, 0x6A88, 0x6B00, 0x6D00, 0x6E00})
    if (word == one) return true;
  return false;
}

void append_element(Bytes& out, Feed& feed) {
  const std::uint32_t tag = feed.one_of(kTags);
  if (tag > 0xFF) out.push_back(static_cast<std::uint8_t>(tag >> 8U));
  out.push_back(static_cast<std::uint8_t>(tag & 0xFFU));
  const std::uint8_t form = feed.byte();
  const ByteView value = feed.bytes(form % 4 == 0 ? 2000 : 120);
  if (form < 0xE0) {  // an honest length; else the bytes that stand for one are lies
    if (value.size() > 0xFF) {
      append(out, Bytes{0x82});
      append_u16(out, static_cast<std::uint16_t>(value.size()));
    } else {
      if (value.size() > 0x7F) out.push_back(0x81);
      out.push_back(static_cast<std::uint8_t>(value.size()));
    }
  } else {
    append(out, feed.bytes(4));
  }
  append(out, value);
}

}  // namespace

Result<Bytes> HostileCard::transmit(ByteView command) {
  auto answer = respond(command);
  if (carries_secret(command) && !(answer && compared_nothing(*answer))) ++seen_.pins;
  return answer;
}

Result<Bytes> HostileCard::respond(ByteView command) {
  Bytes honest = card_.exchange(command);
  const std::uint8_t how = feed_.byte() % 16;
  if (how < 6) return honest;
  if (how == 6) return Error{ErrorKind::unavailable, "lost the card in reader \"Hostile\""};
  return how < 12 ? spoil(std::move(honest)) : invent();
}

Result<token::CardState> HostileCard::begin() {
  const std::uint8_t how = feed_.byte();
  if (how == 0xFF) return Error{ErrorKind::unavailable, "lost the card in reader \"Hostile\""};
  return how > 0xE0 ? token::CardState::reset : token::CardState::kept;
}

// An honest answer with something wrong about it.
Bytes HostileCard::spoil(Bytes honest) {
  const std::size_t at = feed_.word() % honest.size();
  switch (feed_.below(6)) {
    case 0:  // a byte changed
      honest[at] ^= feed_.byte();
      break;
    case 1:  // cut
      honest.resize(at);
      break;
    case 2: {  // cut, the status word still there
      const Bytes word(honest.end() - 2, honest.end());
      honest.resize(at);
      append(honest, word);
      break;
    }
    case 3: {  // bytes put in
      const Bytes more = to_bytes(feed_.bytes());
      honest.insert(honest.begin() + static_cast<std::ptrdiff_t>(at), more.begin(), more.end());
      break;
    }
    case 4:  // another status word
      honest.resize(honest.size() - 2);
      append_u16(honest, feed_.one_of(kWords));
      break;
    default: {  // the rest of a byte's worth taken out
      const std::size_t count = std::min<std::size_t>(feed_.byte(), honest.size() - at);
      honest.erase(honest.begin() + static_cast<std::ptrdiff_t>(at),
                   honest.begin() + static_cast<std::ptrdiff_t>(at + count));
    }
  }
  return honest;
}

Bytes HostileCard::invent() {
  Bytes answer;
  const std::size_t kind = feed_.below(4);
  if (kind == 0) return to_bytes(feed_.bytes(3000));
  if (kind == 1) append(answer, feed_.bytes());
  if (kind == 2)
    for (std::size_t elements = 1 + feed_.below(4); elements > 0; --elements) append_element(answer, feed_);
  if (kind == 3) {  // an element in an element
    Bytes inside;
    append_element(inside, feed_);
    append_element(inside, feed_);
    const std::uint8_t tags[] = {0x7C, 0x53, 0x61, 0x04};
    answer = {feed_.one_of(tags), 0x82};
    append_u16(answer, static_cast<std::uint16_t>(inside.size()));
    append(answer, inside);
  }
  append_u16(answer, feed_.one_of(kWords));
  return answer;
}

}  // namespace sceau::fuzz
