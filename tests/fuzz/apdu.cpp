// The token behind its transport: a host that knows the grammar of APDUs, chains and TLV, logs in, and says
// anything.
//
// Whatever it says: nothing that needs the management key happens before it was shown, no key that needs a
// PIN works without one, and no command is answered with 6F00 (internal).
#include <array>

#include "core/tlv.h"
#include "fuzz.h"
#include "simulated_card.h"
#include "targets.h"

namespace sceau::fuzz {
namespace {

constexpr int kMostSteps = 60;
constexpr std::uint8_t kSlots[] = {0x9A, 0x9C, 0x9D, 0x9E, 0x82, 0x83, 0x95, 0xF9, 0x9B, 0x80, 0x81, 0x00};
constexpr std::uint8_t kAlgorithms[] = {0x11, 0x14, 0x07, 0x05, 0x03, 0x08, 0x0A, 0x0C, 0x00};
constexpr std::uint8_t kLastBytes[] = {0x02, 0x05, 0x0A, 0x0B, 0x01, 0x07, 0x0C, 0x0D, 0x20, 0x24};
constexpr std::uint8_t kTemplateTags[] = {0x80, 0x81, 0x82, 0x85, 0x86, 0x7C, 0x01};

// Commands whose answer 9000 means that something only the management key permits was done.
bool needs_management_key(std::uint8_t ins) {
  constexpr std::uint8_t kManaged[] = {0xDB, 0x47, 0xFE, 0xF6, 0xFF, 0xFA};
  return std::find(std::begin(kManaged), std::end(kManaged), ins) != std::end(kManaged);
}

struct Message {
  std::array<std::uint8_t, 4> header{};
  Bytes data;
};

void append_element(Bytes& out, std::uint8_t tag, ByteView value) {
  Bytes made(value.size() + 8);
  firmware::Writer writer(made);
  firmware::TlvWriter(writer).element(tag, value);
  append(out, ByteView(made).first(writer.size()));
}

class Host {
 public:
  explicit Host(ByteView input) : feed_(input), card_(feed_.below(8) == 0) {}

  void go() {
    for (int step = 0; step < kMostSteps && !feed_.done(); ++step) {
      switch (feed_.below(12)) {
        case 0:
          send(feed_.bytes(400));
          break;
        case 1:
          power();
          break;
        case 2:
          log_in();
          break;
        case 3:
          authenticate();
          break;
        default:
          wrap(message());
      }
    }
  }

 private:
  void power() {
    card_.reset();
    managed_ = pin_shown_ = false;
  }

  // One command as it stands; what its answer says about rights is held against what was shown.
  Bytes send(ByteView apdu) {
    const Bytes answer = card_.exchange(apdu);
    const auto word = static_cast<std::uint16_t>(answer[answer.size() - 2] << 8U | answer[answer.size() - 1]);
    require(word != 0x6F00, "an internal error");
    if (apdu.size() < 4) return answer;
    const bool last = (apdu[0] & 0x10U) == 0;  // a link of a chain does nothing yet
    const bool done = word == 0x9000 || (word & 0xFF00U) == 0x6100;
    if (!last || !done) return answer;
    require(managed_ || !needs_management_key(apdu[1]), "done without the management key");
    if (apdu[1] == 0x87 && apdu[3] == 0x9C && reveals(answer))
      require(pin_shown_ || !pristine_, "9C used without a PIN");
    note_rights(apdu, answer);
    return answer;
  }

  static bool reveals(ByteView answer) { return answer.size() > 40; }

  void note_rights(ByteView apdu, ByteView answer) {
    if (apdu[1] == 0x20 && apdu[2] == 0 && apdu.size() > 5) pin_shown_ = true;
    if (apdu[1] == 0x2C || apdu[1] == 0x24) pin_shown_ = true;  // says nothing of 9C's own check: be mild
    // The last answer of an authentication: an external one has no data, a mutual one some.
    if (apdu[1] == 0x87 && apdu[3] == 0x9B && shown_response_) managed_ = true;
    if (apdu[1] == 0x87 && apdu[3] == 0x9C && reveals(answer)) pin_shown_ = false;
    if (apdu[1] == 0x47 || apdu[1] == 0xFE || apdu[1] == 0xF6 || apdu[1] == 0xFB) pristine_ = false;
  }

