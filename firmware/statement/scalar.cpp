#include "statement/scalar.h"

namespace sceau::firmware::statement {

namespace {

bool is_digit(std::uint8_t c) { return c >= '0' && c <= '9'; }
bool is_hex(std::uint8_t c) { return is_digit(c) || (c >= 'a' && c <= 'f'); }

bool is_digest(ByteView text) {
  constexpr std::size_t kSize = 64;
  if (text.size() != kSize) return false;
  for (const std::uint8_t c : text) {
    if (!is_hex(c)) return false;
  }
  return true;
}

bool is_uuid_v7(ByteView text) {
  constexpr std::size_t kSize = 36;
  if (text.size() != kSize) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? text[i] != '-' : !is_hex(text[i])) return false;
  }
  const std::uint8_t variant = text[19];
  return text[14] == '7' && (variant == '8' || variant == '9' || variant == 'a' || variant == 'b');
}

// 0 to 63; 64: not a character of base64.
unsigned sextet(std::uint8_t c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26U;
  if (is_digit(c)) return c - '0' + 52U;
  return c == '+' ? 62 : c == '/' ? 63 : 64;
}

// RFC 4648 section 4, padded, with padding bits of zero.
bool is_base64(ByteView text) {
  if (text.size() % 4 != 0) return false;
  std::size_t padding = 0;
  while (padding < 2 && padding < text.size() && text[text.size() - 1 - padding] == '=') ++padding;
  const std::size_t characters = text.size() - padding;
  unsigned last = 0;
  for (const std::uint8_t c : text.first(characters)) {
    last = sextet(c);
    if (last == 64) return false;
  }
  return (last & (padding == 2 ? 0x0FU : padding == 1 ? 0x03U : 0U)) == 0;
}

bool is_choice(const Field& field, const Text& text) {
  for (const std::string_view choice : field.choices()) {
    if (text.is(choice)) return true;
  }
  return false;
}

bool within(const Field& field, std::size_t size) {
  const auto value = static_cast<std::int64_t>(size);
  return value >= field.minimum() && value <= field.maximum();
}

bool fits(const Field& field, const Text& text) {
  switch (field.kind) {
    case FieldKind::text:
      return within(field, text.size);
    case FieldKind::id:
      return is_choice(field, text) || is_registry_id(text.raw);
    case FieldKind::digest:
      return is_digest(text.raw);
    case FieldKind::time:
      return read_time(text.raw).ok();
    case FieldKind::uuid:
      return is_uuid_v7(text.raw);
    case FieldKind::choice:
      return is_choice(field, text);
    case FieldKind::base64:
      return within(field, text.size) && is_base64(text.raw);
    default:
      return false;
  }
}

// -1: a byte that is no digit.
int number(ByteView text, std::size_t at, std::size_t count) {
  int value = 0;
  for (const std::uint8_t c : text.subspan(at, count)) {
    if (!is_digit(c)) return -1;
    value = value * 10 + (c - '0');
  }
  return value;
}

int days_in(int year, int month) {
  constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  return month == 2 && leap ? 29 : kDays[month - 1];
}

// Days from 1970-01-01 in the proleptic Gregorian calendar.
std::int64_t days_from_civil(int year, int month, int day) {
  const int shifted = month > 2 ? year : year - 1;
  const int era = (shifted >= 0 ? shifted : shifted - 399) / 400;
  const int of_era = shifted - era * 400;
  const int of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
  const int whole = of_era * 365 + of_era / 4 - of_era / 100 + of_year;
  return std::int64_t{era} * 146097 + whole - 719468;
}

}  // namespace

bool is_registry_id(ByteView text) {
  constexpr std::size_t kMost = 64;
  if (text.empty() || text.size() > kMost) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::uint8_t c = text[i];
    const bool plain = is_digit(c) || (c >= 'a' && c <= 'z');
    if (!plain && (i == 0 || (c != '.' && c != '_' && c != '-'))) return false;
  }
  return true;
}

Result<std::int64_t> read_time(ByteView text) {
  if (text.size() != 20 || text[4] != '-' || text[7] != '-' || text[10] != 'T' || text[13] != ':' ||
      text[16] != ':' || text[19] != 'Z') {
    return Status::kInvalid;
  }
  const int year = number(text, 0, 4);
  const int month = number(text, 5, 2);
  const int day = number(text, 8, 2);
  const int hour = number(text, 11, 2);
  const int minute = number(text, 14, 2);
  const int second = number(text, 17, 2);
  if (year < 0 || month < 1 || month > 12 || day < 1 || day > days_in(year, month) || hour < 0 || hour > 23 ||
      minute < 0 || minute > 59 || second < 0 || second > 59) {
    return Status::kInvalid;
  }
  const int of_day = (hour * 60 + minute) * 60 + second;
  return days_from_civil(year, month, day) * 86400 + of_day;
}

bool read_scalar(Scanner& scanner, const Field& field, Scalar& out) {
  if (field.kind == FieldKind::boolean) {
    const bool yes = scanner.take("true");
    out.integer = yes ? 1 : 0;
    return yes || scanner.take("false");
  }
  if (field.kind == FieldKind::integer) {
    return scanner.integer(out.integer) && out.integer >= field.minimum() && out.integer <= field.maximum();
  }
  return scanner.text(out.text) && fits(field, out.text);
}

}  // namespace sceau::firmware::statement
