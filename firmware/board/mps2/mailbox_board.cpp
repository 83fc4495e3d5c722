#include "board/mps2/mailbox_board.h"

#include "board/mps2/clock.h"
#include "board/mps2/doorbell.h"
#include "board/mps2/stack.h"

#include "crypto/hash.h"

extern "C" {
extern const std::uint8_t link_image_begin, link_image_end;  // from the linker script
}

namespace sceau::firmware::mps2 {

namespace {

ByteView image() {
  const auto begin = reinterpret_cast<std::uintptr_t>(&link_image_begin);
  const auto end = reinterpret_cast<std::uintptr_t>(&link_image_end);
  return {&link_image_begin, static_cast<std::size_t>(end - begin)};
}

}  // namespace

bool MailboxMaker::take() {
  const std::size_t size = mailbox_.maker_name_size;
  if ((mailbox_.flags & kFlagMaker) == 0 || size > mailbox_.maker_name.size()) return false;
  name_size_ = size;
  return true;
}

Result<std::size_t> MailboxMaker::sign(ByteView hash, ByteSpan signature) {
  if (hash.size() != mailbox_.hash.size()) return Status::kHardware;
  copy(hash, mailbox_.hash);
  doorbell::ring(Ring::kMaker);
  Ring reply = Ring::kNone;
  while ((reply = doorbell::wait_for_reply()) == Ring::kNone) {
  }
  if (reply != Ring::kSigned) return Status::kHardware;
  const std::size_t size = mailbox_.signature_size;
  if (size == 0 || size > mailbox_.signature.size() || size > signature.size()) return Status::kHardware;
  copy(ByteView(mailbox_.signature).first(size), signature);
  return size;
}

MailboxBoard::MailboxBoard(std::uintptr_t shared_memory)
    : mailbox_(*reinterpret_cast<Mailbox*>(shared_memory + kMailboxOffset)),
      flash_(shared_memory + kFlashOffset, kFlashPageSize, kFlashPages),
      maker_(mailbox_) {}

Status MailboxBoard::start() {
  if (mailbox_.magic != kMailboxMagic) return Status::kInvalid;
  serial_ = mailbox_.serial;
  short_only_ = (mailbox_.flags & kFlagShortOnly) != 0;
  has_maker_ = maker_.take();
  copy(mailbox_.secret, secret_);
  std::uint8_t any = 0;
  for (const std::uint8_t byte : mailbox_.seed) any = static_cast<std::uint8_t>(any | byte);
  const Result<Hash> digest = sha256({image()});
  if (!digest.ok()) return digest.status();
  firmware_digest_ = digest.value();
  // Without a seed random() fails, and with it whatever needs random bytes.
  const Status status = any == 0 ? Status::kOk : random_.seed(mailbox_.seed);
  wipe(mailbox_.secret);
  wipe(mailbox_.seed);
  return status;
}

std::uint64_t MailboxBoard::milliseconds() { return clock::milliseconds(); }

namespace {

// Waits for as long as the bridge says.
class Patient final : public Meanwhile {
 public:
  bool go_on() override { return true; }
};

}  // namespace

Touch MailboxBoard::wait_for_touch(std::uint32_t milliseconds) {
  Patient patient;
  return wait_for_touch_while(milliseconds, patient);
}

// Every tick of the clock, and every transfer, is an occasion to look whether the touch is still wanted.
Touch MailboxBoard::wait_for_touch_while(std::uint32_t milliseconds, Meanwhile& meanwhile) {
  mailbox_.touch_milliseconds = milliseconds;
  awaits_touch_ = true;
  doorbell::ring(Ring::kTouch);
  bool wanted = true;
  Ring answer = Ring::kNone;
  while (answer != Ring::kTouched && answer != Ring::kDenied && answer != Ring::kTimedOut) {
    answer = doorbell::wait_for_reply();
    if (!wanted || meanwhile.go_on()) continue;
    wanted = false;
    doorbell::ring(Ring::kTouchOver);
  }
  awaits_touch_ = false;
  if (answer == Ring::kTouched) return Touch::kTouched;
  return answer == Ring::kDenied ? Touch::kDenied : Touch::kTimedOut;
}

void MailboxBoard::display(std::span<const std::string_view> lines) {
  Writer out(mailbox_.lines);
  for (const std::string_view line : lines) {
    out.bytes(as_bytes(line));
    out.byte('\n');
  }
  mailbox_.lines_size = out.size();
  doorbell::ring(Ring::kDisplay);
}

Transport::Received MailboxTransport::wait() {
  switch (doorbell::wait()) {
    case Ring::kCommand: {
      const std::size_t size = mailbox_.command_size;
      if (size > mailbox_.command.size()) return {Transport::Event::kTooLong, 0};
      clock::set_busy(true);
      return {Transport::Event::kCommand, size};
    }
    case Ring::kTooLong:
      return {Transport::Event::kTooLong, 0};
    case Ring::kPowerOff:
      return {Transport::Event::kPowerOff, 0};
    case Ring::kPowerOn:
      return {Transport::Event::kPowerOn, 0};
    default:  // a USB transfer, or a touch that nobody waits for any more
      return {Transport::Event::kClosed, 0};
  }
}

std::size_t MailboxTransport::take(std::size_t size, ByteSpan buffer) {
  const ByteSpan command = ByteSpan(mailbox_.command).first(size);
  if (size <= buffer.size()) copy(command, buffer);
  wipe(command);
  return size <= buffer.size() ? size : 0;
}

void MailboxTransport::answer(std::size_t size) {
  clock::set_busy(false);
  mailbox_.answer_size = size;
  mailbox_.stack_used = stack::used();
  doorbell::ring(Ring::kAnswer);
}

}  // namespace sceau::firmware::mps2
