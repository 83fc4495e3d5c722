// CTAP commands with a live PIN token, from a platform that knows the protocol, and spoils what it sends.
//
// Whatever it says: answers are canonical; nothing that needs the PIN happens for a message that was spoilt
// after it was authenticated; tries come back by the right PIN alone; a user is verified only by it.
#include "../firmware/fido/platform.h"
#include "fuzz.h"
#include "targets.h"

namespace sceau::fuzz {
namespace {

using namespace firmware::test;  // NOLINT(google-build-using-namespace): a platform's words

constexpr int kMostSteps = 24;
constexpr std::size_t kPage = 1024;
constexpr const char* kRight = "1234";
constexpr std::uint8_t kCommands[] = {0x01, 0x02, 0x04, 0x06, 0x07, 0x08, 0x0A, 0x0B, 0x0C, 0x0D, 0x41};

// A token with a PIN and two credentials of one party.
const Bytes& prepared() {
  static const Bytes flash = [] {
    Platform token(kPage, 32);
    Extra kept;
    kept.options = Platform::resident();
    require(token.make("a", {1}, kept).status == 0 && token.make("a", {2}, kept).status == 0 &&
                token.set_pin(kRight) == 0,
            "a fresh token that cannot be used");
    return token.card.flash().content();
  }();
  return flash;
}

class Host {
 public:
  explicit Host(ByteView input) : feed_(input) {
    token_.protocol = 1 + static_cast<std::uint32_t>(feed_.below(2));
    require(token_.get_token(kRight, 0x37, "a") == 0, "the right PIN refused");
    token_.spoil = [this](Bytes& message) { spoil(message); };
  }

  void go() {
    for (int step = 0; step < kMostSteps && !feed_.done(); ++step) one(feed_.below(12));
    token_.spoil = nullptr;
    token_.power();
    require(token_.send(0x04).status == 0, "a token that is gone after power-up");
  }

 private:
  // One in four messages is changed in a byte or two, cut, or made longer.
  void spoil(Bytes& message) {
    spoilt_ = false;
    if (feed_.below(4) != 0 || message.size() < 2) return;
    spoilt_ = true;
    const std::size_t at = 1 + feed_.word() % (message.size() - 1);
    switch (feed_.below(4)) {
      case 0:
        message[at] = static_cast<std::uint8_t>(message[at] ^ (1U << feed_.below(8)));
        break;
      case 1:
        message[at] = feed_.byte();
        break;
      case 2:
        message.resize(at);
        break;
      default:
        message.insert(message.begin() + static_cast<long>(at), feed_.byte());
    }
  }

  void one(std::size_t kind) {
    token_.card.board().now += feed_.below(6) == 0 ? 40000 : 10;
    token_.card.board().touch = feed_.below(6) == 0 ? firmware::Touch::kDenied : firmware::Touch::kTouched;
    const unsigned before = tries();
    bool right = false;
    switch (kind) {
      case 0:
        check(token_.send(feed_.one_of(kCommands), to_bytes(feed_.bytes(300))));
        break;
      case 1:
      case 2:
        make(kind == 1);
        break;
      case 3:
      case 4:
        get(kind == 3);
        break;
      case 5:
        check(token_.next().reply);
        break;
      case 6:
        right = feed_.below(3) != 0;
        token_.get_token(right ? kRight : "0000", static_cast<std::uint8_t>(feed_.byte()),
                         feed_.below(2) == 0 ? "a" : "");
        break;
      case 7:
        manage();
        break;
      case 8:
        configure();
        break;
      case 9:
        blobs();
        break;
      case 10:
        right = true;  // it may have been the right one
        token_.change_pin(feed_.below(2) == 0 ? kRight : "0000", kRight);
        break;
      default:
        token_.power();
    }
    require(right || tries() <= before || !has_pin(), "a try given back without the PIN");
  }

  Extra extra() {
    Extra asked;
    if (feed_.below(2) == 0) asked.options = Platform::resident();
    if (feed_.below(3) == 0) asked.permission_pin = kRight;
    if (feed_.below(3) == 0)
      asked.extensions = map({{text("credBlob"), bytes(to_bytes(feed_.bytes(40)))},
                              {text("credProtect"), number(static_cast<std::int64_t>(feed_.below(5)))},
                              {text("hmac-secret"), boolean(true)}});
    return asked;
  }

  void make(bool listed) {
    Extra asked = extra();
    if (listed) asked.list = Platform::list(to_bytes(feed_.bytes(70)));
    // A try is what the PIN in there may cost or give back.
    token_.make(feed_.below(2) == 0 ? "a" : "b", {feed_.byte()},
                Extra{asked.extensions, asked.options, asked.list, "", {}});
  }

  void get(bool listed) {
    Made of;
    if (listed) of.id = to_bytes(feed_.bytes(70));
    const Asserted asserted = token_.get(of, feed_.below(2) == 0 ? "a" : "b");
    check(asserted.reply);
    require(asserted.status != 0 || (asserted.flags & 0x04) == 0, "a user verified without the PIN");
  }

  void manage() {
    const auto subcommand = static_cast<std::uint8_t>(feed_.below(9));
    const Bytes parameters = feed_.below(2) == 0 ? Bytes() : map({{number(1), bytes(sha({'a'}))}});
    check(token_.manage(subcommand, parameters));
  }

  void configure() {
    const auto subcommand = static_cast<std::uint8_t>(1 + feed_.below(3));
    const Bytes parameters =
        subcommand == 3 ? map({{number(1), number(4)}, {number(2), array({text("a")})}}) : Bytes();
    check(token_.configure(subcommand, parameters));
  }

  void blobs() {
    Bytes blob = to_bytes(feed_.bytes(600));
    Bytes tail = sha(blob);
    tail.resize(16);
    blob = blob + tail;
    check(token_.write_blobs(blob, 0, blob.size() + feed_.below(2)));
    if (spoilt_) return;
    token_.read_blobs(feed_.below(64), 1 + feed_.word() % 1200);
  }

  static void check(const Reply& reply) {
    require(reply.status != 0xFE, "an answer that is not canonical");
    require(reply.status == 0 || reply.body.empty(), "an error with something behind it");
  }

  unsigned tries() {
    auto keep = std::move(token_.spoil);
    token_.spoil = nullptr;
    const unsigned left = token_.tries();
    token_.spoil = std::move(keep);
    return left;
  }
  bool has_pin() { return token_.authenticator().pin().is_set(); }

  Feed feed_;
  Platform token_{kPage, prepared()};
  bool spoilt_ = false;
};

}  // namespace

void ctap(ByteView input) { Host(input).go(); }

}  // namespace sceau::fuzz
