#include "usb/ccid_class.h"

namespace sceau::firmware::usb {

namespace {

// Messages of the host (6.1), and answers (6.2).
enum Message : std::uint8_t {
  kSetParameters = 0x61,
  kPowerOn = 0x62,
  kPowerOff = 0x63,
  kGetSlotStatus = 0x65,
  kGetParameters = 0x6C,
  kResetParameters = 0x6D,
  kTransferBlock = 0x6F,
  kAbort = 0x72,
  kDataBlock = 0x80,
  kSlotStatus = 0x81,
  kParameters = 0x82,
};

constexpr std::uint8_t kFailed = 0x40;         // bmCommandStatus
constexpr std::uint8_t kTimeExtension = 0x80;  // likewise
constexpr std::uint8_t kNotPowered = 0x01;     // bmICCStatus
constexpr std::uint8_t kNoError = 0x00;
// Errors that name a field are its offset.
constexpr std::uint8_t kNotSupported = 0x00;
constexpr std::uint8_t kBadLength = 0x01;
constexpr std::uint8_t kBadSlot = 0x05;
constexpr std::uint8_t kBadProtocol = 0x07;
constexpr std::uint8_t kBadLevel = 0x08;
constexpr std::uint8_t kIccMute = 0xFE;

constexpr std::uint8_t kClassAbort = 0x01;
constexpr int kClass = 1;

// T=0: FI/DI, convention, guard time, waiting time, clock stop. T=1: two more, EDC and IFSC.
constexpr std::uint8_t kT0[] = {0x11, 0x00, 0x00, 0x0A, 0x00};
constexpr std::uint8_t kT1[] = {0x11, 0x10, 0x00, 0x4D, 0x00, 0xFE, 0x00};

}  // namespace

bool CcidFunction::control(const Setup& setup, ByteView, Writer&) {
  return setup.kind() == kClass && setup.request == kClassAbort;
}

Transfer CcidFunction::out(ByteView data) {
  if (running_ || waiting_) return {Outcome::kNothingYet, 0};
  const Transfer taken{Outcome::kDone, data.size()};
  if (data.empty()) return taken;
  if (received_ == 0) drop_answer();  // one that nobody read
  if (data.size() > buffer_.size() - received_) {
    drop_message();
    return {};
  }
  copy(data, buffer_.subspan(received_));
  received_ += data.size();
  if (received_ < kHeader) return taken;
  const std::uint32_t length = load_le32(buffer_.data() + 1);
  if (length > buffer_.size() - kHeader) {
    sequence_ = buffer_[6];
    respond(kSlotStatus, kFailed, kBadLength, 0);
  } else {
    waiting_ = received_ >= kHeader + length;
  }
  return taken;
}

void CcidFunction::work() {
  take_power();
  if (!waiting_) return;
  waiting_ = false;
  run();
  take_power();
}

void CcidFunction::drop_message() {
  wipe(buffer_.first(received_));
  received_ = 0;
}

void CcidFunction::drop_answer() {
  wipe(unread_);
  unread_ = {};
}

void CcidFunction::take_power() {
  if (!power_off_due_) return;
  power_off_due_ = false;
  card_.power(false);
}

// A whole message is there. What follows it in the same transfer is nothing.
void CcidFunction::run() {
  sequence_ = buffer_[6];
  const std::size_t length = load_le32(buffer_.data() + 1);
  if (buffer_[5] != 0) {
    respond(kSlotStatus, kFailed, kBadSlot, 0);
    return;
  }
  switch (buffer_[0]) {
    case kPowerOn: {
      card_.power(true);
      powered_ = true;
      const ByteView atr = card_.answer_to_reset();
      copy(atr, buffer_.subspan(kHeader));
      respond(kDataBlock, 0, kNoError, atr.size());
      break;
    }
    case kPowerOff:
      card_.power(false);
      powered_ = false;
      respond(kSlotStatus, 0, kNoError, 0);
      break;
    case kGetSlotStatus:
    case kAbort:
      respond(kSlotStatus, 0, kNoError, 0);
      break;
    case kTransferBlock:
      transfer_block();
      break;
    case kSetParameters: {
      const bool known = buffer_[7] <= 1 && length == (buffer_[7] == 0 ? sizeof kT0 : sizeof kT1);
      if (known) protocol_ = buffer_[7];
      respond_parameters(known);
      break;
    }
    case kResetParameters:
      protocol_ = 1;
      respond_parameters(true);
      break;
    case kGetParameters:
      respond_parameters(true);
      break;
    default:
      respond(kSlotStatus, kFailed, kNotSupported, 0);
  }
}

void CcidFunction::transfer_block() {
  const std::size_t length = load_le32(buffer_.data() + 1);
  if (!powered_) {
    respond(kDataBlock, kFailed, kIccMute, 0);
    return;
  }
  if (load_le16(buffer_.data() + 8) != 0) {  // parts of a command: a message takes all of it
    respond(kDataBlock, kFailed, kBadLevel, 0);
    return;
  }
  const ByteSpan body = buffer_.subspan(kHeader);
  running_ = true;
  const std::size_t size = card_.exchange(ByteView(body).first(length), body);
  running_ = false;
  if (!abandoned_) {
    respond(kDataBlock, 0, kNoError, size);
    return;
  }
  abandoned_ = false;
  received_ = buffer_.size();  // the answer, too
  drop_message();
}

void CcidFunction::respond_parameters(bool taken) {
  const ByteView parameters = protocol_ == 0 ? ByteView(kT0) : ByteView(kT1);
  if (!taken) {
    respond(kParameters, kFailed, kBadProtocol, 0);
    return;
  }
  copy(parameters, buffer_.subspan(kHeader));
  respond(kParameters, 0, kNoError, parameters.size());
  buffer_[9] = protocol_;
}

void CcidFunction::write_header(ByteSpan at, std::uint8_t type, std::uint8_t failed, std::uint8_t error,
                                std::size_t size) const {
  at[0] = type;
  store_le32(at.data() + 1, static_cast<std::uint32_t>(size));
  at[5] = 0;
  at[6] = sequence_;
  at[7] = static_cast<std::uint8_t>(failed | (powered_ ? 0 : kNotPowered));
  at[8] = error;
  at[9] = 0;
}

// Nothing is left of the message.
void CcidFunction::respond(std::uint8_t type, std::uint8_t failed, std::uint8_t error, std::size_t size) {
  const std::size_t end = kHeader + size;
  if (received_ > end) wipe(buffer_.subspan(end, received_ - end));
  received_ = 0;
  write_header(buffer_, type, failed, error, size);
  unread_ = buffer_.first(end);
}

void CcidFunction::extend() {
  if ((!running_ && !waiting_) || abandoned_ || !unread_.empty()) return;
  if (waiting_) sequence_ = buffer_[6];
  constexpr std::uint8_t kOnceMore = 1;  // the waiting time again
  write_header(patience_, kDataBlock, kTimeExtension, kOnceMore, 0);
  unread_ = patience_;
}

Transfer CcidFunction::in(ByteSpan into) {
  if (unread_.empty()) return {Outcome::kNothingYet, 0};
  const ByteSpan part = unread_.first(unread_.size() < into.size() ? unread_.size() : into.size());
  copy(part, into);
  wipe(part);
  unread_ = unread_.subspan(part.size());
  return {Outcome::kDone, part.size()};
}

void CcidFunction::reset() {
  if (!running_) drop_message();  // else the card works with it
  drop_answer();
  waiting_ = false;
  abandoned_ = running_;
  power_off_due_ = power_off_due_ || powered_;
  powered_ = false;
}

}  // namespace sceau::firmware::usb
