#include "statement/lines.h"

#include "crypto/hash.h"

namespace sceau::firmware::statement {

namespace {

constexpr std::size_t kGroup = 16;  // hexadecimal characters of a digest between spaces

class BodyWriter final : public Visitor {
 public:
  BodyWriter(LineWriter& out, bool decision) : out_(out), decision_(decision) {}

  void scalar(Way way, const Field& field, const Scalar& value) override {
    if (!shown(way)) return;
    write_label(way);
    write_value(field, value);
    out_.end();
  }
  void empty_list(Way way, const Field&) override {
    if (!shown(way)) return;
    write_label(way);
    out_.put("none");
    out_.end();
  }

 private:
  bool shown(Way way) const {
    if (way.size() < 2 || way[0].field->name != "body") return false;
    const std::string_view name = way[1].field->name;
    return !decision_ || (name != "request" && name != "evidence");
  }

  // "keys 2 public key: "
  void write_label(Way way) {
    for (const Step& step : way.subspan(1)) {
      if (step.list) {
        out_.put(" ");
        out_.put_number(step.count);
        continue;
      }
      if (&step != &way[1]) out_.put(" ");
      for (const char c : step.field->name)
        out_.put(c == '_' ? std::string_view(" ") : std::string_view(&c, 1));
    }
    out_.put(": ");
  }

  void write_value(const Field& field, const Scalar& value) {
    switch (field.kind) {
      case FieldKind::text:
        out_.put("\"");
        out_.put_text(value.text.raw);
        out_.put("\"");
        break;
      case FieldKind::digest:
        write_groups(as_text(value.text.raw));
        break;
      case FieldKind::base64:
        write_base64(value.text.raw);
        break;
      case FieldKind::boolean:
        out_.put(value.integer != 0 ? "yes" : "no");
        break;
      case FieldKind::integer:
        if (value.integer < 0) out_.put("-");
        out_.put_number(static_cast<std::uint64_t>(value.integer < 0 ? -value.integer : value.integer));
        break;
      default:
        out_.put(value.text.raw.empty() ? std::string_view("none") : as_text(value.text.raw));
    }
  }

  void write_groups(std::string_view hexadecimal) {
    for (std::size_t at = 0; at < hexadecimal.size(); at += kGroup) {
      if (at != 0) out_.put(" ");
      out_.put(hexadecimal.substr(at, kGroup));
    }
  }

  void write_base64(ByteView characters) {
    out_.put_number(characters.size());
    out_.put(" characters, SHA-256 ");
    const Result<Hash> hash = sha256({characters});
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::array<char, 2 * kGroup> text{};
    for (std::size_t i = 0; hash.ok() && i < kGroup; ++i) {
      text[2 * i] = kDigits[hash.value()[i] >> 4U];
      text[2 * i + 1] = kDigits[hash.value()[i] & 0x0FU];
    }
    write_groups({text.data(), text.size()});
  }

  LineWriter& out_;
  bool decision_;
};

void write_one(const Statement& statement, bool decision, LineWriter& out) {
  out.put(statement.type->title);
  out.end();
  out.field("by", as_text(statement.by));
  out.put("ledger: \"");
  out.put_text(statement.realm.raw);
  out.put("\"");
  out.end();
  out.field("from", as_text(statement.at));
  out.field("until", as_text(statement.until));
  BodyWriter body(out, decision);
  visit(statement, body);
}

}  // namespace

void write_lines(const Statement& statement, const Statement* request, LineSink& sink) {
  LineWriter out(sink);
  write_one(statement, request != nullptr, out);
  if (request == nullptr) {
    out.field("signatures", "1 with yours");
    return;
  }
  out.put("-- the request: --");
  out.end();
  write_one(*request, false, out);
  out.field("signatures", "2 with yours");
}

}  // namespace sceau::firmware::statement
