// Statements, signed by the clear-sign application of the same card.
#include <memory>
#include <utility>

#include "card_token.h"
#include "lent_channel.h"
#include "statement_evidence.h"
#include "token_card.h"

namespace sceau::pkcs11 {
namespace {

// Status words of the application (firmware/clearsign/FORMATS.md).
constexpr std::uint16_t kWrongLength = 0x6700;
constexpr std::uint16_t kNotPressed = 0x6982;
constexpr std::uint16_t kNoStatement = 0x6A80;

// What the token refused, in PKCS#11's codes.
Failure refusal(Failure failure, std::uint16_t status) {
  if (failure.code != CKR_FUNCTION_REJECTED) return failure;
  if (status == kNoStatement) failure.code = CKR_DATA_INVALID;
  if (status == kNotPressed) failure.code = CKR_FUNCTION_CANCELED;
  if (status == kWrongLength) failure.code = CKR_DATA_LEN_RANGE;
  return failure;
}

}  // namespace

Status CardToken::verify_for_statement(const std::optional<Secret>& pin) {
  return verify_pin(pin, [&](token::PivCard& card, std::optional<int>& tries_left) {
    token::ClearCard clear(std::make_unique<LentChannel>(card.lend()));
    auto done = pin ? clear.verify_pin(*pin) : clear.verify_pin_on_pad();
    tries_left = clear.tries_left();
    pin_state_.reset();  // PIV's and this one are the same PIN
    return done;
  });
}

Bytes CardToken::certificate_beside(const Object& key) const {
  const std::lock_guard lock(state_mutex_);
  for (const ObjectPtr& object : objects_)
    if (object->clear_slot == key.clear_slot && object->object_class() == CKO_CERTIFICATE)
      return to_bytes(bytes_of(object->attributes, CKA_VALUE));
  return {};
}

Result<Bytes> CardToken::witness(const Object& key, const ToWitness& what) {
  const Bytes certificate = certificate_beside(key);
  auto signatory = read_signatory(certificate);
  if (!signatory) return signatory.failure();
  token::ClearOrder order;
  order.slot = *key.clear_slot;
  order.statement = what.data;
  order.request = what.request;
  order.evidence = what.evidence;
  order.signing_time = now();
  order.certificate = sha256(certificate);
  std::uint16_t status = 0;
  auto made = with_card([&](token::PivCard& card) {
    token::ClearCard clear(std::make_unique<LentChannel>(card.lend()));
    auto signature = clear.sign_verified(order, {});
    status = clear.last_status();
    return signature;
  });
  if (!made) return refusal(made.failure(), status);
  return make_evidence(*signatory, what.data, *made);
}

std::size_t CardToken::longest_witness(const Object& key) const {
  // Attributes (512 bytes at most), signature and frame of a CMS file, in base64; then the frame of evidence
  // and a person's name.
  constexpr std::size_t kAround = 768;
  constexpr std::size_t kNames = 160;
  return (key.signatory_size + kAround + 2) / 3 * 4 + kNames;
}

}  // namespace sceau::pkcs11
