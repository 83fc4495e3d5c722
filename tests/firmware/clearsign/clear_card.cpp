#include "clear_card.h"

namespace sceau::firmware::test {
namespace {

Bytes element(std::uint8_t tag, const Bytes& value) {
  Bytes buffer(value.size() + 8);
  Writer out(buffer);
  TlvWriter(out).element(tag, value);
  buffer.resize(out.size());
  return buffer;
}

Bytes list(std::uint8_t tag, const std::vector<std::string>& words) {
  Bytes content;
  for (const std::string& word : words) content = content + element(0x0C, Bytes(word.begin(), word.end()));
  return element(tag, content);
}

Bytes integer(unsigned value) {
  Bytes bytes;
  for (int shift = 24; shift >= 0; shift -= 8) {
    const auto byte = static_cast<std::uint8_t>(value >> shift);
    if (!bytes.empty() || byte != 0 || shift == 0) bytes.push_back(byte);
  }
  if (bytes.front() >= 0x80) bytes.insert(bytes.begin(), 0);
  return element(0x02, bytes);
}

Bytes custodian(const PolicyWords& words) {
  Bytes all;
  for (const auto& [id, point] : words.holders) {
    all = all + element(0x30, element(0x0C, Bytes(id.begin(), id.end())) + element(0x04, point));
  }
  return element(0xA2, integer(words.threshold) + element(0x30, all));
}

}  // namespace

Bytes policy_der(const PolicyWords& words) {
  Bytes content = integer(1) + integer(words.pin) + integer(words.touch) + integer(words.window);
  content = content + list(0x30, words.types);
  if (!words.kinds.empty()) content = content + list(0xA0, words.kinds);
  if (!words.sources.empty()) content = content + list(0xA1, words.sources);
  if (!words.holders.empty()) content = content + custodian(words);
  return element(0x30, content);
}

Bytes ClearCard::generate(const PolicyWords& words, const std::string& slot) {
  const Answer made = card.command("00 47 00 " + slot, policy_der(words));
  return made.word == 0x9000 ? Card::public_bytes(find_tlv(made.data, 0x7F49).value()) : Bytes();
}

unsigned ClearCard::load(const std::string& what, const Bytes& bytes) {
  constexpr std::size_t kPart = 1000;
  unsigned word = 0;
  for (std::size_t at = 0; at < bytes.size(); at += kPart) {
    const auto first = bytes.begin() + static_cast<long>(at);
    const auto size = static_cast<long>(std::min(kPart, bytes.size() - at));
    word = card.command("00 30 " + what + (at == 0 ? " 00" : " 01"), Bytes(first, first + size)).word;
    if (word != 0x9000) return word;
  }
  return word;
}

Answer ClearCard::prepare(const std::string& mode, const std::string& slot, const std::string& time) {
  return card.command("00 31 " + mode + slot, Bytes(time.begin(), time.end()) + Bytes(32, 0xCE));
}

Answer ClearCard::show(std::size_t page) {
  return card.send(
      Bytes{0, 0x32, static_cast<std::uint8_t>(page >> 8), static_cast<std::uint8_t>(page), 0, 0, 0});
}

std::string ClearCard::show_all(const Answer& prepared, unsigned* word) {
  const Result<ByteView> count = find_tlv(prepared.data, 0x80);
  std::string lines;
  for (std::size_t page = 0; count.ok() && page < load_be16(count.value().data()); ++page) {
    const Answer shown = show(page);
    if (word != nullptr) *word = shown.word;
    if (shown.word != 0x9000) return lines;
    lines += text_of(shown.data);
  }
  return lines;
}

Answer ClearCard::sign_statement(const Bytes& statement) {
  verify();
  load("00", statement);
  const Answer prepared = prepare();
  if (prepared.word != 0x9000) return prepared;
  show_all(prepared);
  return sign();
}

Answer ClearCard::decide(const Bytes& request, const Bytes& evidence, const Bytes& decision) {
  verify();
  load("00", request);
  load("02", evidence);
  load("01", decision);
  const Answer prepared = prepare("01");
  if (prepared.word != 0x9000) return prepared;
  show_all(prepared);
  return sign();
}

std::uint32_t ClearCard::counter(const std::string& slot) {
  const Answer answer = card.send("00 F7 00 " + slot + " 00 00 00");
  const Result<ByteView> count = find_tlv(answer.data, 0x82);
  return count.ok() ? load_be32(count.value().data()) : 0;
}

std::uint32_t ClearCard::journal_count() {
  const Answer answer = card.command("00 34 00 00", Bytes(32, 0));
  const Result<ByteView> count = find_tlv(answer.data, 0x80);
  return count.ok() ? load_be32(count.value().data()) : 0;
}

}  // namespace sceau::firmware::test
