#include "fido/hid.h"

namespace sceau::firmware::fido {

namespace {

constexpr std::uint8_t kPing = 0x01;
constexpr std::uint8_t kMessage = 0x03;
constexpr std::uint8_t kLock = 0x04;
constexpr std::uint8_t kInit = 0x06;
constexpr std::uint8_t kWink = 0x08;
constexpr std::uint8_t kCbor = 0x10;
constexpr std::uint8_t kCancel = 0x11;
constexpr std::uint8_t kKeepaliveCommand = 0x3B;
constexpr std::uint8_t kError = 0x3F;

constexpr std::uint32_t kBroadcast = 0xFFFFFFFF;
constexpr std::uint32_t kNoChannel = 0;   // reserved (11.2.4)
constexpr std::uint8_t kInitFlag = 0x80;  // of the fifth byte: an initialisation packet
constexpr std::size_t kInitHead = 7;
constexpr std::size_t kNextHead = 5;
constexpr std::uint8_t kProtocolVersion = 2;
constexpr std::uint8_t kCapabilities = 0x01 | 0x04;  // WINK, CBOR; MSG too, by the absence of NMSG
constexpr std::size_t kNonce = 8;
constexpr std::uint8_t kProcessing = 1;  // status of a KEEPALIVE
constexpr std::uint8_t kTouchNeeded = 2;
constexpr std::uint8_t kMostLock = 10;  // seconds

// U2F's raw messages write an extended length of zero where ISO 7816-4 writes none (raw message
// formats, 3.1).
Result<Command> parse_raw(ByteView message) {
  constexpr std::size_t kHeader = 4;
  constexpr std::uint8_t kNoData[] = {0, 0, 0};
  const bool without = message.size() == kHeader + 5 && equal(message.subspan(kHeader, 3), kNoData);
  return parse_command(without ? message.first(kHeader) : message);
}

}  // namespace

// A report taken apart (11.2.4).
struct CtapHid::Packet {
  explicit Packet(const Report& report) : channel(load_be32(report.data())) {
    init = (report[4] & kInitFlag) != 0;
    if (init) {
      command = static_cast<std::uint8_t>(report[4] & 0x7F);
      size = load_be16(report.data() + 5);
      data = ByteView(report).subspan(kInitHead);
    } else {
      sequence = report[4];
      data = ByteView(report).subspan(kNextHead);
    }
  }

