#include "sceau/token/reader.h"

#include <PCSC/reader.h>
#include <winscard.h>

#include <algorithm>
#include <array>
#include <span>
#include <utility>

#include "pin_pad.h"
#include "sceau/base/secret.h"

namespace sceau::token {

struct Readers::Context {
  SCARDCONTEXT handle = 0;
  explicit Context(SCARDCONTEXT context) : handle(context) {}
  ~Context() { SCardReleaseContext(handle); }
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;
};

namespace {

// What PC/SC's codes mean to a person, and whether trying later may help: nearly all of them do.
Error reader_error(const std::string& doing, LONG code) {
  // PC/SC codes are 32 bits wide whatever LONG is.
  switch (static_cast<std::uint32_t>(code)) {
    case static_cast<std::uint32_t>(SCARD_W_REMOVED_CARD):
    case static_cast<std::uint32_t>(SCARD_E_NO_SMARTCARD):
      return {ErrorKind::unavailable, doing + ": there is no card in it: insert the card and try again"};
    case static_cast<std::uint32_t>(SCARD_E_UNKNOWN_READER):
      return {ErrorKind::not_found, doing + ": there is no such reader: see 'sceau token list'"};
    case static_cast<std::uint32_t>(SCARD_E_READER_UNAVAILABLE):
      return {ErrorKind::unavailable, doing + ": the reader is gone: plug it in and try again"};
    case static_cast<std::uint32_t>(SCARD_E_NO_SERVICE):
    case static_cast<std::uint32_t>(SCARD_E_SERVICE_STOPPED):
      return {ErrorKind::unavailable,
              doing + ": the smart-card service does not answer: start it with 'systemctl start pcscd'"};
    case static_cast<std::uint32_t>(SCARD_W_SECURITY_VIOLATION):  // what polkit's refusal becomes
      return {ErrorKind::unavailable,
              doing +
                  ": the smart-card service may not serve you: log in at the machine itself, or have an "
                  "administrator allow you in polkit (org.debian.pcsc-lite.access_pcsc and access_card)"};
    case static_cast<std::uint32_t>(SCARD_W_RESET_CARD):
      return {ErrorKind::unavailable, doing + ": another program reset the card: try again"};
    case static_cast<std::uint32_t>(SCARD_E_SHARING_VIOLATION):
      return {ErrorKind::unavailable, doing + ": another program holds the card for itself: close it"};
    case static_cast<std::uint32_t>(SCARD_E_NOT_TRANSACTED):
    case static_cast<std::uint32_t>(SCARD_F_COMM_ERROR):
      return {ErrorKind::unavailable,
              doing + ": the card or the smart-card service went away: insert the card again and try again"};
    case static_cast<std::uint32_t>(SCARD_W_UNRESPONSIVE_CARD):
    case static_cast<std::uint32_t>(SCARD_W_UNPOWERED_CARD):
    case static_cast<std::uint32_t>(SCARD_W_UNSUPPORTED_CARD):
    case static_cast<std::uint32_t>(SCARD_E_PROTO_MISMATCH):
      return {ErrorKind::unavailable, doing + ": the card does not answer: take it out and insert it again"};
    default:
      // pcsc_stringify_error ends its own text without a full stop.
      return {ErrorKind::unavailable, doing + ": " + pcsc_stringify_error(code) + ": try again"};
  }
}

bool is(LONG code, LONG expected) {
  return static_cast<std::uint32_t>(code) == static_cast<std::uint32_t>(expected);
}

Result<std::vector<std::string>> reader_names(SCARDCONTEXT context) {
  // Room for the usual few, so that the service is asked once; the list may also grow between two questions.
  DWORD room = 1024;
  for (int attempt = 0; attempt < 8; ++attempt) {
    DWORD size = room;
    std::string names(size, '\0');
    const LONG code = SCardListReaders(context, nullptr, names.data(), &size);
    if (is(code, SCARD_E_INSUFFICIENT_BUFFER)) {
      room = std::max(size, 2 * room);
      continue;
    }
    if (is(code, SCARD_E_NO_READERS_AVAILABLE)) return std::vector<std::string>{};
    if (code != SCARD_S_SUCCESS) return reader_error("cannot list the readers", code);
    names.resize(std::min<std::size_t>(size, names.size()));
    std::vector<std::string> list;
    for (std::size_t at = 0; at < names.size() && names[at] != '\0';) {
      list.emplace_back(names.c_str() + at);
      at += list.back().size() + 1;
    }
    return list;
  }
  return Error{ErrorKind::unavailable, "cannot list the readers: they keep changing: try again"};
}

// What the service knows of readers, asked at once; false when one of them has left.
Result<bool> read_states(SCARDCONTEXT context, std::span<SCARD_READERSTATE> states) {
  if (states.empty()) return true;
  const LONG code = SCardGetStatusChange(context, 0, states.data(), static_cast<DWORD>(states.size()));
  if (is(code, SCARD_E_UNKNOWN_READER) || is(code, SCARD_E_TIMEOUT)) return false;
  if (code != SCARD_S_SUCCESS) return reader_error("cannot look into the readers", code);
  return std::ranges::none_of(
      states, [](const SCARD_READERSTATE& one) { return (one.dwEventState & SCARD_STATE_UNKNOWN) != 0; });
}

Error no_card(const std::string& reader) {
  return reader_error("cannot use reader \"" + reader + "\"", SCARD_E_NO_SMARTCARD);
}

}  // namespace

// One shared connection. It keeps the context alive: PC/SC ends connections with their context.
class ReaderChannel final : public Channel {
 public:
  ReaderChannel(std::shared_ptr<Readers::Context> context, std::string reader, SCARDHANDLE card,
                DWORD protocol)
      : context_(std::move(context)),
        reader_(std::move(reader)),
        card_(card),
        protocol_(protocol),
        buffer_(MAX_BUFFER_SIZE_EXTENDED) {
    std::array<BYTE, MAX_ATR_SIZE> atr{};
    DWORD size = atr.size();
    if (SCardStatus(card_, nullptr, nullptr, nullptr, nullptr, atr.data(), &size) == SCARD_S_SUCCESS)
      extended_ = announces_extended_length(ByteView(atr).first(std::min<std::size_t>(size, atr.size())));
  }
  ~ReaderChannel() override { SCardDisconnect(card_, SCARD_LEAVE_CARD); }
  ReaderChannel(const ReaderChannel&) = delete;
  ReaderChannel& operator=(const ReaderChannel&) = delete;