  void log_in() {
    const std::string_view pin = feed_.below(4) == 0 ? "111222" : kPin;
    Bytes data = to_bytes(pin);
    data.resize(8, 0xFF);
    wrap({{0x00, 0x20, 0x00, 0x80}, data});
  }

  // As a host that has the factory's management key.
  void authenticate() {
    const Bytes challenge = send(Bytes{0x00, 0x87, 0x0A, 0x9B, 0x04, 0x7C, 0x02, 0x81, 0x00, 0x00});
    if (challenge.size() != 22) return;
    if (feed_.below(4) == 0) wrap(message());  // something in between
    const Bytes response = answer_to(ByteView(challenge).subspan(4, 16));
    Bytes apdu{0x00, 0x87, 0x0A, 0x9B, 0x14, 0x7C, 0x12, 0x82, 0x10};
    append(apdu, response);
    apdu.push_back(0);
    shown_response_ = true;
    send(apdu);
    shown_response_ = false;
  }

  Message message() {
    switch (feed_.below(14)) {
      case 0:
        return {{0x00, 0xA4, 0x04, 0x00}, select_data()};
      case 1:
        return {{0x00, 0xCB, 0x3F, 0xFF}, object_name()};
      case 2:
        return put_data();
      case 3:
        return generate();
      case 4:
        return import();
      case 5:
        return {{0x00, 0x24, 0x00, reference()}, two_secrets()};
      case 6:
        return {{0x00, 0x2C, 0x00, 0x80}, two_secrets()};
      case 7:
        return {{0x00, 0x20, feed_.one_of({std::uint8_t{0}, std::uint8_t{0xFF}}), 0x80},
                to_bytes(feed_.bytes(9))};
      case 8:
        return {{0x00, 0xF7, 0x00, slot()}, {}};
      case 9:
        return {{0x00, feed_.one_of({std::uint8_t{0xF9}, std::uint8_t{0xF8}, std::uint8_t{0xFD}}), slot(), 0},
                {}};
      case 10:
        return {{0x00, 0xF6, slot(), slot()}, {}};
      case 11:
        return {{0x00, feed_.one_of({std::uint8_t{0xFA}, std::uint8_t{0xFB}, std::uint8_t{0x84}}),
                 feed_.byte(), feed_.byte()},
                to_bytes(feed_.bytes(20))};
      case 12:
        return {{0x00, 0xFF, 0xFF, 0xFF}, management_key()};
      default:
        return general_authenticate();
    }
  }

  std::uint8_t slot() { return feed_.one_of(kSlots); }
  std::uint8_t reference() {
    return feed_.one_of({std::uint8_t{0x80}, std::uint8_t{0x81}, std::uint8_t{0x00}});
  }

  Bytes select_data() {
    Bytes aid{0xA0, 0x00, 0x00, 0x03, 0x08, 0x00, 0x00, 0x10, 0x00, 0x01, 0x00};
    if (feed_.below(4) == 0) aid.resize(feed_.below(12));
    if (feed_.below(8) == 0) append(aid, feed_.bytes(8));
    return aid;
  }
  Bytes object_name() {
    Bytes name;
    const Bytes tag =
        feed_.below(6) == 0 ? to_bytes(feed_.bytes(4)) : Bytes{0x5F, 0xC1, feed_.one_of(kLastBytes)};
    append_element(name, 0x5C, tag);
    return name;
  }
  Message put_data() {
    Message put{{0x00, 0xDB, 0x3F, 0xFF}, object_name()};
    append_element(put.data, 0x53, feed_.filler(3300));
    return put;
  }
  Bytes policies() {
    Bytes out;
    if (feed_.below(2) == 0) append_element(out, 0xAA, Bytes{static_cast<std::uint8_t>(feed_.below(5))});
    if (feed_.below(2) == 0) append_element(out, 0xAB, Bytes{static_cast<std::uint8_t>(feed_.below(5))});
    return out;
  }
  // RSA keys take seconds to make, and are left to the tests.
  Message generate() {
    Bytes content{0x80, 0x01, feed_.below(4) == 0 ? std::uint8_t{0x14} : std::uint8_t{0x11}};
    append(content, policies());
    Message made{{0x00, 0x47, 0x00, slot()}, {}};
    append_element(made.data, 0xAC, content);
    return made;
  }
  Message import() {
    Message import{{0x00, 0xFE, feed_.one_of(kAlgorithms), slot()}, {}};
    const std::size_t size = feed_.one_of({32, 48, 128, 192, 31});
    for (std::uint8_t tag = feed_.below(2) == 0 ? 6 : 1; tag <= 6 && !feed_.done(); ++tag)
      append_element(import.data, tag, Bytes(size, feed_.byte()));
    append(import.data, policies());
    return import;
  }
  Bytes two_secrets() {
    const char* const known[] = {kPin, kPuk, "654321", "111222"};
    Bytes both;
    for (int i = 0; i < 2; ++i) {
      Bytes one = to_bytes(std::string_view(feed_.one_of(known)));
      one.resize(8, 0xFF);
      append(both, one);
    }
    return both;
  }
  Bytes management_key() {
    Bytes data{feed_.one_of(kAlgorithms), 0x9B,
               feed_.one_of({std::uint8_t{16}, std::uint8_t{24}, std::uint8_t{32}})};
    const std::size_t size = feed_.below(4) == 0 ? feed_.below(40) : std::size_t{data[2]};
    data.resize(3 + size, feed_.byte());
    return data;
  }
  Message general_authenticate() {
    Message asked{{0x00, 0x87, feed_.one_of(kAlgorithms), slot()}, {}};
    Bytes content;
    for (std::size_t i = 1 + feed_.below(3); i > 0; --i) {
      const std::uint8_t tag = feed_.one_of(kTemplateTags);
      const std::size_t sizes[] = {0, 32, 48, 65, 97, 256, 16, 8};
      const std::size_t size = feed_.one_of(sizes);
      Bytes value(size, feed_.byte());
      if (!value.empty() && tag == 0x85) value[0] = 0x04;
      append_element(content, tag, value);
    }
    append_element(asked.data, 0x7C, content);
    return asked;
  }

