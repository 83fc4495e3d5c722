// A card in a test's hand: the whole token over a RamBoard, spoken to in hex.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/tlv.h"
#include "crypto/aes.h"
#include "ram_board.h"
#include "token.h"

namespace sceau::firmware::test {

using Bytes = std::vector<std::uint8_t>;

inline Bytes hex(const std::string& text) {
  Bytes bytes;
  std::string digits;
  for (const char c : text) {
    if (c != ' ') digits += c;
  }
  for (std::size_t i = 0; i + 1 < digits.size(); i += 2) {
    bytes.push_back(static_cast<std::uint8_t>(std::stoi(digits.substr(i, 2), nullptr, 16)));
  }
  return bytes;
}

inline Bytes operator+(Bytes a, const Bytes& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

struct Answer {
  Bytes data;
  unsigned word = 0;
};

class Card {
 public:
  bool in_frame = false;  // commands are put into the token's own buffer
  bool in_place = false;  // answers are written where their commands lie

  explicit Card(TokenOptions options = {}) : options_(options), board_(flash_) { insert(); }
  // With a smaller flash.
  Card(std::size_t page_size, std::size_t pages) : flash_(page_size, pages), board_(flash_) { insert(); }
  // With a flash that holds something.
  Card(std::size_t page_size, const Bytes& content)
      : flash_(page_size, content.size() / page_size), board_(flash_) {
    flash_.content() = content;
    insert();
  }

  // Power-on with the flash as it is. Whether the card came up.
  bool insert() {
    flash_.restore_power();
    token_ = std::make_unique<Token>(board_, options_);
    return token_->start() == Status::kOk;
  }

  Answer send(const Bytes& apdu) {
    Bytes answer(Token::kMaxAnswer);
    // Of exactly its size, so that AddressSanitizer sees one byte read too many.
    const std::unique_ptr<std::uint8_t[]> exact(new std::uint8_t[apdu.size()]);
    if (!apdu.empty()) std::memcpy(exact.get(), apdu.data(), apdu.size());
    ByteView in(exact.get(), apdu.size());
    if (in_frame) {  // as a board does that has no buffer of its own
      const ByteSpan frame = token_->frame(in.first(in.size() < 2 ? in.size() : 2));
      if (frame.size() < in.size()) return {{}, 0x6700};
      copy(in, frame);
      in = ByteView(frame).first(in.size());
    }
    if (in_place) {
      if (answer.size() < in.size()) answer.resize(in.size());
      copy(in, answer);
      in = ByteView(answer).first(in.size());
    }
    const std::size_t size = token_->exchange(in, answer);
    if (in_frame) wipe(token_->unused());
    answer.resize(size);
    Answer result;
    result.word = load_be16(answer.data() + size - 2);
    result.data.assign(answer.begin(), answer.end() - 2);
    return result;
  }
  Answer send(const std::string& apdu) { return send(hex(apdu)); }
  unsigned word(const std::string& apdu) { return send(apdu).word; }

  // The same with short commands alone: chained, and the answer fetched with GET RESPONSE.
  Answer chained(const std::string& header, const Bytes& data) {
    constexpr std::size_t kMost = 255;
    Bytes apdu = hex(header);
    std::size_t done = 0;
    for (; data.size() - done > kMost; done += kMost) {
      const Bytes part(data.begin() + static_cast<long>(done),
                       data.begin() + static_cast<long>(done + kMost));
      const Bytes link{static_cast<std::uint8_t>(apdu[0] | 0x10), apdu[1], apdu[2], apdu[3], 0xFF};
      Answer answer = send(link + part);
      if (answer.word != 0x9000) return answer;
    }
    const Bytes rest(data.begin() + static_cast<long>(done), data.end());
    Answer answer = send(apdu + Bytes{static_cast<std::uint8_t>(rest.size())} + rest + Bytes{0});
    while ((answer.word & 0xFF00) == 0x6100) {
      const Answer more = send(Bytes{0, 0xC0, 0, 0, static_cast<std::uint8_t>(answer.word & 0xFF)});
      answer.data = answer.data + more.data;
      answer.word = more.word;
    }
    return answer;
  }

  // A short or extended command with data, as long as needed, and Le for everything.
  Answer command(const std::string& header, const Bytes& data) {
    Bytes apdu = hex(header);
    if (data.size() < 256) {
      apdu.push_back(static_cast<std::uint8_t>(data.size()));
      apdu = apdu + data;
      apdu.push_back(0);
    } else {
      apdu = apdu +
             Bytes{0, static_cast<std::uint8_t>(data.size() >> 8), static_cast<std::uint8_t>(data.size())};
      apdu = apdu + data + Bytes{0, 0};
    }
    return send(apdu);
  }

  unsigned verify(const std::string& pin) { return command("00 20 00 80", padded(pin)).word; }
  static Bytes padded(const std::string& pin) {
    Bytes value(pin.begin(), pin.end());
    value.resize(8, 0xFF);
    return value;
  }

  // Single authentication with the management key (default: the fresh card's).
  unsigned authenticate(const Bytes& key = default_key(), std::uint8_t algorithm = 0x0A) {
    const Bytes header{0x00, 0x87, algorithm, 0x9B};
    const Answer challenge = send(header + hex("04 7C 02 81 00 00"));
    if (challenge.word != 0x9000) return challenge.word;
    AesBlock block;
    copy(ByteView(challenge.data).subspan(4), block);
    const AesBlock response = aes_encrypt_block(key, block).value();
    return send(header + hex("14 7C 12 82 10") + Bytes(response.begin(), response.end()) + hex("00")).word;
  }
  static Bytes default_key() { return hex("010203040506070801020304050607080102030405060708"); }

  // Generates in a slot, and returns the public point or modulus; empty when refused.
  Bytes generate(const std::string& slot, const std::string& policies = "",
                 const std::string& algorithm = "11") {
    const Bytes content = hex("80 01 " + algorithm + policies);
    const Answer made =
        chained("00 47 00 " + slot, Bytes{0xAC, static_cast<std::uint8_t>(content.size())} + content);
    return made.word == 0x9000 ? public_bytes(find_tlv(made.data, 0x7F49).value()) : Bytes();
  }

  // What GET METADATA tells of a slot; the public key in it.
  Answer metadata(const std::string& slot) { return send("00 F7 00 " + slot + " 00 00 00"); }
  Bytes public_key_of(const std::string& slot) {
    const Answer answer = metadata(slot);
    return answer.word == 0x9000 ? public_bytes(find_tlv(answer.data, 0x04).value()) : Bytes();
  }
  static Bytes public_bytes(ByteView elements) {
    const Result<ByteView> point = find_tlv(elements, 0x86);
    const Result<ByteView> modulus = find_tlv(elements, 0x81);
    if (!point.ok() && !equal(find_tlv(elements, 0x82).value(), hex("010001"))) return {};
    const ByteView bytes = point.ok() ? point.value() : modulus.value();
    return {bytes.begin(), bytes.end()};
  }

  // Signature of 32 bytes by a slot's key.
  Answer sign(const std::string& slot, const Bytes& hash) {
    return command("00 87 11 " + slot, hex("7C 24 82 00 81 20") + hash);
  }

  // GENERAL AUTHENTICATE with what a key is to work on as its challenge (81) or as a point (85).
  static Bytes use_template(std::uint8_t tag, const Bytes& input) {
    Bytes content(input.size() + 16);
    Writer out(content);
    TlvWriter tlv(out);
    const std::size_t whole = tlv.begin(0x7C);
    tlv.element(0x82, {});
    tlv.element(tag, input);
    tlv.end(whole);
    content.resize(out.size());
    return content;
  }
  Answer use(const std::string& algorithm, const std::string& slot, const Bytes& input,
             std::uint8_t tag = 0x81) {
    Answer answer = command("00 87 " + algorithm + slot, use_template(tag, input));
    while ((answer.word & 0xFF00) == 0x6100) {  // a short command has room for 256 bytes of answer
      const Answer more = send(Bytes{0, 0xC0, 0, 0, 0});
      answer.data = answer.data + more.data;
      answer.word = more.word;
    }
    return answer;
  }
  static Bytes output_of(const Answer& answer) {
    const Result<ByteView> whole = find_tlv(answer.data, 0x7C);
    const Result<ByteView> output = whole.ok() ? find_tlv(whole.value(), 0x82) : whole;
    return output.ok() ? Bytes(output.value().begin(), output.value().end()) : Bytes();
  }

  unsigned tries() {
    const unsigned answer = word("00 20 00 80");
    return answer == 0x6983 ? 0 : answer & 0x0F;
  }

  RamFlash& flash() { return flash_; }
  RamBoard& board() { return board_; }
  Token& token() { return *token_; }

 private:
  TokenOptions options_;
  RamFlash flash_;
  RamBoard board_;
  std::unique_ptr<Token> token_;
};

}  // namespace sceau::firmware::test
