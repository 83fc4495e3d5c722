#include "clearsign/evidence.h"

namespace sceau::firmware::clearsign {

namespace {

constexpr std::string_view kHeadWords = "{\"signatures\":[{\"bytes\":\"";
constexpr std::string_view kMiddleWords = "\",\"kind\":\"cades\",\"person\":\"";

bool is_base64(std::uint8_t c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' || c == '/' ||
         c == '=';
}

}  // namespace

void EvidenceReader::restart() {
  hash_.restart();
  state_ = State::kHead;
  matched_ = 0;
  person_.size = 0;
  last_ = 0;
}

void EvidenceReader::update(ByteView part) {
  hash_.update(part);
  for (const std::uint8_t byte : part) take(byte);
}

void EvidenceReader::match(std::uint8_t byte, std::string_view words, State next) {
  if (byte != static_cast<std::uint8_t>(words[matched_])) {
    state_ = State::kWrong;
  } else if (++matched_ == words.size()) {
    state_ = next;
    matched_ = 0;
  }
}

void EvidenceReader::take(std::uint8_t byte) {
  last_ = byte;
  if (state_ == State::kHead) {
    match(byte, kHeadWords, State::kBytes);
  } else if (state_ == State::kBytes && !is_base64(byte)) {
    state_ = State::kMiddle;
    match(byte, kMiddleWords, State::kPerson);
  } else if (state_ == State::kMiddle) {
    match(byte, kMiddleWords, State::kPerson);
  } else if (state_ == State::kPerson && byte == '"') {
    state_ = State::kRest;
  } else if (state_ == State::kPerson) {
    if (person_.size == person_.bytes.size()) {
      state_ = State::kWrong;
      return;
    }
    person_.bytes[person_.size++] = byte;
  }
}

Result<Hash> EvidenceReader::finish(ByteView person) {
  const Result<Hash> hash = hash_.finish();
  if (!hash.ok()) return hash.status();
  if (state_ != State::kRest || last_ != '}' || !equal(person_.view(), person)) return Status::kInvalid;
  return hash;
}

}  // namespace sceau::firmware::clearsign