  // Sends a message as one short command, as an extended one, or as a chain, perhaps with something wrong
  // about it.
  void wrap(Message message) {
    const std::uint8_t form = feed_.byte();
    if (form >= 0xF0 && !message.data.empty())
      message.data[feed_.word() % message.data.size()] ^= feed_.byte();
    if (form >= 0xE0 && form < 0xF0) message.data.resize(feed_.word() % (message.data.size() + 4));
    message.header[0] = form % 32 == 31 ? feed_.byte() : message.header[0];
    if (message.header[1] == 0x47) forbid_rsa(message.data);
    if (form % 3 == 0 && message.data.size() < 256) return short_command(message, message.data, true);
    if (form % 3 == 1) return extended_command(message);
    chain(message, form);
  }
  static void forbid_rsa(Bytes& data) {
    for (std::uint8_t& byte : data)
      if (byte == 0x07 || byte == 0x05) byte = 0x11;
  }

  void short_command(const Message& message, ByteView part, bool expects) {
    Bytes apdu(message.header.begin(), message.header.end());
    if (!part.empty()) {
      apdu.push_back(static_cast<std::uint8_t>(part.size()));
      append(apdu, part);
    }
    if (expects) apdu.push_back(0);
    collect(send(apdu));
  }
  void extended_command(const Message& message) {
    Bytes apdu(message.header.begin(), message.header.end());
    apdu.push_back(0);
    if (!message.data.empty()) append_u16(apdu, static_cast<std::uint16_t>(message.data.size()));
    append(apdu, message.data);
    append(apdu, Bytes{0, 0});
    send(apdu);
  }
  void chain(Message message, std::uint8_t form) {
    ByteView rest = message.data;
    const std::size_t most = form % 5 == 0 ? 16 : 255;
    while (rest.size() > most) {
      Message link{message.header, {}};
      link.header[0] |= 0x10U;
      short_command(link, rest.first(most), false);
      rest = rest.subspan(most);
      if (form % 16 == 2 && feed_.below(8) == 0) send(feed_.bytes(20));
    }
    short_command(message, rest, true);
  }
  void collect(Bytes answer) {
    for (int i = 0; i < 20 && answer[answer.size() - 2] == 0x61; ++i)
      answer = card_.exchange(Bytes{0x00, 0xC0, 0x00, 0x00, answer.back()});
  }

  Feed feed_;
  SimulatedCard card_;
  bool managed_ = false;
  bool shown_response_ = false;
  bool pin_shown_ = false;
  bool pristine_ = true;  // no key was changed: 9C wants a PIN each time
};

}  // namespace

void apdu(ByteView input) { Host(input).go(); }

}  // namespace sceau::fuzz
