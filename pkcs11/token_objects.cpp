// What a token shows: searching, and reading what is not read yet.
#include <algorithm>
#include <utility>

#include "clear_sign_object.h"
#include "handles.h"
#include "sceau/base/digest.h"
#include "token.h"
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

Bytes identity_of(const Object& object) {
  Bytes identity = object.attributes.at(CKA_CLASS);
  append(identity, bytes_of(object.attributes, CKA_ID));
  append(identity, bytes_of(object.attributes, CKA_PROFILE_ID));
  append(identity, bytes_of(object.attributes, CKA_OBJECT_ID));
  // Another key in the same slot is another object.
  if (object.key) append(identity, object.key->spki);
  return identity;
}

}  // namespace

// The objects anew from what is known; handles stay. Called with the card's lock held.
void Token::rebuild() {
  const std::lock_guard lock(state_mutex_);
  if (!objects_.empty() && built_revision_ == contents_.revision()) return;
  built_revision_ = contents_.revision();
  std::vector<ObjectPtr> before = std::exchange(objects_, {});
  SystemRandom random;
  for (Object& object : objects_of(contents_)) {
    const auto taken = [&](CK_ULONG handle) {
      return std::any_of(handles_.begin(), handles_.end(),
                         [&](const auto& entry) { return entry.second == handle; });
    };
    const Bytes identity = identity_of(object);
    if (!handles_.contains(identity)) handles_[identity] = new_handle(random, taken);
    object.handle = handles_[identity];
    // The same in every process and at every insertion, and another one for another key in the same slot.
    const Digest unique = sha256({as_bytes(serial_), identity});
    put(object.attributes, CKA_UNIQUE_ID, std::string_view(to_hex(ByteView(unique).first(16))));
    objects_.push_back(std::make_shared<const Object>(std::move(object)));
  }
}

Result<std::vector<CK_OBJECT_HANDLE>> Token::find(const Attributes& wanted) {
  const auto interest = interest_of(wanted);
  auto learnt = with_card([&](token::PivCard& card) -> sceau::Status {
    if (interest)
      if (auto read = learn(card, *interest); !read) return read;
    rebuild();
    return {};
  });
  if (!learnt) return learnt.failure();
  const std::lock_guard lock(state_mutex_);
  std::vector<CK_OBJECT_HANDLE> found;
  for (const ObjectPtr& object : objects_)
    if ((!object->is_private() || login_ != Login::nobody) && matches(object->attributes, wanted))
      found.push_back(object->handle);
  return found;
}

ObjectPtr Token::any_object(CK_OBJECT_HANDLE handle) {
  const std::lock_guard lock(state_mutex_);
  const auto found = std::find_if(objects_.begin(), objects_.end(),
                                  [&](const ObjectPtr& object) { return object->handle == handle; });
  return found == objects_.end() ? nullptr : *found;
}

ObjectPtr Token::object(CK_OBJECT_HANDLE handle) {
  ObjectPtr found = any_object(handle);
  if (found && found->is_private() && login_ == Login::nobody) return nullptr;
  return found;
}

Result<ObjectPtr> Token::complete(const ObjectPtr& object) {
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
