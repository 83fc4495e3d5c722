#include "fido/authenticator.h"

namespace sceau::firmware::fido {

namespace {

enum CommandByte : std::uint8_t {
  kMakeCredentialCommand = 0x01,
  kGetAssertionCommand = 0x02,
  kGetInfo = 0x04,
  kClientPin = 0x06,
  kReset = 0x07,
  kGetNextAssertion = 0x08,
  kCredentialManagementCommand = 0x0A,
  kSelection = 0x0B,
  kLargeBlobs = 0x0C,
  kConfig = 0x0D,
  kOldCredentialManagement = 0x41,  // the number of the drafts, which platforms still try
};

// Subcommands that go on with an iteration (6.8).
constexpr std::uint32_t kNextRelyingParty = 0x03;
constexpr std::uint32_t kNextCredential = 0x05;

}  // namespace

Authenticator::Authenticator(Board& board, Store& store, KeyEngine& engine)
    : board_(board),
      store_(store),
      engine_(engine),
      pin_(board, store),
      agreement_(board, engine),
      credentials_(board, store),
      attestation_(board, store, engine),
      blobs_(store) {}

Status Authenticator::start() {
  powered_ = board_.milliseconds();
  pin_.power_up();
  agreement_.renew();
  token_.end();
  drop_iteration();
  const Status status = credentials_.start();
  return status == Status::kOk ? attestation_.ensure() : status;
}

void Authenticator::process(const Client& client, ByteView message, Writer& answer) {
  CtapStatus status = CtapStatus::kInvalidLength;
  answer.byte(static_cast<std::uint8_t>(CtapStatus::kSuccess));
  if (!message.empty()) {
    const ByteView parameters = message.subspan(1);
    status = parameters.empty() ? CtapStatus::kSuccess : check_cbor(parameters);
    token_.expire(board_.milliseconds());
    if (!continues(client, message[0], parameters)) drop_iteration();
    if (status == CtapStatus::kSuccess) status = run(client, message[0], parameters, answer);
  }
  if (answer.overflowed()) status = CtapStatus::kOther;
  if (status == CtapStatus::kSuccess) return;
  answer.clear();
  answer.byte(static_cast<std::uint8_t>(status));
}

CtapStatus Authenticator::run(const Client& client, std::uint8_t command, ByteView parameters,
                              Writer& answer) {
  switch (command) {
    case kMakeCredentialCommand:
      return make_credential(client, parameters, answer);
    case kGetAssertionCommand:
      return get_assertion(client, parameters, answer);
    case kGetInfo:
      return get_info(answer);
    case kClientPin:
      return client_pin(parameters, answer);
    case kReset:
      return reset(client);
    case kGetNextAssertion:
      return get_next_assertion(client, answer);
    case kCredentialManagementCommand:
    case kOldCredentialManagement:
      return credential_management(client, parameters, answer);
    case kSelection:
      return select_device(client);
    case kLargeBlobs:
      return large_blobs(parameters, answer);
    case kConfig:
      return config(parameters);
    default:
      return CtapStatus::kInvalidCommand;
  }
}

CtapStatus Authenticator::confirm(const Client& client, std::string_view what, std::string_view rp_id) {
  const std::string_view lines[] = {what, rp_id};
  board_.display(std::span<const std::string_view>(lines).first(rp_id.empty() ? 1 : 2));
  const Touch touch = client.patience == nullptr ? board_.wait_for_touch(kTouchWait)
                                                 : board_.wait_for_touch_while(kTouchWait, *client.patience);
  board_.display({});
  if (client.patience != nullptr && client.patience->cancelled()) return CtapStatus::kKeepaliveCancel;
  switch (touch) {
    case Touch::kTouched:
      return CtapStatus::kSuccess;
    case Touch::kDenied:
      return CtapStatus::kOperationDenied;
    case Touch::kTimedOut:
      break;
  }
  return CtapStatus::kUserActionTimeout;
}

CtapStatus Authenticator::select_device(const Client& client) {
  return confirm(client, "FIDO: use this token?", {});
}

// CTAP 2.1, 6.6: soon after power-up, and by touch, so that no program can do it unseen.
CtapStatus Authenticator::reset(const Client& client) {
  if (board_.milliseconds() - powered_ > kResetWindow) return CtapStatus::kNotAllowed;
  const CtapStatus confirmed = confirm(client, "FIDO: erase all keys?", {});
  if (confirmed != CtapStatus::kSuccess) return confirmed;
  const Result<Credentials::Master> master = credentials_.make_master();
  if (!master.ok()) return CtapStatus::kOther;
  const Change changes[] = {Change::remove_range(place::kFirst, place::kLast),
                            Change::set(place::kMaster, master.value())};
  const Status status = store_.apply(changes, Room::kReserved);
  if (status != Status::kOk) return ctap_status(status);
  pin_.power_up();
  agreement_.renew();
  token_.end();
  blobs_.forget();
  return CtapStatus::kSuccess;
}

bool Authenticator::continues(const Client& client, std::uint8_t command, ByteView parameters) const {
  if (iteration_.kind == Kind::kNone || iteration_.channel != client.channel) return false;
  if (board_.milliseconds() - iteration_.touched >= kIterationWait) return false;
  if (command == kGetNextAssertion) return iteration_.kind == Kind::kAssertions;
  if (command != kCredentialManagementCommand && command != kOldCredentialManagement) return false;
  Subcommand asked;
  if (check_cbor(parameters) != CtapStatus::kSuccess ||
      read_subcommand(parameters, asked) != CtapStatus::kSuccess) {
    return false;
  }
  return (asked.number == kNextRelyingParty && iteration_.kind == Kind::kRelyingParties) ||
         (asked.number == kNextCredential && iteration_.kind == Kind::kCredentials);
}

void Authenticator::begin_iteration(const Client& client, Kind kind, const Slots& slots) {
  iteration_.kind = kind;
  iteration_.channel = client.channel;
  iteration_.touched = board_.milliseconds();
  iteration_.slots = slots;
  iteration_.next = 1;  // the first was answered by the command that began it
}

void Authenticator::drop_iteration() {
  iteration_.kind = Kind::kNone;
  iteration_.slots.count = 0;
  iteration_.assertion = Assertion();
}

void Authenticator::drop_channel(std::uint32_t channel) {
  if (iteration_.channel == channel) drop_iteration();
}

CtapResult<std::size_t> Authenticator::next_slot(const Client& client, Kind kind) {
  const bool there = iteration_.kind == kind && iteration_.channel == client.channel &&
                     iteration_.next < iteration_.slots.count;
  if (!there) return CtapStatus::kNotAllowed;
  iteration_.touched = board_.milliseconds();
  return static_cast<std::size_t>(iteration_.slots.slots[iteration_.next++]);
}

CtapStatus Authenticator::authorise(const PinAuth& auth, Permission permission,
                                    std::initializer_list<ByteView> parts) {
  if (!auth.present) return CtapStatus::kPuatRequired;
  if (!auth.protocol_present) return CtapStatus::kMissingParameter;
  if (!is_protocol(auth.protocol)) return CtapStatus::kInvalidParameter;
  const bool permitted =
      token_.verify(board_.milliseconds(), auth.protocol, parts, auth.param) && token_.permits(permission);
  return permitted ? CtapStatus::kSuccess : CtapStatus::kPinAuthInvalid;
}

// CTAP 2.1, 6.1.2 and 6.2.2, first steps: a parameter of no bytes asks which token is meant.
CtapStatus Authenticator::require_pin(const Client& client, const PinAuth& auth) {
  if (!auth.present) return CtapStatus::kSuccess;
  if (auth.param.empty()) {
    const CtapStatus confirmed = confirm(client, "FIDO: use this token?", {});
    if (confirmed != CtapStatus::kSuccess) return confirmed;
    return pin_.is_set() ? CtapStatus::kPinInvalid : CtapStatus::kPinNotSet;
  }
  if (!auth.protocol_present) return CtapStatus::kMissingParameter;
  return is_protocol(auth.protocol) ? CtapStatus::kSuccess : CtapStatus::kInvalidParameter;
}

void write_data_head(const Hash& rp_hash, std::uint8_t flags, std::uint32_t count, Writer& out) {
  std::array<std::uint8_t, 4> counter{};
  store_be32(counter.data(), count);
  out.bytes(rp_hash);
  out.byte(flags);
  out.bytes(counter);
}

void write_cose_key(ByteView point, int algorithm, Writer& out) {
  CborWriter cbor(out);
  cbor.map(5);
  cbor.integer(1);
  cbor.integer(2);
  cbor.integer(3);
  cbor.integer(algorithm);
  cbor.integer(-1);
  cbor.integer(1);
  cbor.integer(-2);
  cbor.bytes(point.subspan(1, 32));
  cbor.integer(-3);
  cbor.bytes(point.subspan(33, 32));
}

void write_descriptor(ByteView id, Writer& out) {
  CborWriter cbor(out);
  cbor.map(2);
  cbor.text("id");
  cbor.bytes(id);
  cbor.text("type");
  cbor.text("public-key");
}

void write_user(const StoredCredential& stored, bool with_names, Writer& out) {
  const bool name = with_names && stored.has_name;
  const bool display_name = with_names && stored.has_display_name;
  CborWriter cbor(out);
  cbor.map(std::size_t{1} + (name ? 1 : 0) + (display_name ? 1 : 0));
  cbor.text("id");
  cbor.bytes(stored.user_id.view());
  if (name) {
    cbor.text("name");
    cbor.text(as_text(stored.name.view()));
  }
  if (display_name) {
    cbor.text("displayName");
    cbor.text(as_text(stored.display_name.view()));
  }
}

}  // namespace sceau::firmware::fido