  std::uint32_t channel;
  bool init = false;
  std::uint8_t command = 0;
  std::size_t size = 0;
  std::uint8_t sequence = 0;
  ByteView data;
};

void CtapHid::receive(const Report& report) {
  const Packet packet(report);
  if (state_ == State::kRunning) {
    interrupted(packet);
    return;
  }
  tick();
  const bool initialising = packet.init && packet.command == kInit;
  if (!known(packet.channel) && !(packet.channel == kBroadcast && initialising)) {
    if (packet.init) send_error(packet.channel, CtapStatus::kInvalidChannel);
    return;
  }
  if (state_ == State::kReceiving && packet.channel != channel_) {
    if (packet.init) send_error(packet.channel, CtapStatus::kChannelBusy);
    return;
  }
  if (packet.init) {
    const bool unexpected = state_ == State::kReceiving && !initialising;
    drop_message();
    if (unexpected) {
      send_error(packet.channel, CtapStatus::kInvalidSequence);
    } else {
      begin(packet);
    }
    return;
  }
  if (state_ != State::kReceiving) return;
  if (packet.sequence != sequence_) {
    drop_message();
    send_error(packet.channel, CtapStatus::kInvalidSequence);
    return;
  }
  sequence_ = static_cast<std::uint8_t>(sequence_ + 1);
  append(packet.data);
}

void CtapHid::begin(const Packet& packet) {
  if (packet.command == kCancel) return;  // nothing runs that it could mean
  if (packet.command != kInit && locked_for(packet.channel)) {
    send_error(packet.channel, CtapStatus::kChannelBusy);
    return;
  }
  if (packet.size > message_.size()) {
    send_error(packet.channel, CtapStatus::kInvalidLength);
    return;
  }
  state_ = State::kReceiving;
  channel_ = packet.channel;
  command_ = packet.command;
  expected_ = packet.size;
  received_ = 0;
  sequence_ = 0;
  append(packet.data);
}

void CtapHid::append(ByteView bytes) {
  const std::size_t left = expected_ - received_;
  const ByteView some = bytes.first(bytes.size() < left ? bytes.size() : left);
  copy(some, message_.subspan(received_));
  received_ += some.size();
  since_ = board_.milliseconds();
  if (received_ < expected_) return;
  state_ = State::kRunning;
  cancelled_ = false;
  restarted_ = false;
  sequence_ = 0;
  run();
  if (restarted_ && channel_ != kNoChannel) initialise(channel_, nonce_);
  state_ = State::kAnswering;
  go_on_answering();
}

void CtapHid::go_on_answering() {
  if (!answering()) return;
  since_ = board_.milliseconds();
  while (!rest_.empty() && line_.unread() < kAhead) {
    Report report{};
    report[4] = sequence_++;
    send_part(channel_, report, kNextHead);
  }
  if (rest_.empty() && line_.unread() == 0) drop_message();
}

bool CtapHid::give_up_answer() {
  if (!answering() || board_.milliseconds() - since_ < kPacketWait) return false;
  drop_message();
  return true;
}

// And its answer.
void CtapHid::drop_message() {
  wipe(message_.first(received_));
  wipe(answer_);
  rest_ = {};
  received_ = 0;
  state_ = State::kIdle;
}

void CtapHid::tick() {
  if (state_ != State::kReceiving || board_.milliseconds() - since_ < kPacketWait) return;
  drop_message();
  send_error(channel_, CtapStatus::kTimeout);
}

void CtapHid::reset() {
  given_ = 0;
  lock_channel_ = kNoChannel;
  if (state_ != State::kRunning) {
    drop_message();
    return;
  }
  cancelled_ = restarted_ = true;
  channel_ = kNoChannel;
}

bool CtapHid::expects(const Report& report) const {
  return waiting() && load_be32(report.data()) == channel_;
}

void CtapHid::refuse(const Report& report) {
  const Packet packet(report);
  if (packet.init && packet.command != kCancel) send_error(packet.channel, CtapStatus::kChannelBusy);
}

// A report that comes while a command runs: it can only end it.
void CtapHid::interrupted(const Packet& packet) {
  if (packet.channel != channel_) {
    if (packet.init && packet.command != kCancel) send_error(packet.channel, CtapStatus::kChannelBusy);
    return;
  }
  if (!packet.init) return;
  if (packet.command == kCancel) {
    // Only commands of CTAP2 can be cancelled (11.2.9.1.5).
    cancelled_ = cancelled_ || command_ == kCbor;
  } else if (packet.command == kInit && packet.size == kNonce) {
    cancelled_ = true;
    restarted_ = true;
    copy(packet.data, nonce_);
  } else {
    send_error(packet.channel, CtapStatus::kChannelBusy);
  }
}

bool CtapHid::go_on() {
  line_.working(false);
  Report report{};
  while (!cancelled_ && line_.poll(report)) interrupted(Packet(report));
  const std::uint64_t now = board_.milliseconds();
  if (!cancelled_ && now - since_ >= kKeepalive) {
    since_ = now;
    send(channel_, kKeepaliveCommand, ByteView(&kTouchNeeded, 1));
  }
  line_.working(true);
  return !cancelled_;
}

void CtapHid::keep_alive() {
  if (!restarted_) send(channel_, kKeepaliveCommand, ByteView(&kProcessing, 1));
}

void CtapHid::run() {
  const ByteView data = message_.first(received_);
  switch (command_) {
    case kInit:
      initialise(channel_, data);
      break;
    case kPing:
      send(channel_, kPing, data);
      break;
    case kMessage:
      run_message();
      break;
    case kCbor:
      run_cbor();
      break;
    case kWink: {
      if (!data.empty()) {
        send_error(channel_, CtapStatus::kInvalidLength);
        break;
      }
      const std::string_view lines[] = {"FIDO: this is the token"};
      board_.display(lines);
      send(channel_, kWink, {});
      break;
    }
    case kLock:
      lock(data);
      break;
    default:
      send_error(channel_, CtapStatus::kInvalidCommand);
  }
}

// 11.2.9.1.3. On a channel of its own it only brings both ends in step.
void CtapHid::initialise(std::uint32_t channel, ByteView nonce) {
  if (nonce.size() != kNonce) {
    send_error(channel, CtapStatus::kInvalidLength);
    return;
  }
  std::uint32_t given = channel;
  if (channel == kBroadcast) {
    if (given_ == kMaxChannels) given_ = 0;
    given = base_ + ++given_;
  }
  authenticator_.drop_channel(given);
  std::array<std::uint8_t, kNonce + 9> answer{};
  copy(nonce, answer);
  store_be32(answer.data() + kNonce, given);
  answer[kNonce + 4] = kProtocolVersion;
  answer[kNonce + 5] = 0;  // the device's version
  answer[kNonce + 6] = 1;
  answer[kNonce + 7] = 0;
  answer[kNonce + 8] = kCapabilities;
  send(channel, kInit, answer);
}

void CtapHid::run_cbor() {
  if (received_ == 0) {
    send_error(channel_, CtapStatus::kInvalidLength);
    return;
  }
  Writer answer(answer_);
  line_.working(true);
  authenticator_.process({channel_, this}, message_.first(received_), answer);
  line_.working(false);
  if (!restarted_) send(channel_, kCbor, answer.written());
}

void CtapHid::run_message() {
  Writer answer(answer_.first(answer_.size() - 2));
  const Result<Command> command = parse_raw(message_.first(received_));
  StatusWord word = sw::kWrongLength;
  line_.working(true);
  if (command.ok()) word = authenticator_.process_u2f({channel_, this}, command.value(), answer);
  line_.working(false);
  if (answer.overflowed()) word = sw::kInternal;
  const std::size_t size = word == sw::kOk ? answer.size() : 0;
  answer_[size] = static_cast<std::uint8_t>(word >> 8);
  answer_[size + 1] = static_cast<std::uint8_t>(word & 0xFF);
  if (!restarted_) send(channel_, kMessage, answer_.first(size + 2));
}

// 11.2.9.2.2: nobody else for so many seconds; 0 gives the device free.
void CtapHid::lock(ByteView seconds) {
  if (seconds.size() != 1) {
    send_error(channel_, CtapStatus::kInvalidLength);
    return;
  }
  if (seconds[0] > kMostLock) {
    send_error(channel_, CtapStatus::kInvalidParameter);
    return;
  }
  lock_channel_ = seconds[0] == 0 ? 0 : channel_;
  locked_until_ = board_.milliseconds() + std::uint64_t{1000} * seconds[0];
  send(channel_, kLock, {});
}

bool CtapHid::locked_for(std::uint32_t channel) {
  if (lock_channel_ != 0 && board_.milliseconds() >= locked_until_) lock_channel_ = 0;
  return lock_channel_ != 0 && lock_channel_ != channel;
}

// The first report, which goes at once; what does not fit in it is the rest.
void CtapHid::send(std::uint32_t channel, std::uint8_t command, ByteView data) {
  Report report{};
  report[4] = static_cast<std::uint8_t>(command | kInitFlag);
  report[5] = static_cast<std::uint8_t>(data.size() >> 8);
  report[6] = static_cast<std::uint8_t>(data.size() & 0xFF);
  rest_ = data;
  send_part(channel, report, kInitHead);
}

void CtapHid::send_part(std::uint32_t channel, Report& report, std::size_t head) {
  store_be32(report.data(), channel);
  const std::size_t room = kReport - head;
  const ByteView some = rest_.first(rest_.size() < room ? rest_.size() : room);
  copy(some, ByteSpan(report).subspan(head));
  rest_ = rest_.subspan(some.size());
  line_.send(report);
}

void CtapHid::send_error(std::uint32_t channel, CtapStatus error) {
  const auto code = static_cast<std::uint8_t>(error);
  send(channel, kError, ByteView(&code, 1));
}

}  // namespace sceau::firmware::fido
