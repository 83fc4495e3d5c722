// A custodian's key in front of a host that knows its commands, has a holder's private key, and says
// anything.
//
// Whatever it says: shares come once in a key's life, after PIN and button; nothing is derived from a master
// that was neither cloned nor restored; a master is replaced only by a whole restoration; and no command is
// answered with 6F00.
#include <array>
#include <map>

#include "../firmware/one_holder.h"
#include "fuzz.h"
#include "sceau/base/files.h"
#include "simulated_card.h"
#include "targets.h"

namespace sceau::fuzz {
namespace {

namespace fw = firmware;
using firmware::test::operator+;

constexpr int kMostSteps = 40;
constexpr std::uint32_t kSerial = 0x01020384;  // the test board's

const Bytes& statement() {
  static const Bytes read = *read_file(std::string(SCEAU_TEST_VECTORS) + "/lines/derive.json");
  return read;
}

class Host {
 public:
  explicit Host(ByteView input) : feed_(input) {
    select(0x01);
    verify();
    make(0xC1);
  }

  void go() {
    for (int step = 0; step < kMostSteps && !feed_.done(); ++step) {
      touched_ = feed_.below(8) != 7;
      card_.touch(touched_);
      one(feed_.below(10));
    }
  }

 private:
  struct Key {
    bool cloned = false;  // or restored
    Bytes given;          // its answer to SHARES
  };

  void one(std::size_t kind) {
    const std::uint8_t which = slot();
    switch (kind) {
      case 0:
        return verify();
      case 1:
        return make(which);
      case 2:
        return remove(which);
      case 3:
      case 4:
        return shares(which);
      case 5:
      case 6:
        return restore(which, slot());
      case 7:
      case 8:
        return derive(which);
      default:
        return leave();
    }
  }

  void verify() {
    Bytes pin = to_bytes(std::string_view(kPin));
    pin.resize(8, 0xFF);
    pin_ = word(command(0x20, 0, 0x80, pin)) == 0x9000;
  }
  void make(std::uint8_t which) {
    Bytes policy = fw::test::one_holder_policy();
    spoil(policy);
    if (word(command(0x47, 0, which, policy)) != 0x9000) return;
    allowed("a key");
    require(!keys_.contains(which), "a key in the place of another");
    keys_[which] = {};
  }
  void remove(std::uint8_t which) {
    if (word(command(0xE4, 0, which, {})) != 0x9000) return;
    allowed("a key that is gone");
    keys_.erase(which);
  }
  void shares(std::uint8_t which) {
    const Bytes answer = command(0x48, 0, which, {});
    if (word(answer) != 0x9000) return;
    allowed("shares");
    require(keys_.contains(which) && !keys_[which].cloned, "shares of what was cloned");
    keys_[which] = {true, Bytes(answer.begin(), answer.end() - 2)};
  }
  void restore(std::uint8_t which, std::uint8_t origin) {
    const Bytes from{0x01, 0x02, 0x03, 0x84, origin};
    const Bytes begun = command(0x49, 0, which, from);
    if (word(begun) == 0x9000) allowed("a restoration");
    Bytes share = sealed(begun, origin, which);
    const bool whole = spoil(share);
    if (word(command(0x49, 1, which, share)) != 0x9000) return;
    require(whole && pin_ && word(begun) == 0x9000, "a master that nobody vouched for");
    require(keys_.contains(which) && !keys_[which].cloned, "another master for a key that has one");
    keys_[which].cloned = true;
  }
  Bytes sealed(const Bytes& begun, std::uint8_t origin, std::uint8_t to) {
    const auto point = fw::find_tlv(ByteView(begun).first(begun.size() - 2), 0x80);
    if (!point.ok() || !keys_.contains(origin)) return Bytes(135, 1);
    return fw::test::passed_on(keys_[origin].given, {kSerial, origin}, point.value(), {kSerial, to});
  }
  void derive(std::uint8_t which) {
    Bytes text = statement();
    spoil(text);
    command(0x30, 0, 0, text);
    Bytes data = to_bytes(std::string_view("2026-11-22T09:31:00Z"));
    data.resize(52, 0xCE);
    command(0x31, 0, which, data);
    const std::size_t without = feed_.byte();
    for (std::size_t page = 0; page < 6; ++page)
      if (page != without) command(0x32, 0, static_cast<std::uint8_t>(page), {});
    const std::uint8_t how = feed_.below(4) == 3 ? 0x33 : 0x36;
    if (word(command(how, 0, 0, {})) != 0x9000) return;
    allowed("a signature");
    require(how == 0x33 || keys_[which].cloned, "a key of a master that nobody else has");
  }
  void leave() {
    const std::size_t how = feed_.below(3);
    if (how == 0) card_.reset();
    if (how == 1) send(Bytes{0x00, 0xA4, 0x04, 0x00, 0x05, 0xA0, 0x00, 0x00, 0x03, 0x08, 0x00});
    if (how != 2) pin_ = false;
    select(0x01);
  }

  // ---- one command ------------------------------------------------------------------------------------

  void allowed(std::string_view what) const {
    require(pin_, std::string(what) + " without the PIN");
    require(touched_, std::string(what) + " without the button");
  }
  Bytes send(ByteView apdu) {
    Bytes answer = card_.exchange(apdu);
    require(word(answer) != 0x6F00, "an internal error");
    return answer;
  }
  static unsigned word(const Bytes& answer) {
    return static_cast<unsigned>(answer[answer.size() - 2]) << 8U | answer.back();
  }
  Bytes command(std::uint8_t ins, std::uint8_t p1, std::uint8_t p2, const Bytes& data) {
    Bytes apdu{0x00, ins, p1, p2, 0x00};
    if (!data.empty()) append_u16(apdu, static_cast<std::uint16_t>(data.size()));
    append(apdu, data);
    append(apdu, Bytes{0, 0});
    return send(apdu);
  }
  void select(std::uint8_t last) {
    send(Bytes{0x00, 0xA4, 0x04, 0x00, 0x07, 0xF0, 0x53, 0x43, 0x45, 0x41, 0x55, last, 0x00});
  }
  std::uint8_t slot() { return static_cast<std::uint8_t>(0xC1 + feed_.below(3)); }

  // Mostly leaves it alone; whether it did.
  bool spoil(Bytes& bytes) {
    const std::uint8_t how = feed_.byte();
    if (how < 0xC0 || bytes.empty()) return true;
    const Bytes before = bytes;
    const std::size_t at = feed_.word() % bytes.size();
    if (how < 0xE0)
      bytes[at] = feed_.byte();
    else
      bytes.resize(at);
    return bytes == before;
  }

  Feed feed_;
  SimulatedCard card_;
  std::map<std::uint8_t, Key> keys_;
  bool pin_ = false;
  bool touched_ = true;
};

}  // namespace

void custodian(ByteView input) { Host(input).go(); }

}  // namespace sceau::fuzz
