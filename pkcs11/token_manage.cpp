// What the administrator changes on a card. Every change forgets what was known of the place it changed.
#include <utility>

#include "card_token.h"
#include "token_card.h"

namespace sceau::pkcs11 {

// The card remembers the management key, until another program selects something else.
Status CardToken::administer(const std::function<sceau::Status(token::PivCard&)>& work) {
  if (login_ != Login::security_officer) return Failure{CKR_USER_NOT_LOGGED_IN};
  auto done = with_card([&](token::PivCard& card) -> sceau::Status {
    if (auto looked = look_again(card); !looked) return looked;
    auto worked = work(card);
    // Nobody else was at the card meanwhile: what is known of all that was not changed here still holds.
    if (has_directory_ && identified_)
      if (const auto after = card.directory()) contents_.take(*after);
    return worked;
  });
  if (!done && done.failure().code == CKR_USER_NOT_LOGGED_IN) end_login();
  return done;
}

CK_OBJECT_HANDLE CardToken::handle_of(CK_OBJECT_CLASS object_class, ByteView id) {
  const std::lock_guard lock(state_mutex_);
  for (const ObjectPtr& object : objects_) {
    const ByteView own = bytes_of(object->attributes, CKA_ID);
    if (object->object_class() == object_class && std::equal(own.begin(), own.end(), id.begin(), id.end()))
      return object->handle;
  }
  return CK_INVALID_HANDLE;
}

Result<CardToken::KeyPair> CardToken::new_key(token::Slot slot) {
  auto learnt = with_card([&](token::PivCard& card) -> sceau::Status {
    auto read = learn(card, {{slot}, true, true});
    rebuild();
    return read;
  });
  if (!learnt) return learnt.failure();
  const Bytes id{slot_number(slot)};
  return KeyPair{handle_of(CKO_PUBLIC_KEY, id), handle_of(CKO_PRIVATE_KEY, id)};
}

Result<CardToken::KeyPair> CardToken::generate(token::Slot slot, token::Algorithm algorithm,
                                               token::PinPolicy pin) {
  auto done = administer([&](token::PivCard& card) -> sceau::Status {
    contents_.forget(slot);
    auto generated = card.generate(slot, algorithm, pin, token::TouchPolicy::standard);
    if (!generated) return generated.error();
    return {};
  });
  if (!done) return done.failure();
  return new_key(slot);
}

Result<CardToken::KeyPair> CardToken::import_key(token::Slot slot, const token::PrivateKey& key,
                                                 token::PinPolicy pin) {
  auto done = administer([&](token::PivCard& card) {
    contents_.forget(slot);
    return card.import_key(slot, key, pin, token::TouchPolicy::standard);
  });
  if (!done) return done.failure();
  return new_key(slot);
}

Result<CK_OBJECT_HANDLE> CardToken::put_certificate(token::Slot slot, ByteView certificate) {
  auto done = administer([&](token::PivCard& card) {
    contents_.forget(slot);
    return card.put_certificate(slot, certificate);
  });
  if (!done) return done.failure();
  if (auto learnt = new_key(slot); !learnt) return learnt.failure();
  return handle_of(CKO_CERTIFICATE, Bytes{slot_number(slot)});
}

Result<CK_OBJECT_HANDLE> CardToken::put_data(std::uint32_t tag, ByteView value) {
  auto done = administer([&](token::PivCard& card) -> sceau::Status {
    if (auto written = card.put_object(tag, value); !written) return written;
    contents_.forget_data(tag);
    // Another CHUID is, for the cache, another card.
    if (tag == kTagChuid) identified_ = false;
    return learn(card, {{}, false, false, true});
  });
  if (!done) return done.failure();
  auto rebuilt = with_card([&](token::PivCard& /*card*/) -> sceau::Status {
    rebuild();
    return {};
  });
  if (!rebuilt) return rebuilt.failure();
  const std::lock_guard lock(state_mutex_);
  for (const ObjectPtr& object : objects_)
    if (object->tag == tag) return object->handle;
  return CK_OBJECT_HANDLE{CK_INVALID_HANDLE};
}

Status CardToken::remove(const Object& object) {
  const bool key = object.object_class() == CKO_PRIVATE_KEY;
  const bool certificate =
      object.object_class() == CKO_CERTIFICATE && bytes_of(object.attributes, CKA_ID).size() == 1;
  const bool data = object.object_class() == CKO_DATA;
  if (!key && !certificate && !data) return Failure{CKR_ACTION_PROHIBITED};
  auto done = administer([&](token::PivCard& card) -> sceau::Status {
    if (object.slot) contents_.forget(*object.slot);
    if (data) contents_.forget_data(object.tag);
    if (key) return card.remove_key(*object.slot);
    return certificate ? card.put_certificate(*object.slot, {}) : card.put_object(object.tag, {});
  });
  if (!done) return done;
  return with_card([&](token::PivCard& card) -> sceau::Status {
    auto read = object.slot ? learn(card, {{*object.slot}, true, true}) : sceau::Status();
    rebuild();
    return read;
  });
}

}  // namespace sceau::pkcs11
