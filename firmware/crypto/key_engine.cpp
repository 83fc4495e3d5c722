#include "crypto/key_engine.h"

namespace sceau::firmware {

Result<KeyPair> KeyEngine::generate(KeyType type) {
  return is_rsa(type) ? rsa().generate(type) : curve(type).generate();
}

Result<KeyPair> KeyEngine::from_scalar(KeyType type, ByteView scalar) {
  return is_rsa(type) ? Status::kInvalid : curve(type).pair_of(scalar);
}

Result<KeyPair> KeyEngine::from_primes(KeyType type, const RsaParts& parts) {
  return rsa().pair_of(type, parts);
}

// RSA's numbers and the curves' tables need not find room at once. Both go before either comes back: so what
// RSA then needs of an allocator's memory does not depend on what was done before.
Rsa& KeyEngine::rsa() {
  p256_.unload();
  p384_.unload();
  p256_.load();
  p384_.load();
  return rsa_;
}

bool KeyEngine::can_use(const PublicKey& key, ByteView input) {
  if (is_rsa(key.type)) return Rsa::takes(key, input);
  return !input.empty() && input.size() <= number_size(key.type);
}

Result<KeyOutput> KeyEngine::use(const KeyPair& pair, ByteView input) {
  return is_rsa(pair.type()) ? rsa().apply(pair, input) : curve(pair.type()).sign(pair.secret.view(), input);
}

bool KeyEngine::can_agree(const PublicKey& key, ByteView point) {
  return !is_rsa(key.type) && curve(key.type).on_curve(point);
}

Result<KeyOutput> KeyEngine::agree(const KeyPair& pair, ByteView point) {
  if (is_rsa(pair.type())) return Status::kInvalid;
  return curve(pair.type()).agree(pair.secret.view(), point);
}

}  // namespace sceau::firmware