  Result<Bytes> transmit(ByteView command) override {
    DWORD size = buffer_.size();
    const SCARD_IO_REQUEST* protocol = protocol_ == SCARD_PROTOCOL_T0 ? SCARD_PCI_T0 : SCARD_PCI_T1;
    const LONG code =
        SCardTransmit(card_, protocol, command.data(), command.size(), nullptr, buffer_.data(), &size);
    if (code != SCARD_S_SUCCESS) return reader_error("lost the card in reader \"" + reader_ + "\"", code);
    const auto answer = std::span(buffer_).first(std::min<std::size_t>(size, buffer_.size()));
    Bytes copy(answer.begin(), answer.end());
    wipe(answer);  // it may be an agreed key
    return copy;
  }

  Result<CardState> begin() override {
    CardState state = CardState::kept;
    for (int attempt = 0; attempt < 4; ++attempt) {
      const LONG code = SCardBeginTransaction(card_);
      if (code == SCARD_S_SUCCESS) return state;
      if (!is(code, SCARD_W_RESET_CARD))
        return reader_error("cannot use the card in reader \"" + reader_ + "\"", code);
      state = CardState::reset;
      const LONG again = SCardReconnect(card_, SCARD_SHARE_SHARED, SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1,
                                        SCARD_LEAVE_CARD, &protocol_);
      if (again != SCARD_S_SUCCESS)
        return reader_error("cannot use the card in reader \"" + reader_ + "\"", again);
    }
    return reader_error("cannot use the card in reader \"" + reader_ + "\"", SCARD_W_RESET_CARD);
  }

  // Asked once: a reader does not grow keys. What does not understand the question has none.
  Result<bool> has_pin_pad() override {
    if (!pad_asked_) {
      pad_asked_ = true;
      std::array<std::uint8_t, 256> features{};
      DWORD size = 0;
      const LONG code = SCardControl(card_, CM_IOCTL_GET_FEATURE_REQUEST, nullptr, 0, features.data(),
                                     static_cast<DWORD>(features.size()), &size);
      if (code == SCARD_S_SUCCESS) {
        const ByteView told = ByteView(features).first(std::min<std::size_t>(size, features.size()));
        pad_ = verify_code(told);
        changing_pad_ = modify_code(told);
      }
    }
    return pad_.has_value();
  }

  Result<Bytes> verify_on_pad(ByteView structure) override {
    auto pad = has_pin_pad();
    if (!pad || !*pad) return Channel::verify_on_pad(structure);
    return control(*pad_, structure);
  }

  Result<bool> can_change_on_pad() override {
    auto pad = has_pin_pad();
    if (!pad) return pad;
    return changing_pad_.has_value();
  }

  Result<Bytes> change_on_pad(ByteView structure) override {
    auto able = can_change_on_pad();
    if (!able || !*able) return Channel::change_on_pad(structure);
    return control(*changing_pad_, structure);
  }

