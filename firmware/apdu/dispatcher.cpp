#include "apdu/dispatcher.h"

namespace sceau::firmware {

namespace {

constexpr std::uint8_t kSelect = 0xA4;
constexpr std::uint8_t kGetResponse = 0xC0;
constexpr std::uint8_t kOwnClass = 0x80;
constexpr std::uint8_t kChained = 0x10;

std::size_t append_status(Writer& out, StatusWord word) {
  out.byte(static_cast<std::uint8_t>(word >> 8));
  out.byte(static_cast<std::uint8_t>(word & 0xFF));
  return out.size();
}

}  // namespace

void Dispatcher::drop_chain() {
  wipe(ByteSpan(bytes_).first(chain_size_));
  chain_size_ = 0;
  chaining_ = false;
}

void Dispatcher::drop_response() {
  wipe(ByteSpan(bytes_).first(response_size_));
  response_size_ = 0;
  response_sent_ = 0;
}

// GET RESPONSE, with the class that it must have, keeps the response.
ByteSpan Dispatcher::frame(ByteView header) {
  const bool fetches = header.size() >= 2 && header[0] == 0 && header[1] == kGetResponse;
  if (!fetches) drop_response();
  return unused();
}

// How much of the buffer the data of a command occupies, with all before it: nothing, when it lies elsewhere.
std::size_t Dispatcher::end_of(ByteView data) const {
  const auto begin = reinterpret_cast<std::uintptr_t>(bytes_.data());
  const auto end = reinterpret_cast<std::uintptr_t>(data.data()) + data.size();
  const bool here = !data.empty() && end > begin && end <= begin + bytes_.size();
  return here ? end - begin : 0;
}

void Dispatcher::reset() {
  drop_chain();
  drop_response();
  if (selected_ != nullptr) selected_->deselect();
  selected_ = applications_.empty() ? nullptr : applications_.front();
}

std::size_t Dispatcher::exchange(ByteView in, ByteSpan out) {
  Writer writer(out);
  const Result<Command> command = parse_command(in);
  StatusWord word = sw::kWrongLength;
  if (command.ok() && !(short_only_ && command.value().extended)) {
    word = handle(command.value(), writer);
  } else {
    drop_chain();
    drop_response();
  }
  const std::size_t size = append_status(writer, word);
  if (!writer.overflowed()) return size;
  writer.clear();
  return append_status(writer, sw::kInternal);
}

std::size_t Dispatcher::too_long(ByteSpan out) {
  drop_chain();
  drop_response();
  Writer writer(out);
  return append_status(writer, sw::kWrongLength);
}

StatusWord Dispatcher::handle(const Command& command, Writer& out) {
  // What interrupts a chain drops it, and then stands on its own.
  if (chaining_ && !continues_chain(command)) drop_chain();
  const bool own_class =
      (command.cla & ~kChained) == kOwnClass && selected_ != nullptr && selected_->takes_own_class();
  if (command.ins == kGetResponse && (command.cla == 0 || (own_class && !command.chained())))
    return get_response(command, out);
  drop_response();
  StatusWord refusal = 0;
  if ((command.cla & 0xE0) != 0 && !own_class) {
    refusal = sw::kClass;
  } else if ((command.cla & 0x0C) != 0) {
    refusal = sw::kSecureMessagingNotSupported;
  } else if ((command.cla & 0x03) != 0) {
    refusal = sw::kChannelNotSupported;
  }
  if (refusal != 0) {
    drop_chain();
    return refusal;
  }
  if (command.chained() || chaining_) return handle_chain(command, out);
  return run(command, out);
}

bool Dispatcher::continues_chain(const Command& command) const {
  return command.ins == chain_header_.ins && command.p1 == chain_header_.p1 && command.p2 == chain_header_.p2;
}

StatusWord Dispatcher::handle_chain(const Command& command, Writer& out) {
  if (!chaining_ && command.ins == kSelect) return sw::kWrongP1P2;
  if (command.data.size() > kMaxData - chain_size_) {
    drop_chain();
    return sw::kWrongLength;
  }
  copy(command.data, ByteSpan(bytes_).subspan(chain_size_));
  chain_size_ += command.data.size();
  chaining_ = true;
  chain_header_ = command;
  if (command.chained()) return sw::kOk;

  Command whole = command;
  whole.data = ByteView(bytes_).first(chain_size_);
  chaining_ = false;
  return run(whole, out);
}

StatusWord Dispatcher::run(const Command& command, Writer& out) {
  if (command.data.size() > kMaxData) {
    drop_chain();
    return sw::kWrongLength;
  }
  const StatusWord word = run_selected(command);
  if (word != sw::kOk) {
    drop_response();
    return word;
  }
  return send(command.expected, word, out);
}

// Afterwards the response is at the front, and nothing is left of the command.
StatusWord Dispatcher::run_selected(const Command& command) {
  const std::size_t data_end = end_of(command.data);
  const std::size_t used = data_end > chain_size_ ? data_end : chain_size_;
  const ByteSpan room = ByteSpan(bytes_).subspan(used);
  Writer response(room.first(room.size() < kMaxResponse ? room.size() : kMaxResponse));
  StatusWord word = sw::kInstruction;
  if (command.ins == kSelect) {
    word = select(command, response);
  } else if (selected_ != nullptr) {
    word = selected_->process(command, response);
  }
  if (response.overflowed()) word = sw::kInternal;
  copy(response.written(), bytes_);
  response_size_ = response.size();
  chain_size_ = 0;
  wipe(ByteSpan(bytes_).subspan(response_size_, used));
  return word;
}

StatusWord Dispatcher::select(const Command& command, Writer& response) {
  if (command.p1 != 0x04 || (command.p2 & 0xF3) != 0) return sw::kWrongP1P2;
  for (Application* application : applications_) {
    const ByteView aid = application->aid();
    const ByteView asked = command.data;
    if (asked.size() < application->shortest_aid() || asked.size() > aid.size() ||
        !equal(asked, aid.first(asked.size()))) {
      continue;
    }
    const bool again = selected_ == application;
    if (selected_ != nullptr && !again) selected_->deselect();
    selected_ = application;
    const StatusWord word = application->select(again, response);
    const bool no_answer_wanted = command.p2 == 0x0C;
    if (no_answer_wanted && !response.overflowed()) response.clear();
    return word;
  }
  return sw::kNotFound;
}

StatusWord Dispatcher::get_response(const Command& command, Writer& out) {
  if (command.p1 != 0 || command.p2 != 0) return sw::kWrongP1P2;
  if (!command.data.empty()) return sw::kWrongLength;
  if (response_sent_ >= response_size_) return sw::kConditions;
  return send(command.expected, sw::kOk, out);
}

// As much of the response as the host takes; the rest waits for GET RESPONSE.
StatusWord Dispatcher::send(std::uint32_t expected, StatusWord word, Writer& out) {
  const std::size_t left = response_size_ - response_sent_;
  const std::size_t now = left < expected ? left : expected;
  out.bytes(ByteView(bytes_).subspan(response_sent_, now));
  response_sent_ += now;
  if (now == left) {
    drop_response();
    return word;
  }
  const std::size_t remaining = left - now;
  return static_cast<StatusWord>(sw::kBytesRemain | (remaining < 256 ? remaining : 0));
}

}  // namespace sceau::firmware
