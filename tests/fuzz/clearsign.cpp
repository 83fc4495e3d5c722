// The token's clear-sign application, in front of a host that knows its commands and says anything.
//
// Whatever it says: a signature is given only for what was prepared and shown to the last page, after the
// PIN, and with the button where the key wants it; and no command is answered with 6F00 (internal).
#include <array>
#include <string>

#include "fuzz.h"
#include "sceau/base/digest.h"
#include "sceau/base/files.h"
#include "simulated_card.h"
#include "targets.h"

namespace sceau::fuzz {
namespace {

constexpr int kMostSteps = 60;
constexpr std::uint8_t kVerify = 0x20, kLoad = 0x30, kPrepare = 0x31, kShow = 0x32, kSign = 0x33,
                       kGenerate = 0x47;
constexpr std::uint8_t kOthers[] = {0xE4, 0xDA, 0xCA, 0xF7, 0xF9, 0x34, 0x35};
const Bytes kClearSign{0xF0, 0x53, 0x43, 0x45, 0x41, 0x55, 0x01};
const Bytes kPiv{0xA0, 0x00, 0x00, 0x03, 0x08};

const std::vector<Bytes>& statements() {
  static const std::vector<Bytes> read = [] {
    const std::string folder = std::string(SCEAU_TEST_VECTORS) + "/statement/good/";
    std::vector<Bytes> all;
    for (const char* name : {"login", "extraction-request", "approval", "accents"})
      all.push_back(*read_file(folder + name + ".json"));
    return all;
  }();
  return read;
}

Bytes element(std::uint8_t tag, ByteView content) {
  Bytes out{tag, static_cast<std::uint8_t>(content.size())};
  append(out, content);
  return out;
}

class Host {
 public:
  explicit Host(ByteView input) : feed_(input) { select(kClearSign); }

  void go() {
    for (int step = 0; step < kMostSteps && !feed_.done(); ++step) {
      const std::size_t kind = feed_.below(12);
      if (kind < 8)
        one(kind);
      else
        whole_way();
    }
  }

 private:
  void one(std::size_t kind) {
    switch (kind) {
      case 0:
        return ignore(send(feed_.bytes(200)));
      case 1:
        return show_pin();
      case 2:
        return generate();
      case 3:
        return load();
      case 4:
        return prepare();
      case 5:
        return ignore(command(kShow, 0, feed_.below(4) == 0 ? feed_.byte() : next(), {}));
      case 6:
        return ignore(command(kSign, 0, 0, {}));
      default:
        return something_else();
    }
  }

  void something_else() {
    card_.touch(feed_.below(4) != 0);
    switch (feed_.below(4)) {
      case 0:
        return select(kClearSign);
      case 1:
        return select(kPiv);
      case 2:
        card_.reset();
        pin_ = false;
        pages_ = 0;
        return select(kClearSign);
      default: {
        const std::uint8_t ins = feed_.one_of(kOthers);
        const std::uint8_t p1 = feed_.one_of({std::uint8_t{0}, std::uint8_t{0xC1}});
        const std::uint8_t p2 = slot();
        return ignore(command(ins, p1, p2, to_bytes(feed_.bytes(300))));
      }
    }
  }

  // A signature from the beginning to the end, with a step left out or spoiled where the input says so.
  void whole_way() {
    const std::uint8_t without = feed_.byte();
    if (without % 8 != 1) generate();
    if (without % 8 != 2) show_pin();
    if (without % 8 != 3) load();
    if (without % 8 != 4) prepare();
    for (std::size_t page = 0; page < pages_ && page < 20; ++page)
      if (without % 8 != 5 || page != feed_.below(4)) command(kShow, 0, static_cast<std::uint8_t>(page), {});
    if (without % 8 == 6) one(feed_.below(8));
    command(kSign, 0, 0, {});
  }

  // ---- one command --------------------------------------------------------------------------------------

  Bytes send(ByteView apdu) {
    const Bytes answer = card_.exchange(apdu);
    const unsigned word = static_cast<unsigned>(answer[answer.size() - 2]) << 8U | answer.back();
    require(word != 0x6F00, "an internal error");
    if (apdu.size() >= 4 && (apdu[0] & 0x10U) == 0 && (word == 0x9000 || (word >> 8U) == 0x61))
      note(apdu, answer);
    return answer;
  }

  // Extended, or short where it fits and the input says so.
  Bytes command(std::uint8_t ins, std::uint8_t p1, std::uint8_t p2, const Bytes& data) {
    Bytes apdu{0x00, ins, p1, p2, 0x00};
    if (!data.empty()) append_u16(apdu, static_cast<std::uint16_t>(data.size()));
    append(apdu, data);
    append(apdu, Bytes{0, 0});
    return send(apdu);
  }

