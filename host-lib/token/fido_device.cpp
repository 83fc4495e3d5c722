#include "fido_device.h"

#include <sys/stat.h>

#include "fido_wire.h"

namespace sceau::token {
namespace {

// How long a key may take for one command, in milliseconds: its own time for a touch is 30 s.
constexpr int kLongestCommand = 60000;

bool is_socket(const std::string& path) {
  struct stat what {};
  return ::stat(path.c_str(), &what) == 0 && S_ISSOCK(what.st_mode);
}

bool is_about_pins(int code) {
  return (code >= FIDO_ERR_PIN_INVALID && code <= FIDO_ERR_PIN_TOKEN_EXPIRED) ||
         code == FIDO_ERR_UV_BLOCKED || code == FIDO_ERR_UV_INVALID;
}

}  // namespace

FidoDevice::~FidoDevice() {
  if (device_ != nullptr) fido_dev_close(device_);
  fido_dev_free(&device_);
  if (held_ != nullptr) held_->end();
}

Status FidoDevice::open(Channel* channel, const std::string& path, const std::string& name) {
  name_ = name;
  fido_init(FIDO_DISABLE_U2F_FALLBACK);
  device_ = fido_dev_new();
  if (device_ == nullptr) return Error{ErrorKind::unavailable, "there is no memory for a FIDO2 key"};
  fido_dev_set_timeout(device_, kLongestCommand);
  if (channel != nullptr) {
    if (auto begun = channel->begin(); !begun) return begun.error();
    held_ = channel;
    if (auto opened = open_channel(); !opened) return opened;
  } else if (auto opened = open_path(path); !opened) {
    return opened;
  }
  if (fido_dev_is_fido2(device_)) return {};
  return Error{ErrorKind::refused, "\"" + name_ + "\" speaks U2F only, and verifies nobody: use a FIDO2 key"};
}

Status FidoDevice::open_channel() {
  wire_ = std::make_unique<FidoWire>();
  wire_->channel = held_;
  int code = fido_dev_set_io_functions(device_, &wire_io());
  if (code == FIDO_OK) code = fido_dev_set_transport_functions(device_, &wire_transport());
  if (code == FIDO_OK) code = fido_dev_open(device_, path_of(*wire_).c_str());
  if (code != FIDO_OK) return failure("opening it", code);
  return {};
}

Status FidoDevice::open_path(const std::string& path) {
  int code = is_socket(path) ? fido_dev_set_io_functions(device_, &socket_io()) : FIDO_OK;
  if (code == FIDO_OK) code = fido_dev_open(device_, path.c_str());
  if (code == FIDO_OK) return {};
  return Error{ErrorKind::unavailable, "cannot open \"" + name_ + "\" (" + fido_strerr(code) +
                                           "): plug the key in, and have an administrator let you use it"};
}

Error FidoDevice::pin_failure(const std::string& what, int code) const {
  int left = 0;
  switch (code) {
    case FIDO_ERR_PIN_INVALID:
      if (fido_dev_get_retry_count(device_, &left) != FIDO_OK)
        return {ErrorKind::authentication, what + ": the PIN is wrong"};
      return {ErrorKind::authentication, what + ": the PIN is wrong: " + std::to_string(left) +
                                             (left == 1 ? " try left" : " tries left")};
    case FIDO_ERR_PIN_AUTH_BLOCKED:
      return {ErrorKind::authentication,
              what + ": too many wrong PINs in a row: take the key out, insert it again, and think"};
    case FIDO_ERR_PIN_BLOCKED:
      return {
          ErrorKind::authentication,
          what + ": its PIN is blocked, and only erasing it ends that: have it revoked, and enrol another"};
    case FIDO_ERR_PIN_NOT_SET:
      return {
          ErrorKind::authentication,
          what + ": no PIN is set on it: 'sceau token init --fido2' sets one, and so does 'fido2-token -S'"};
    case FIDO_ERR_PIN_POLICY_VIOLATION:
      return {ErrorKind::refused, what + ": it does not take this PIN: choose a longer one"};
    case FIDO_ERR_PIN_REQUIRED:
      return {ErrorKind::authentication,
              what + ": it wants its PIN for everything, and nothing here asks for it: switch alwaysUv off"};
    case FIDO_ERR_UV_BLOCKED:
    case FIDO_ERR_UV_INVALID:
      return {ErrorKind::authentication, what + ": it did not know its user again: try once more"};
    default:
      return {ErrorKind::authentication, what + ": it did not take the PIN (" + fido_strerr(code) + ")"};
  }
}

Error FidoDevice::failure(const std::string& doing, int code) const {
  const std::string what = doing + " on FIDO2 key \"" + name_ + "\"";
  if (wire_ && wire_->problem) return wire_->problem->within(what);
  if (is_about_pins(code)) return pin_failure(what, code);
  switch (code) {
    case FIDO_ERR_TX:
    case FIDO_ERR_RX:
    case FIDO_ERR_TIMEOUT:
      return {ErrorKind::unavailable, what + ": the key went away, and nothing came of it: plug it in again"};
    case FIDO_ERR_CHANNEL_BUSY:
      return {ErrorKind::unavailable, what + ": another program is using it: try again when that has ended"};
    case FIDO_ERR_NO_CREDENTIALS:
    case FIDO_ERR_INVALID_CREDENTIAL:
      return {ErrorKind::not_found, what + ": it does not hold this credential: use the key that does"};
    case FIDO_ERR_ACTION_TIMEOUT:
    case FIDO_ERR_USER_ACTION_TIMEOUT:
      return {ErrorKind::refused, what + ": nobody touched it in time: try again"};
    case FIDO_ERR_OPERATION_DENIED:
    case FIDO_ERR_KEEPALIVE_CANCEL:
      return {ErrorKind::refused, what + ": the touch was refused: nothing was signed"};
    case FIDO_ERR_KEY_STORE_FULL:
      return {ErrorKind::refused, what + ": it has no room for another credential: delete one of them"};
    case FIDO_ERR_UNSUPPORTED_ALGORITHM:
      return {ErrorKind::refused, what + ": it cannot make ES256 keys: use another model"};
    case FIDO_ERR_RX_NOT_CBOR:
    case FIDO_ERR_RX_INVALID_CBOR:
      return {ErrorKind::corrupt, what + ": its answer breaks CTAP2's form: use another key"};
    default:
      return {ErrorKind::refused, what + ": it says " + fido_strerr(code)};
  }
}

}  // namespace sceau::token
