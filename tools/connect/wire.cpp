#include "wire.h"

namespace sceau::connect {
namespace {

constexpr std::uint32_t kCancelCode = 80877102, kEncryptionCode = 80877103, kGssCode = 80877104;

std::uint32_t big_endian(std::string_view bytes) {
  std::uint32_t value = 0;
  for (const char byte : bytes) value = value << 8U | static_cast<unsigned char>(byte);
  return value;
}

Error broken(const std::string& what) {
  return {ErrorKind::invalid, "reading the protocol: " + what + ": is this a PostgreSQL client?"};
}

Result<std::vector<bool>> formats(Fields& fields) {
  const auto count = static_cast<std::uint16_t>(fields.int16());
  if (fields.short_of() || std::size_t{2} * count > fields.left())
    return broken("more format codes than bytes");
  std::vector<bool> list;
  list.reserve(count);
  for (unsigned i = 0; i < count; ++i) {
    const auto code = fields.int16();
    if (code != 0 && code != 1) return broken("a format code that is neither text nor binary");
    list.push_back(code == 1);
  }
  return list;
}

Result<Opening> read_startup(Fields& fields, Opening opening) {
  for (;;) {
    const std::string name = fields.text();
    if (fields.short_of()) return broken("a startup message without its end");
    if (name.empty()) break;
    std::string value = fields.text();
    if (fields.short_of() || opening.parameters.size() >= 100)
      return broken("a startup message of odd parts");
    opening.parameters[name] = std::move(value);
  }
  if (auto ended = fields.finish("a startup message"); !ended) return ended.error();
  return opening;
}

}  // namespace

std::string_view Fields::take(std::size_t count) {
  if (count > rest_.size()) {
    short_ = true;
    rest_ = {};
    return {};
  }
  const auto part = rest_.substr(0, count);
  rest_.remove_prefix(count);
  return part;
}

std::uint8_t Fields::byte() { return static_cast<std::uint8_t>(big_endian(take(1))); }
std::int16_t Fields::int16() { return static_cast<std::int16_t>(big_endian(take(2))); }
std::int32_t Fields::int32() { return static_cast<std::int32_t>(big_endian(take(4))); }
std::string Fields::bytes(std::size_t count) { return std::string(take(count)); }

std::string Fields::text() {
  const auto end = rest_.find('\0');
  if (end == std::string_view::npos) {
    short_ = true;
    rest_ = {};
    return {};
  }
  std::string found(rest_.substr(0, end));
  rest_.remove_prefix(end + 1);
  return found;
}

Status Fields::finish(std::string_view what) const {
  if (short_) return broken(std::string(what) + " that is shorter than it says");
  if (!rest_.empty()) return broken(std::string(what) + " with bytes left over");
  return {};
}

void MessageReader::taken(std::size_t bytes) {
  at_ += bytes;
  if (at_ == held_.size()) {
    held_.clear();
    at_ = 0;
  } else if (at_ > 65536) {
    held_.erase(0, at_);
    at_ = 0;
  }
}

Result<std::optional<Opening>> MessageReader::opening() {
  const std::string_view bytes = std::string_view(held_).substr(at_);
  if (bytes.size() < 4) return std::optional<Opening>();
  const std::uint32_t length = big_endian(bytes.substr(0, 4));
  if (length < 8 || length > kLongestStartup) return broken("a first message of impossible length");
  if (bytes.size() < length) return std::optional<Opening>();
  auto read = read_opening(bytes.substr(4, length - 4));
  if (!read) return read.error();
  taken(length);
  return std::optional<Opening>(std::move(*read));
}

Result<std::optional<Message>> MessageReader::message(std::size_t longest) {
  const std::string_view bytes = std::string_view(held_).substr(at_);
  if (bytes.size() < 5) return std::optional<Message>();
  const std::uint32_t length = big_endian(bytes.substr(1, 4));
  if (length < 4) return broken("a message of impossible length");
  if (length > longest) {
    return Error{ErrorKind::invalid, "reading the protocol: a message of " + std::to_string(length) +
                                         " bytes, where " + std::to_string(longest) + " are taken"};
  }
  if (bytes.size() < length + 1U) return std::optional<Message>();
  Message message{bytes.front(), std::string(bytes.substr(5, length - 4))};
  taken(length + 1U);
  return std::optional<Message>(std::move(message));
}

Result<Opening> read_opening(std::string_view packet) {
  Fields fields(packet);
  Opening opening;
  opening.protocol = static_cast<std::uint32_t>(fields.int32());
  if (opening.protocol == kEncryptionCode || opening.protocol == kGssCode) {
    opening.kind = Opening::Kind::encryption;
    if (auto ended = fields.finish("a request for encryption"); !ended) return ended.error();
    return opening;
  }
  if (opening.protocol == kCancelCode) {
    opening.kind = Opening::Kind::cancel;
    opening.process = fields.int32();
    opening.key = fields.int32();
    if (auto ended = fields.finish("a request to cancel"); !ended) return ended.error();
    return opening;
  }
  if (opening.protocol >> 16U != kProtocol >> 16U) return broken("another protocol than 3.0");
  return read_startup(fields, std::move(opening));
}

Result<ParseMessage> read_parse(std::string_view body) {
  Fields fields(body);
  ParseMessage message{fields.text(), fields.text(), {}};
  const auto count = static_cast<std::uint16_t>(fields.int16());
  if (fields.short_of() || count > kMostParameters || std::size_t{4} * count > fields.left())
    return broken("a Parse message with more types than bytes");
  message.types.reserve(count);
  for (unsigned i = 0; i < count; ++i) message.types.push_back(static_cast<std::uint32_t>(fields.int32()));
  if (auto ended = fields.finish("a Parse message"); !ended) return ended.error();
  return message;
}

Result<BindMessage> read_bind(std::string_view body) {
  Fields fields(body);
  BindMessage message{fields.text(), fields.text(), {}, {}, {}};
  auto codes = formats(fields);
  if (!codes) return codes.error();
  message.binary = std::move(*codes);
  const auto count = static_cast<std::uint16_t>(fields.int16());
  if (fields.short_of() || count > kMostParameters || std::size_t{4} * count > fields.left())
    return broken("a Bind message with more values than bytes");
  if (message.binary.size() > 1 && message.binary.size() != count)
    return broken("a Bind message with another number of formats than of values");
  message.values.reserve(count);
  for (unsigned i = 0; i < count; ++i) {
    const auto length = fields.int32();
    if (fields.short_of() || length < -1 || (length > 0 && static_cast<std::size_t>(length) > fields.left()))
      return broken("a Bind message with a value longer than it");
    message.values.push_back(length < 0 ? Value() : Value(fields.bytes(static_cast<std::size_t>(length))));
  }
  codes = formats(fields);
  if (!codes) return codes.error();
  message.results_binary = std::move(*codes);
  if (auto ended = fields.finish("a Bind message"); !ended) return ended.error();
  return message;
}

Result<NamedMessage> read_named(std::string_view body) {
  Fields fields(body);
  NamedMessage message{static_cast<char>(fields.byte()), fields.text()};
  if (auto ended = fields.finish("a Describe or Close message"); !ended) return ended.error();
  if (message.kind != 'S' && message.kind != 'P') return broken("a Describe or Close of neither S nor P");
  return message;
}

Result<ExecuteMessage> read_execute(std::string_view body) {
  Fields fields(body);
  ExecuteMessage message{fields.text(), fields.int32()};
  if (auto ended = fields.finish("an Execute message"); !ended) return ended.error();
  return message;
}

Result<SaslMessage> read_sasl(std::string_view body) {
  Fields fields(body);
  SaslMessage message{fields.text(), {}};
  const auto length = fields.int32();
  if (fields.short_of() || length < 0 || static_cast<std::size_t>(length) != fields.left())
    return broken("a first answer of SASL without its content");
  message.data = fields.bytes(static_cast<std::size_t>(length));
  return message;
}

Result<std::string> read_text(std::string_view body) {
  Fields fields(body);
  std::string text = fields.text();
  if (auto ended = fields.finish("a message"); !ended) return ended.error();
  return text;
}

bool format_of(const std::vector<bool>& formats, std::size_t index) {
  if (formats.empty()) return false;
  return formats.size() == 1 ? formats.front() : index < formats.size() && formats[index];
}

}  // namespace sceau::connect