  void note(ByteView apdu, ByteView answer) {
    if (apdu[1] == 0xA4)
      here_ = std::search(answer.begin(), answer.end(), kClearSign.begin(), kClearSign.end()) != answer.end();
    if (!here_) return;
    if (apdu[1] == kVerify) pin_ = true;
    if (apdu[1] == kLoad) pages_ = 0;
    if (apdu[1] == kPrepare) {
      pages_ = answer.size() > 6 ? static_cast<std::size_t>(answer[2]) << 8U | answer[3] : 0;
      shown_ = 0;
    }
    const std::size_t page = static_cast<std::size_t>(apdu[2]) << 8U | apdu[3];
    if (apdu[1] == kShow && page == shown_) ++shown_;
    if (apdu[1] == kSign) signed_by_token();
  }

  void signed_by_token() {
    require(pages_ > 0, "a signature over nothing that was prepared");
    require(shown_ >= pages_, "a signature over pages that were not shown");
    require(pin_, "a signature without the PIN");
    pages_ = 0;
  }

  // ---- what they say --------------------------------------------------------------------------------------

  void select(const Bytes& aid) {
    Bytes apdu{0x00, 0xA4, 0x04, 0x00, static_cast<std::uint8_t>(aid.size())};
    append(apdu, aid);
    apdu.push_back(0);
    send(apdu);
  }
  std::uint8_t slot() { return static_cast<std::uint8_t>(0xC1 + feed_.below(3)); }
  std::uint8_t next() const { return static_cast<std::uint8_t>(shown_); }

  void show_pin() {
    Bytes pin = to_bytes(std::string_view(feed_.below(5) == 4 ? "111222" : kPin));
    pin.resize(8, 0xFF);
    command(kVerify, 0, 0x80, pin);
  }

  void generate() {
    Bytes types;
    for (const char* type : {"approval", "extraction.request", "login"})
      if (feed_.below(4) != 3) append(types, element(0x0C, as_bytes(type)));
    Bytes content{0x02, 0x01, 0x01,
                  0x02, 0x01, feed_.below(2) == 0 ? std::uint8_t{3} : std::uint8_t{2},
                  0x02, 0x01, feed_.below(2) == 0 ? std::uint8_t{1} : std::uint8_t{2},
                  0x02, 0x02, 0x03,
                  0x84};
    append(content, element(0x30, types));
    if (feed_.below(4) == 3) append(content, element(0xA0, element(0x0C, as_bytes("aggregate"))));
    Bytes policy = element(0x30, content);
    spoil(policy);
    command(kGenerate, 0, slot(), policy);
  }

  void load() {
    const std::uint8_t what =
        feed_.below(4) == 3 ? static_cast<std::uint8_t>(feed_.below(3)) : std::uint8_t{0};
    Bytes text = statements()[feed_.below(statements().size())];
    spoil(text);
    const std::size_t part = feed_.below(3) == 2 ? 1 + feed_.byte() : text.size();
    for (std::size_t at = 0; at < text.size() && at < 20 * part; at += part) {
      const ByteView piece = ByteView(text).subspan(at, std::min(part, text.size() - at));
      command(kLoad, what, at == 0 ? 0 : 1, to_bytes(piece));
    }
  }

  void prepare() {
    Bytes data = to_bytes(std::string_view("2026-11-22T09:31:00Z"));
    data.resize(52, 0xCE);
    spoil(data);
    const std::uint8_t mode = feed_.below(4) == 3 ? 1 : 0;
    command(kPrepare, mode, slot(), data);
  }

  // Mostly leaves it alone.
  void spoil(Bytes& bytes) {
    const std::uint8_t how = feed_.byte();
    if (how < 0xC0 || bytes.empty()) return;
    const std::size_t at = feed_.word() % bytes.size();
    if (how < 0xE0)
      bytes[at] = feed_.byte();
    else if (how < 0xF0)
      bytes.resize(at);
    else
      bytes = to_bytes(feed_.bytes(300));
  }

  static void ignore(const Bytes& /*answer*/) {}

  Feed feed_;
  SimulatedCard card_;
  bool here_ = false;  // the application is selected
  bool pin_ = false;   // was shown since power came
  std::size_t pages_ = 0;
  std::size_t shown_ = 0;
};

}  // namespace

void clearsign(ByteView input) { Host(input).go(); }

}  // namespace sceau::fuzz
