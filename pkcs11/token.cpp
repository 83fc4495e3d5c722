#include "token.h"

#include <algorithm>
#include <utility>

#include "handles.h"
#include "sceau/base/digest.h"

namespace sceau::pkcs11 {
namespace {

Failure not_here() { return {CKR_FUNCTION_NOT_SUPPORTED, "this kind of token does not do that"}; }

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

void Token::session_opened(bool read_write) {
  ++sessions_;
  if (read_write) ++read_write_sessions_;
}

void Token::session_closed(bool read_write) {
  if (read_write) --read_write_sessions_;
  if (--sessions_ == 0) end_login();
}

Status Token::check_new_login(Login who) const {
  if (login_ == who) return Failure{CKR_USER_ALREADY_LOGGED_IN};
  if (login_ != Login::nobody) return Failure{CKR_USER_ANOTHER_ALREADY_LOGGED_IN};
  if (who == Login::security_officer && sessions_ != read_write_sessions_)
    return Failure{CKR_SESSION_READ_ONLY_EXISTS};
  return {};
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

std::vector<CK_OBJECT_HANDLE> Token::matching(const Attributes& wanted) {
  const std::lock_guard lock(state_mutex_);
  std::vector<CK_OBJECT_HANDLE> found;
  for (const ObjectPtr& object : objects_)
    if ((!object->is_private() || login_ != Login::nobody) && matches(object->attributes, wanted))
      found.push_back(object->handle);
  return found;
}

void Token::show(std::vector<Object> objects, const std::string& serial) {
  const std::lock_guard lock(state_mutex_);
  objects_.clear();
  objects_.reserve(objects.size());
  SystemRandom random;
  for (Object& object : objects) {
    const auto taken = [&](CK_ULONG handle) {
      return std::any_of(handles_.begin(), handles_.end(),
                         [&](const auto& entry) { return entry.second == handle; });
    };
    const Bytes identity = identity_of(object);
    if (!handles_.contains(identity)) handles_[identity] = new_handle(random, taken);
    object.handle = handles_[identity];
    // The same in every process and at every insertion, and another one for another key in the same slot.
    const Digest unique = sha256({as_bytes(serial), identity});
    put(object.attributes, CKA_UNIQUE_ID, std::string_view(to_hex(ByteView(unique).first(16))));
    objects_.push_back(std::make_shared<const Object>(std::move(object)));
  }
}

Result<Bytes> Token::sign_digest(const Object& /*key*/, ByteView /*digest*/) { return not_here(); }
Result<Bytes> Token::witness(const Object& /*key*/, const ToWitness& /*what*/) { return not_here(); }
std::size_t Token::longest_witness(const Object& /*key*/) const { return 0; }
Result<Secret> Token::rsa_private(const Object& /*key*/, ByteView /*block*/) { return not_here(); }
Result<Secret> Token::agree(const Object& /*key*/, ByteView /*point*/) { return not_here(); }
Status Token::fill_random(std::span<std::uint8_t> /*out*/) { return Failure{CKR_RANDOM_NO_RNG}; }
Result<Token::KeyPair> Token::generate(token::Slot /*slot*/, token::Algorithm /*algorithm*/,
                                       token::PinPolicy /*pin*/) {
  return not_here();
}
Result<Token::KeyPair> Token::import_key(token::Slot /*slot*/, const token::PrivateKey& /*key*/,
                                         token::PinPolicy /*pin*/) {
  return not_here();
}
Result<CK_OBJECT_HANDLE> Token::put_certificate(token::Slot /*slot*/, ByteView /*certificate*/) {
  return not_here();
}
Result<CK_OBJECT_HANDLE> Token::put_data(std::uint32_t /*tag*/, ByteView /*value*/) { return not_here(); }
Status Token::remove(const Object& /*object*/) { return not_here(); }
Status Token::set_management_key(const Secret& /*old_key*/, const Secret& /*new_key*/) { return not_here(); }
Status Token::init_pin(const Secret& /*pin*/) { return not_here(); }
Status Token::set_pin_on_pad() { return Failure{CKR_ARGUMENTS_BAD, "there is nothing to type a PIN on"}; }
Status Token::initialise(const Secret& /*management_key*/) { return not_here(); }

}  // namespace sceau::pkcs11
