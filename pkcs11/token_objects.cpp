// What a token shows: searching, and reading what is not read yet.
#include <algorithm>
#include <utility>

#include "card_token.h"
#include "clear_sign_object.h"
#include "token_card.h"

namespace sceau::pkcs11 {
namespace {

// Which slots a template can be about: CKA_ID names one.
std::set<token::Slot> slots_of(const Attributes& wanted) {
  const auto id = wanted.find(CKA_ID);
  if (id == wanted.end() || id->second.empty() || id->second.size() > 2) return {};
  const auto slot = slot_of_number(id->second[0]);
  return slot ? std::set{*slot} : std::set<token::Slot>{};
}

// Nothing: no object of the card can match.
std::optional<Interest> interest_of(const Attributes& wanted) {
  const auto asked = number_of(wanted, CKA_CLASS);
  if (asked && *asked != CKO_PRIVATE_KEY && *asked != CKO_PUBLIC_KEY && *asked != CKO_CERTIFICATE &&
      *asked != CKO_DATA)
    return std::nullopt;
  Interest interest;
  if (const auto id = wanted.find(CKA_ID); id != wanted.end() && is_clear_sign_id(id->second)) {
    interest.clear_sign = true;
    return interest;
  }
  // What costs a command each is read when somebody looks for data objects.
  interest.data = asked == CKO_DATA;
  if (interest.data) return interest;
  interest.slots = slots_of(wanted);
  interest.keys = true;
  interest.clear_sign = interest.slots.empty();
  const bool about_subject = wanted.contains(CKA_SUBJECT);
  interest.certificates = !asked || *asked == CKO_CERTIFICATE || about_subject;
  return interest;
}

}  // namespace

// The objects anew from what is known; handles stay. Called with the card's lock held.
void CardToken::rebuild() {
  if (!objects_.empty() && built_revision_ == contents_.revision()) return;
  built_revision_ = contents_.revision();
  show(objects_of(contents_), serial_);
}

Result<std::vector<CK_OBJECT_HANDLE>> CardToken::find(const Attributes& wanted) {
  const auto interest = interest_of(wanted);
  auto learnt = with_card([&](token::PivCard& card) -> sceau::Status {
    if (interest)
      if (auto read = learn(card, *interest); !read) return read;
    rebuild();
    return {};
  });
  if (!learnt) return learnt.failure();
  return matching(wanted);
}

Result<ObjectPtr> CardToken::complete(const ObjectPtr& object) {
  if (object->unread == Object::Unread::nothing) return object;
  auto value = with_card([&](token::PivCard& card) -> sceau::Result<Bytes> {
    if (object->unread == Object::Unread::attestation) {
      auto attested = card.attest(*object->slot);
      if (attested) contents_.keep_attestation(*object->slot, *attested);
      save();
      return attested;
    }
    auto read = card.object(object->tag);
    if (!read && read.error().kind == ErrorKind::authentication && verify_kept_pin(card))
      return card.object(object->tag);
    return read;
  });
  if (!value) return value.failure();
  auto whole = std::make_shared<Object>(*object);
  whole->unread = Object::Unread::nothing;
  if (object->unread == Object::Unread::attestation) {
    fill_attestation(whole->attributes, *value);
  } else {
    put(whole->attributes, CKA_VALUE, *value);
  }
  const std::lock_guard lock(state_mutex_);
  for (ObjectPtr& known : objects_)
    if (known->handle == whole->handle) known = whole;
  return ObjectPtr(std::move(whole));
}

}  // namespace sceau::pkcs11