  void end() override { SCardEndTransaction(card_, SCARD_LEAVE_CARD); }
  [[nodiscard]] std::string name() const override { return reader_; }
  [[nodiscard]] bool extended_length() const override { return extended_; }

 private:
  Result<Bytes> control(std::uint32_t feature, ByteView structure) {
    Bytes answer(16);
    DWORD size = 0;
    const LONG code = SCardControl(card_, feature, structure.data(), static_cast<DWORD>(structure.size()),
                                   answer.data(), static_cast<DWORD>(answer.size()), &size);
    if (code != SCARD_S_SUCCESS) return reader_error("lost the card in reader \"" + reader_ + "\"", code);
    answer.resize(std::min<std::size_t>(size, answer.size()));
    return answer;
  }

  std::shared_ptr<Readers::Context> context_;
  std::string reader_;
  SCARDHANDLE card_;
  DWORD protocol_;
  Bytes buffer_;
  bool extended_ = false;
  bool pad_asked_ = false;
  std::optional<std::uint32_t> pad_, changing_pad_;  // control codes
};

Result<Readers> Readers::open() {
  SCARDCONTEXT handle = 0;
  const LONG code = SCardEstablishContext(SCARD_SCOPE_SYSTEM, nullptr, nullptr, &handle);
  if (code != SCARD_S_SUCCESS) return reader_error("cannot reach the readers", code);
  return Readers(std::make_shared<Context>(handle));
}

Result<std::vector<ReaderStatus>> Readers::list() const {
  for (int attempt = 0; attempt < 8; ++attempt) {
    auto names = reader_names(context_->handle);
    if (!names) return names.error();
    std::vector<SCARD_READERSTATE> states(names->size());
    for (std::size_t i = 0; i < states.size(); ++i) {
      states[i].szReader = (*names)[i].c_str();
      states[i].dwCurrentState = SCARD_STATE_UNAWARE;
    }
    auto all_there = read_states(context_->handle, states);
    if (!all_there) return all_there.error();
    if (!*all_there) continue;
    std::vector<ReaderStatus> readers;
    readers.reserve(states.size());
    for (const SCARD_READERSTATE& state : states) {
      ReaderStatus reader{state.szReader, (state.dwEventState & SCARD_STATE_PRESENT) != 0, {}};
      if (reader.card_present)
        reader.atr.assign(state.rgbAtr,
                          state.rgbAtr + std::min<std::size_t>(state.cbAtr, sizeof state.rgbAtr));
      readers.push_back(std::move(reader));
    }
    return readers;
  }
  return Error{ErrorKind::unavailable, "cannot list the readers: they keep changing: try again"};
}

Result<std::unique_ptr<Channel>> Readers::connect(const std::string& reader) const {
  SCARDHANDLE card = 0;
  DWORD protocol = 0;
  const LONG code = SCardConnect(context_->handle, reader.c_str(), SCARD_SHARE_SHARED,
                                 SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1, &card, &protocol);
  if (is(code, SCARD_E_NO_SMARTCARD)) return no_card(reader);
  if (code != SCARD_S_SUCCESS) return reader_error("cannot use reader \"" + reader + "\"", code);
  return std::unique_ptr<Channel>(std::make_unique<ReaderChannel>(context_, reader, card, protocol));
}

Result<bool> Readers::wait_for_change(const std::vector<ReaderStatus>& known,
                                      std::chrono::milliseconds timeout) const {
  std::vector<SCARD_READERSTATE> states;
  for (const ReaderStatus& reader : known) {
    SCARD_READERSTATE state{};
    state.szReader = reader.name.c_str();
    state.dwCurrentState = reader.card_present ? SCARD_STATE_PRESENT : SCARD_STATE_EMPTY;
    states.push_back(state);
  }
  // A reader that came since list() would not be waited for: look once more before sleeping.
  auto names = reader_names(context_->handle);
  if (!names) return names.error();
  if (names->size() != known.size()) return true;
  SCARD_READERSTATE arrivals{};
  arrivals.szReader = R"(\\?PnP?\Notification)";
  arrivals.dwCurrentState = static_cast<DWORD>(known.size()) << 16U;
  states.push_back(arrivals);
  const LONG code =
      SCardGetStatusChange(context_->handle, static_cast<DWORD>(std::max<std::int64_t>(timeout.count(), 0)),
                           states.data(), static_cast<DWORD>(states.size()));
  if (is(code, SCARD_E_TIMEOUT) || is(code, SCARD_E_CANCELLED)) return false;
  if (is(code, SCARD_E_UNKNOWN_READER)) return true;
  if (code != SCARD_S_SUCCESS) return reader_error("cannot watch the readers", code);
  return true;
}

void Readers::cancel() const { SCardCancel(context_->handle); }

}  // namespace sceau::token
