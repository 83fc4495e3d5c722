#include "board/bridge/bridged_token.h"

#include <algorithm>
#include <atomic>
#include <string>
#include <string_view>

namespace sceau::firmware::bridge {

using mps2::Mailbox;
using mps2::Ring;

bool BridgedToken::prepare(host::HostBoard& board, SharedMemory& memory, bool short_only) {
  Mailbox& mailbox = memory.mailbox();
  mailbox = Mailbox{};
  copy(board.unique_secret(), mailbox.secret);
  mailbox.serial = board.serial();
  const Maker& maker = *board.maker();
  mailbox.flags = mps2::kFlagMaker | (short_only ? mps2::kFlagShortOnly : 0);
  mailbox.maker_name_size = static_cast<std::uint32_t>(maker.name().size());
  copy(maker.name(), mailbox.maker_name);
  copy(maker.key_identifier(), mailbox.maker_key_identifier);
  mailbox.magic = mps2::kMailboxMagic;
  return board.random(mailbox.seed) == Status::kOk;
}

bool BridgedToken::start() {
  if (!await(Ring::kReady, true)) return false;
  const auto status = static_cast<Status>(memory_.mailbox().start_status);
  if (status == Status::kOk) return true;
  error_ =
      status == Status::kCorrupt
          ? "the firmware cannot start: its flash does not belong to its secret; put the right .fuses back"
          : "the firmware cannot start from this flash (status " +
                std::to_string(memory_.mailbox().start_status) + "): use another file";
  return false;
}

std::vector<std::uint8_t> BridgedToken::answer_to_reset() const {
  const Mailbox& mailbox = memory_.mailbox();
  const auto size = std::min<std::size_t>(mailbox.answer_to_reset_size, mailbox.answer_to_reset.size());
  return {mailbox.answer_to_reset.begin(), mailbox.answer_to_reset.begin() + static_cast<long>(size)};
}

std::optional<std::vector<std::uint8_t>> BridgedToken::exchange(ByteView command) {
  Mailbox& mailbox = memory_.mailbox();
  if (command.size() > mailbox.command.size()) return too_long();
  copy(command, mailbox.command);
  mailbox.command_size = static_cast<std::uint32_t>(command.size());
  return converse(Ring::kCommand);
}

std::optional<std::vector<std::uint8_t>> BridgedToken::converse(Ring question) {
  std::atomic_thread_fence(std::memory_order_seq_cst);
  machine_.ring(question);
  if (!await(Ring::kAnswer, false)) return std::nullopt;
  Mailbox& mailbox = memory_.mailbox();
  const auto size = std::min<std::size_t>(mailbox.answer_size, mailbox.answer.size());
  std::vector<std::uint8_t> answer(mailbox.answer.begin(), mailbox.answer.begin() + static_cast<long>(size));
  wipe(ByteSpan(mailbox.answer).first(size));
  stack_used_ = mailbox.stack_used;
  return answer;
}

bool BridgedToken::take_kept(Ring wanted) {
  const auto found = std::find(kept_.begin(), kept_.end(), wanted);
  if (found == kept_.end()) return false;
  kept_.erase(found);
  return true;
}

// Whether nothing more will come; error() tells.
bool BridgedToken::is_end(Ring ring) {
  switch (ring) {
    case Ring::kOlder:
      error_ = "the loader refuses firmware that is older than one that ran before";
      return true;
    case Ring::kNotSigned:
      error_ = "the loader finds no firmware with a good signature: give --firmware";
      return true;
    case Ring::kFault:
      error_ = "the board's processor stopped at a fault: restart it";
      return true;
    default:
      return false;
  }
}

// What is looked at later. Whether it was that.
bool BridgedToken::note(Ring ring) {
  if (ring == Ring::kAnswer || ring == Ring::kMoved) {
    kept_.push_back(ring);
  } else if (ring == Ring::kTouch) {
    touch_asked_ = true;
    touch_over_ = false;
  } else if (ring == Ring::kTouchOver) {
    touch_over_ = true;
  } else {
    return false;
  }
  return true;
}

// Serves what the firmware asks meanwhile. A transfer is moved at once, whatever else the firmware does: no
// touch is waited for during one.
bool BridgedToken::await(Ring wanted, bool stoppable) {
  while (!take_kept(wanted)) {
    if (touch_asked_ && wanted != Ring::kMoved) {
      touch_asked_ = false;
      machine_.ring(touch());
      continue;
    }
    const std::optional<Ring> ring = machine_.wait(patience_, stoppable);
    std::atomic_thread_fence(std::memory_order_seq_cst);
    if (ring == wanted) return true;
    if (!ring && machine_.why() == Machine::Silence::kStopped) return false;
    if (!ring) {
      error_ = machine_.why() == Machine::Silence::kTimedOut
                   ? "the board says nothing any more, and asked for no time extension: restart it"
                   : "the board's machine has ended: restart it; what it had answered is kept";
      return false;
    }
    if (is_end(*ring)) return false;
    if (note(*ring)) continue;
    serve(*ring);
    // Not while a transfer is moved, which is what serving them does.
    const bool may_serve = wanted == Ring::kAnswer && others_ != nullptr;
    if (may_serve && *ring == Ring::kTimeExtension) static_cast<void>(others_->go_on());
  }
  return true;
}

bool BridgedToken::listen() {
  while (error_.empty()) {
    if (touch_asked_) {
      touch_asked_ = false;
      machine_.ring(touch());
    }
    const std::optional<Ring> ring = machine_.wait(0, false);
    std::atomic_thread_fence(std::memory_order_seq_cst);
    if (!ring && machine_.why() == Machine::Silence::kTimedOut) return true;
    if (!ring) error_ = "the board's machine has ended: restart it; what it had answered is kept";
    if (!ring || is_end(*ring)) break;
    if (!note(*ring)) serve(*ring);
  }
  return false;
}

bool BridgedToken::go_on() {
  for (;;) {
    const std::optional<Ring> ring = machine_.wait(0, false);
    if (!ring) return !touch_over_ && machine_.why() == Machine::Silence::kTimedOut;
    if (is_end(*ring)) return false;
    if (!note(*ring)) serve(*ring);
  }
}

usb::Transfer BridgedToken::transfer(mps2::TransferKind kind, std::uint8_t endpoint, const usb::Setup& setup,
                                     ByteView out, ByteSpan in) {
  mps2::UsbTransfer& transfer = memory_.mailbox().transfer;
  const std::size_t room = transfer.data.size();
  if (out.size() > room || !error_.empty()) return {};
  transfer.kind = kind;
  transfer.endpoint = endpoint;
  transfer.setup = {setup.type, setup.request};
  store_le16(transfer.setup.data() + 2, setup.value);
  store_le16(transfer.setup.data() + 4, setup.index);
  store_le16(transfer.setup.data() + 6, setup.length);
  copy(out, transfer.data);
  const bool inward = kind == mps2::TransferKind::kIn || setup.to_host();
  const std::size_t most = inward ? std::min(in.size(), room) : out.size();
  transfer.size = static_cast<std::uint32_t>(most);
  std::atomic_thread_fence(std::memory_order_seq_cst);
  machine_.ring(Ring::kTransfer);
  if (!await(Ring::kMoved, false)) return {};
  stack_used_ = memory_.mailbox().stack_used;
  const std::uint32_t outcome = transfer.outcome;
  const std::size_t size = transfer.size;
  const bool believable = size <= most && outcome <= static_cast<std::uint32_t>(usb::Outcome::kStall);
  const bool done = believable && outcome == static_cast<std::uint32_t>(usb::Outcome::kDone);
  if (inward && done) copy(ByteView(transfer.data).first(size), in);
  wipe(transfer.data);
  if (!believable) return {};
  return {static_cast<usb::Outcome>(outcome), size};
}

void BridgedToken::serve(Ring ring) {
  switch (ring) {
    case Ring::kTimeExtension:
      extensions_ += 1;
      break;
    case Ring::kDisplay:
      show();
      break;
    case Ring::kMaker:
      sign();
      break;
    default:
      break;
  }
}

void BridgedToken::show() {
  const Mailbox& mailbox = memory_.mailbox();
  const auto size = std::min<std::size_t>(mailbox.lines_size, mailbox.lines.size());
  std::string_view rest(reinterpret_cast<const char*>(mailbox.lines.data()), size);
  std::vector<std::string_view> lines;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    lines.push_back(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  board_.display(lines);
}

Ring BridgedToken::touch() {
  switch (board_.wait_for_touch_while(memory_.mailbox().touch_milliseconds, *this)) {
    case Touch::kTouched:
      return Ring::kTouched;
    case Touch::kDenied:
      return Ring::kDenied;
    case Touch::kTimedOut:
      break;
  }
  return Ring::kTimedOut;
}

void BridgedToken::sign() {
  Mailbox& mailbox = memory_.mailbox();
  const Result<std::size_t> size = board_.maker()->sign(mailbox.hash, mailbox.signature);
  mailbox.signature_size = size.ok() ? static_cast<std::uint32_t>(size.value()) : 0;
  std::atomic_thread_fence(std::memory_order_seq_cst);
  machine_.ring(Ring::kSigned);
}

}  // namespace sceau::firmware::bridge
