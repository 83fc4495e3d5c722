#include "sceau/evidence/attestation_object.h"

#include <set>

namespace sceau::evidence {
namespace {

constexpr std::int64_t kEs256 = -7;  // RFC 9053, section 2.1
constexpr unsigned kUnsigned = 0, kNegative = 1, kByteString = 2, kText = 3, kArray = 4, kMap = 5;
constexpr std::uint64_t kMostItems = 8;

Error unreadable(const std::string& what) {
  return {ErrorKind::invalid, "reading a browser's attestation object: " + what};
}
Error not_believed(const std::string& what) {
  return {ErrorKind::refused, "reading a browser's attestation object: " + what};
}

// Takes one item after the other from the front.
class Reader {
 public:
  explicit Reader(ByteView bytes) : rest_(bytes) {}

  // The argument of an item of this major type.
  Result<std::uint64_t> head(unsigned type) {
    if (rest_.empty()) return unreadable("it ends too early");
    const unsigned first = rest_.front(), short_value = first & 0x1FU;
    rest_ = rest_.subspan(1);
    if (first >> 5U != type) return unreadable("an item is of another type than it should be");
    if (short_value < 24) return std::uint64_t{short_value};
    if (short_value > 26) return unreadable("a length is indefinite, or larger than anything here");
    const std::size_t size = std::size_t{1} << (short_value - 24);
    if (rest_.size() < size) return unreadable("it ends too early");
    std::uint64_t value = 0;
    for (const std::uint8_t byte : rest_.first(size)) value = value << 8U | byte;
    rest_ = rest_.subspan(size);
    const std::uint64_t least = size == 1 ? 24 : size == 2 ? 0x100 : 0x10000;
    if (value < least) return unreadable("a number is not in its shortest form");
    return value;
  }
  Result<ByteView> string(unsigned type) {
    auto size = head(type);
    if (!size) return size.error();
    if (*size > rest_.size()) return unreadable("it ends too early");
    const ByteView content = rest_.first(*size);
    rest_ = rest_.subspan(*size);
    return content;
  }
  Result<std::string> text() {
    auto content = string(kText);
    if (!content) return content.error();
    return to_text(*content);
  }
  Result<Bytes> bytes() {
    auto content = string(kByteString);
    if (!content) return content.error();
    return to_bytes(*content);
  }
  Result<std::int64_t> integer() {
    const bool negative = !rest_.empty() && rest_.front() >> 5U == kNegative;
    auto value = head(negative ? kNegative : kUnsigned);
    if (!value) return value.error();
    const auto small = static_cast<std::int64_t>(*value);
    return negative ? -1 - small : small;
  }
  // Calls `member` with each key of a map; it takes the value.
  template <typename Member>
  Status map(const Member& member) {
    auto count = head(kMap);
    if (!count) return count.error();
    if (*count > kMostItems) return unreadable("it has more fields than are known");
    std::set<std::string> seen;
    for (std::uint64_t i = 0; i < *count; ++i) {
      auto key = text();
      if (!key) return key.error();
      if (!seen.insert(*key).second) return unreadable("a field is there twice");
      if (Status taken = member(*key); !taken) return taken;
    }
    return {};
  }
  [[nodiscard]] bool at_end() const { return rest_.empty(); }

 private:
  ByteView rest_;
};

template <typename T>
Status take(Result<T> value, T& into) {
  if (!value) return value.error();
  into = std::move(*value);
  return {};
}

struct Object {
  std::string format;
  std::int64_t algorithm = 0;
  FidoAttestation attestation;
};

Status read_certificates(Reader& reader, std::vector<Bytes>& certificates) {
  auto count = reader.head(kArray);
  if (!count) return count.error();
  if (*count == 0 || *count > max_attestation_certificates)
    return unreadable("it has no certificate, or more than 4");
  for (std::uint64_t i = 0; i < *count; ++i) {
    if (auto taken = take(reader.bytes(), certificates.emplace_back()); !taken) return taken;
  }
  return {};
}

Status read_statement(Reader& reader, Object& object) {
  return reader.map([&](const std::string& key) -> Status {
    if (key == "alg") return take(reader.integer(), object.algorithm);
    if (key == "sig") return take(reader.bytes(), object.attestation.signature);
    if (key == "x5c") return read_certificates(reader, object.attestation.certificates);
    return unreadable("its attestation has a field that \"packed\" does not have: use another model of key");
  });
}

}  // namespace

Result<FidoAttestation> read_attestation_object(ByteView bytes, Bytes client_data) {
  if (bytes.size() > max_attestation_object_bytes) return unreadable("it is larger than any is");
  Reader reader(bytes);
  Object object;
  auto read = reader.map([&](const std::string& key) -> Status {
    if (key == "fmt") return take(reader.text(), object.format);
    if (key == "attStmt") return read_statement(reader, object);
    if (key == "authData") return take(reader.bytes(), object.attestation.authenticator_data);
    return unreadable("it has a field that is not known");
  });
  if (!read) return read.error();
  if (!reader.at_end()) return unreadable("something follows it");
  if (object.attestation.authenticator_data.empty()) return unreadable("it has no authenticator data");
  object.attestation.client_data = std::move(client_data);
  const bool unsigned_one = object.attestation.signature.empty() && object.attestation.certificates.empty();
  if (object.format == "none") {
    if (unsigned_one) return std::move(object.attestation);
    return unreadable("it says that nobody attests the key, and has an attestation");
  }
  if (object.format != "packed")
    return not_believed("it attests in another format than \"packed\": use another model of key");
  if (object.algorithm != kEs256 || object.attestation.signature.empty())
    return not_believed("its attestation is not signed with ES256: use another model of key");
  return std::move(object.attestation);
}

}  // namespace sceau::evidence
