// CBOR as CTAP takes it: whatever check_cbor() takes has one spelling, which the writer gives back.
#include "fido/cbor.h"

#include <vector>

#include "fuzz.h"
#include "targets.h"

namespace sceau::fuzz {
namespace {

// Writes the items of `reader` anew, one after the other.
void spell(firmware::fido::CborReader& reader, firmware::fido::CborWriter& cbor) {
  using firmware::fido::CborType;
  while (!reader.done()) {
    switch (reader.type()) {
      case CborType::kUnsigned:
      case CborType::kNegative: {
        const auto value = reader.integer();
        if (!value.ok()) return;  // beyond what any command has
        cbor.integer(value.value());
        break;
      }
      case CborType::kBytes:
        cbor.bytes(reader.bytes().value());
        break;
      case CborType::kText:
        cbor.text(reader.text().value());
        break;
      case CborType::kArray:
        cbor.array(reader.array().value());
        break;
      case CborType::kMap:
        cbor.map(reader.map().value());
        break;
      default: {
        const auto value = reader.boolean();
        if (!value.ok()) return;  // null and undefined, which the writer has none of
        cbor.boolean(value.value());
      }
    }
  }
}

}  // namespace

void cbor(ByteView input) {
  const bool taken = firmware::fido::check_cbor(input) == firmware::fido::CtapStatus::kSuccess;
  firmware::fido::CborReader whole(input);
  const std::size_t size = whole.item().size();
  require(size <= input.size(), "an item longer than its message");
  if (!taken) return;
  require(size == input.size(), "something behind the only item");
  Bytes buffer(input.size() + 16);
  firmware::Writer out(buffer);
  firmware::fido::CborWriter writer(out);
  firmware::fido::CborReader reader(input);
  spell(reader, writer);
  require(!out.overflowed(), "a shorter spelling");
  require(firmware::equal(out.written(), input.first(out.size())), "another spelling");
  require(!reader.done() || out.size() == input.size(), "a longer spelling");
}

}  // namespace sceau::fuzz
