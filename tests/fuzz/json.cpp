// Canonical JSON and what is read from it: one value has one spelling, what is read is written the same, and
// the token takes exactly the statements that the host takes, and shows the lines that the host expects.
#include "fuzz.h"
#include "sceau/client/enrolment.h"
#include "sceau/client/receipt.h"
#include "sceau/registry/host_copy.h"
#include "sceau/statement/lines.h"
#include "sceau/statement/schema.h"
#include "sceau/statement/statement.h"
#include "statement/lines.h"
#include "targets.h"

namespace sceau::fuzz {
namespace {

constexpr std::size_t kMost = 65536;

// What the token's display would show.
class Lines final : public firmware::statement::LineSink {
 public:
  void line(std::string_view text) override {
    require(text.size() <= firmware::statement::kLineBytes, "a line longer than the display");
    all.append(text) += '\n';
  }
  std::string all;
};

void read_as_statement(ByteView text) {
  const auto read = statement::read_statement(text);
  const auto by_token = firmware::statement::read_statement(text);
  const bool for_tokens = read.ok() && statement::tokens_read(read->type, read->body);
  require(for_tokens == by_token.ok(),
          "a statement that the host takes and the token does not, or the other way");
  if (!for_tokens) return;
  Lines lines;
  firmware::statement::write_lines(by_token.value(), nullptr, lines);
  require(lines.all == statement::shown_lines(*read),
          "lines that the host works out otherwise than the token");
  const auto written = statement::write_statement(*read);
  require(written && *written == to_bytes(text), "a statement with two spellings");
  require(statement::validate(read->type, read->body).ok(), "a statement read against its own schema");
}

void read_as_value(ByteView text) {
  const auto value = statement::parse_canonical(text);
  if (!value) return;
  require(statement::to_canonical_bytes(*value) == to_bytes(text), "a canonical value with two spellings");
  require(statement::check_value(*value).ok(), "a canonical value that breaks its rules");
  require(text.size() <= statement::Limits{}.bytes, "a value beyond its limit");
  for (const statement::TypeInfo& type : statement::all_types())
    static_cast<void>(statement::validate(type, *value));
}

void read_from_the_wire(ByteView text) {
  const auto value = statement::parse_wire(text, kMost);
  if (!value) return;
  require(statement::to_canonical_bytes(*value) == to_bytes(text), "a message with two spellings");
  static_cast<void>(client::read_receipt(*value));
}

void read_as_documents(ByteView text) {
  if (const auto copy = registry::read_host_copy(text))
    require(registry::write_host_copy(*copy) == to_bytes(text), "a host's copy with two spellings");
  if (const auto both = registry::read_signed_host_copy(text))
    require(registry::write_signed_host_copy(both->copy, both->evidence) == to_bytes(text),
            "a signed host's copy with two spellings");
  if (const auto enrolment = client::read_enrolment(text))
    require(client::write_enrolment(*enrolment) == to_bytes(text), "an enrolment with two spellings");
}

}  // namespace

void json(ByteView input) {
  read_as_value(input);
  read_as_statement(input);
  read_from_the_wire(input);
  read_as_documents(input);
}

}  // namespace sceau::fuzz
