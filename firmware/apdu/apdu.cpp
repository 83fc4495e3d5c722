#include "apdu/apdu.h"

namespace sceau::firmware {

namespace {

// Le of one or two bytes; zero stands for the largest.
std::uint32_t read_le(ByteView bytes) {
  const std::uint32_t value = bytes.size() == 1 ? bytes[0] : load_be16(bytes.data());
  if (value != 0) return value;
  return bytes.size() == 1 ? 256 : 65536;
}

Result<Command> with_body(Command command, ByteView body, std::size_t length, std::size_t le_size) {
  if (body.size() != length && body.size() != length + le_size) return Status::kInvalid;
  command.data = body.first(length);
  if (body.size() != length) {
    command.expects = true;
    command.expected = read_le(body.subspan(length));
  }
  return command;
}

}  // namespace

Result<Command> parse_command(ByteView bytes) {
  if (bytes.size() < 4) return Status::kInvalid;
  Command command;
  command.cla = bytes[0];
  command.ins = bytes[1];
  command.p1 = bytes[2];
  command.p2 = bytes[3];
  const ByteView body = bytes.subspan(4);
  if (body.empty()) return command;  // case 1
  if (body.size() == 1) {            // case 2, short
    command.expects = true;
    command.expected = read_le(body);
    return command;
  }
  if (body[0] != 0) return with_body(command, body.subspan(1), body[0], 1);  // cases 3 and 4, short
  if (body.size() < 3) return Status::kInvalid;
  command.extended = true;
  if (body.size() == 3) {  // case 2, extended
    command.expects = true;
    command.expected = read_le(body.subspan(1));
    return command;
  }
  const std::size_t length = load_be16(body.data() + 1);
  if (length == 0) return Status::kInvalid;
  return with_body(command, body.subspan(3), length, 2);  // cases 3 and 4, extended
}

StatusWord status_word(Status status) {
  switch (status) {
    case Status::kOk:
      return sw::kOk;
    case Status::kInvalid:
      return sw::kWrongData;
    case Status::kTooLong:
      return sw::kWrongLength;
    case Status::kNotFound:
      return sw::kReferenceNotFound;
    case Status::kFull:
      return sw::kFull;
    case Status::kCorrupt:
    case Status::kHardware:
      return sw::kMemoryFailure;
  }
  return sw::kInternal;
}

}  // namespace sceau::firmware
