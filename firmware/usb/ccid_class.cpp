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
  if (data.size() > message_.size() - received_) {
    drop_message();
    return {};
  }
  copy(data, message_.subspan(received_));
  received_ += data.size();
  const Transfer taken{Outcome::kDone, data.size()};
  if (received_ < kHeader) return taken;
  const std::uint32_t length = load_le32(message_.data() + 1);
  if (length > message_.size() - kHeader) {
    sequence_ = message_[6];
    drop_answer();  // one that nobody read
    respond(kSlotStatus, kFailed, kBadLength, 0);
    drop_message();
  } else {
    waiting_ = received_ >= kHeader + length;
  }
  return taken;
}

void CcidFunction::work() {
  take_power();
  if (!waiting_) return;
  waiting_ = false;
  if (!extending_) drop_answer();  // one that nobody read
  run();
  drop_message();
  take_power();
}

void CcidFunction::drop_message() {
  wipe(message_.first(received_));
  received_ = 0;
}

void CcidFunction::drop_answer() {
  wipe(answer_.first(answer_size_));
  answer_size_ = answer_sent_ = 0;
}

void CcidFunction::take_power() {
  if (!power_off_due_) return;
  power_off_due_ = false;
  card_.power(false);
}

// A whole message is there. What follows it in the same transfer is nothing.
void CcidFunction::run() {
  sequence_ = message_[6];
  const std::size_t length = load_le32(message_.data() + 1);
  if (message_[5] != 0) {
    respond(kSlotStatus, kFailed, kBadSlot, 0);
    return;
  }
  switch (message_[0]) {
    case kPowerOn: {
      card_.power(true);
      powered_ = true;
      const ByteView atr = card_.answer_to_reset();
      copy(atr, answer_.subspan(kHeader));
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
      const bool known = message_[7] <= 1 && length == (message_[7] == 0 ? sizeof kT0 : sizeof kT1);
      if (known) protocol_ = message_[7];
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
  const std::size_t length = load_le32(message_.data() + 1);
  if (!powered_) {
    respond(kDataBlock, kFailed, kIccMute, 0);
    return;
  }
  if (load_le16(message_.data() + 8) != 0) {  // parts of a command: a message takes all of it
    respond(kDataBlock, kFailed, kBadLevel, 0);
    return;
  }
  running_ = true;
  const std::size_t size =
      card_.exchange(ByteView(message_).subspan(kHeader, length), answer_.subspan(kHeader));
  running_ = false;
  if (!abandoned_) {
    respond(kDataBlock, 0, kNoError, size);
    return;
  }
  abandoned_ = false;
  wipe(answer_);
}

void CcidFunction::respond_parameters(bool taken) {
  const ByteView parameters = protocol_ == 0 ? ByteView(kT0) : ByteView(kT1);
  if (!taken) {
    respond(kParameters, kFailed, kBadProtocol, 0);
    return;
  }
  copy(parameters, answer_.subspan(kHeader));
  respond(kParameters, 0, kNoError, parameters.size());
  answer_[9] = protocol_;
}

void CcidFunction::respond(std::uint8_t type, std::uint8_t failed, std::uint8_t error, std::size_t size) {
  answer_[0] = type;
  store_le32(answer_.data() + 1, static_cast<std::uint32_t>(size));
  answer_[5] = 0;
  answer_[6] = sequence_;
  answer_[7] = static_cast<std::uint8_t>(failed | (powered_ ? 0 : kNotPowered));
  answer_[8] = error;
  answer_[9] = 0;
  answer_size_ = kHeader + size;
  answer_sent_ = 0;
  extending_ = false;
}

void CcidFunction::extend() {
  if ((!running_ && !waiting_) || extending_ || abandoned_) return;
  if (waiting_) {
    sequence_ = message_[6];
    drop_answer();  // one that nobody read
  }
  constexpr std::uint8_t kOnceMore = 1;  // the waiting time again
  // In front of where the card writes its answer, which begins behind the header.
  respond(kDataBlock, kTimeExtension, kOnceMore, 0);
  extending_ = true;
}

Transfer CcidFunction::in(ByteSpan into) {
  if (answer_sent_ == answer_size_) return {Outcome::kNothingYet, 0};
  const std::size_t left = answer_size_ - answer_sent_;
  const std::size_t size = left < into.size() ? left : into.size();
  copy(ByteView(answer_).subspan(answer_sent_, size), into);
  answer_sent_ += size;
  if (answer_sent_ == answer_size_) {
    extending_ = false;
    drop_answer();
  }
  return {Outcome::kDone, size};
}

void CcidFunction::reset() {
  if (!running_) drop_message();  // else the card works with it
  drop_answer();
  waiting_ = false;
  extending_ = false;
  abandoned_ = running_;
  power_off_due_ = power_off_due_ || powered_;
  powered_ = false;
}

}  // namespace sceau::firmware::usb
