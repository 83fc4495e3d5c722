#include "statement/lines.h"

#include "crypto/hash.h"

namespace sceau::firmware::statement {

namespace {

constexpr std::size_t kGroup = 16;  // hexadecimal characters of a digest between spaces

}  // namespace

void Lines::begin(const Statement& statement, const Statement* request) {
  now_ = &statement;
  request_ = request;
  item_ = Item::kTitle;
  part_ = Part::kNone;
  failed_ = false;
  out_ = LineWriter(none_);
}

std::size_t Lines::next(std::size_t most, LineSink& sink) {
  out_.set_sink(sink);
  std::size_t count = 0;
  while (count < most && (part_ != Part::kNone || begin_field())) {
    if (go_on()) ++count;
  }
  out_.set_sink(none_);
  return count;
}

// False: there are no more.
bool Lines::begin_field() {
  if (item_ == Item::kBody) {
    if (begin_body_field()) return true;
    item_ = Item::kBehind;
  }
  if (item_ == Item::kNone) return false;
  begin_words();
  switch (item_) {
    case Item::kTitle:
      add(now_->type->title());
      break;
    case Item::kBy:
      add_field("by: ", now_->by);
      break;
    case Item::kLedger:
      add("ledger: ");
      add_text(now_->realm.raw);
      break;
    case Item::kFrom:
      add_field("from: ", now_->at);
      break;
    case Item::kUntil:
      add_field("until: ", now_->until);
      walker_ = walk(*now_);
      break;
    default: {
      const bool request_follows = request_ != nullptr && request_ != now_;
      add(request_follows       ? "-- the request: --"
          : request_ != nullptr ? "signatures: 2 with yours"
                                : "signatures: 1 with yours");
      item_ = request_follows ? Item::kTitle : Item::kNone;
      if (request_follows) now_ = request_;
      return true;
    }
  }
  item_ = static_cast<Item>(static_cast<std::uint8_t>(item_) + 1);
  return true;
}

bool Lines::begin_body_field() {
  while (part_ == Part::kNone && walker_.going()) {
    if (!walker_.step(*this)) failed_ = true;  // it was walked before
  }
  return part_ != Part::kNone;
}

void Lines::scalar(Way way, const Field& field, const Scalar& value) {
  if (!shown(way)) return;
  begin_words();
  add_label(way);
  add_value(field, value);
}

void Lines::empty_list(Way way, const Field&) {
  if (!shown(way)) return;
  begin_words();
  add_label(way);
  add("none");
}

bool Lines::shown(Way way) const {
  if (way.size() < 2 || way[0].field->name() != "body") return false;
  const std::string_view name = way[1].field->name();
  const bool decision = request_ != nullptr && now_ != request_;
  return !decision || (name != "request" && name != "evidence");
}

void Lines::begin_words() {
  words_size_ = 0;
  words_at_ = 0;
  has_text_ = false;
  part_ = Part::kWords;
}

void Lines::add(std::string_view words) {
  if (words.size() > words_.size() - words_size_) {
    failed_ = true;
    return;
  }
  std::memcpy(words_.data() + words_size_, words.data(), words.size());
  words_size_ += words.size();
}

void Lines::add_field(std::string_view label, ByteView value) {
  add(label);
  add(as_text(value));
}

void Lines::add_text(ByteView raw) {
  add("\"");
  has_text_ = true;
  text_ = raw;
  text_at_ = 0;
  after_space_ = true;
}

// "keys 2 public key: "
void Lines::add_label(Way way) {
  for (const Step& step : way.subspan(1)) {
    if (step.list) {
      add(" ");
      add(Decimal(step.count).view());
      continue;
    }
    if (&step != &way[1]) add(" ");
    const std::size_t from = words_size_;
    add(step.field->name());
    for (std::size_t i = from; i < words_size_; ++i) {
      if (words_[i] == '_') words_[i] = ' ';
    }
  }
  add(": ");
}

void Lines::add_value(const Field& field, const Scalar& value) {
  switch (field.kind) {
    case FieldKind::text:
      add_text(value.text.raw);
      break;
    case FieldKind::digest:
      add_groups(as_text(value.text.raw));
      break;
    case FieldKind::base64:
      add_base64(value.text.raw);
      break;
    case FieldKind::boolean:
      add(value.integer != 0 ? "yes" : "no");
      break;
    case FieldKind::integer:
      if (value.integer < 0) add("-");
      add(Decimal(static_cast<std::uint64_t>(value.integer < 0 ? -value.integer : value.integer)).view());
      break;
    default:
      add(value.text.raw.empty() ? std::string_view("none") : as_text(value.text.raw));
  }
}

void Lines::add_groups(std::string_view hexadecimal) {
  for (std::size_t at = 0; at < hexadecimal.size(); at += kGroup) {
    if (at != 0) add(" ");
    add(hexadecimal.substr(at, kGroup));
  }
}

void Lines::add_base64(ByteView characters) {
  add(Decimal(characters.size()).view());
  add(" characters, SHA-256 ");
  const Result<Hash> hash = sha256({characters});
  if (!hash.ok()) failed_ = true;
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::array<char, 2 * kGroup> text{};
  for (std::size_t i = 0; hash.ok() && i < kGroup; ++i) {
    text[2 * i] = kDigits[hash.value()[i] >> 4U];
    text[2 * i + 1] = kDigits[hash.value()[i] & 0x0FU];
  }
  add_groups({text.data(), text.size()});
}

bool Lines::go_on() {
  bool line = false;
  switch (part_) {
    case Part::kWords:
      line = put_words();
      if (!line) part_ = has_text_ ? Part::kText : Part::kWord;
      break;
    case Part::kText:
      line = put_text();
      if (!line) part_ = Part::kQuote;
      break;
    case Part::kQuote:
      line = out_.put_byte('"');
      part_ = Part::kWord;
      break;
    case Part::kWord:
      line = out_.end_word();
      part_ = Part::kLine;
      break;
    default:
      line = out_.end_line();
      part_ = Part::kNone;
  }
  return line;
}

bool Lines::put_words() {
  const ByteView words = as_bytes({words_.data(), words_size_});
  while (words_at_ < words_size_) {
    if (words_[words_at_] != ' ') {
      if (out_.put_plain(words, words_at_)) return true;
    } else {
      ++words_at_;
      if (out_.put_space()) return true;
    }
  }
  return false;
}

bool Lines::put_text() {
  if (put_words()) return true;  // what is left of an escape
  while (text_at_ < text_.size()) {
    if (is_plain(text_[text_at_])) {  // nearly all there is
      after_space_ = false;
      if (out_.put_plain(text_, text_at_)) return true;
      continue;
    }
    const CodePoint c = decode(text_.subspan(text_at_));
    text_at_ += c.size;
    if (put_character(c)) return true;
  }
  return false;
}

bool Lines::put_character(const CodePoint& c) {
  const bool space = c.value == ' ';
  const bool bare = after_space_ || text_at_ == text_.size();  // a space that nobody would see
  after_space_ = space;
  if (space && !bare) return out_.put_space();
  if (!space && is_shown_as_itself(c.value)) {
    return out_.put_glyph(text_.subspan(text_at_ - c.size, c.size));
  }
  words_size_ = 0;
  words_at_ = 0;
  if (space) {
    add("\\s");
    return put_words();
  }
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  add("\\u{");
  unsigned shift = 20;
  while (shift > 0 && (c.value >> shift) == 0) shift -= 4;
  for (;; shift -= 4) {
    add(kDigits.substr((c.value >> shift) & 0x0FU, 1));
    if (shift == 0) break;
  }
  add("}");
  return put_words();
}

void write_lines(const Statement& statement, const Statement* request, LineSink& sink) {
  Lines lines;
  lines.begin(statement, request);
  static_cast<void>(lines.next(~std::size_t{0}, sink));
}

}  // namespace sceau::firmware::statement
