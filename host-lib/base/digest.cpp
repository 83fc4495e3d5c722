#include "sceau/base/digest.h"

#include <openssl/evp.h>

#include <algorithm>
#include <cstdlib>

#include "sceau/base/handle.h"
namespace sceau {
namespace {

using Context = Handle<EVP_MD_CTX, EVP_MD_CTX_free>;

// OpenSSL fails at SHA-256 only when memory is out or the library is broken: nothing can go on.
void require(int ok) {
  if (ok != 1) std::abort();
}

// Fetched once: EVP_sha256() would look the implementation up again at every use.
const EVP_MD* algorithm() {
  static const EVP_MD* const fetched = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  return fetched;
}

Context fresh() {
  Context context(EVP_MD_CTX_new());
  require(context ? 1 : 0);
  require(EVP_DigestInit_ex2(context.get(), algorithm(), nullptr));
  return context;
}

}  // namespace

Digest sha256(ByteView bytes) { return sha256({bytes}); }

Digest sha256(std::initializer_list<ByteView> parts) {
  thread_local const Context context(EVP_MD_CTX_new());
  require(EVP_DigestInit_ex2(context.get(), algorithm(), nullptr));
  for (const ByteView part : parts) require(EVP_DigestUpdate(context.get(), part.data(), part.size()));
  Digest out{};
  require(EVP_DigestFinal_ex(context.get(), out.data(), nullptr));
  return out;
}

Result<Digest> digest_from_hex(std::string_view text) {
  auto bytes = from_hex(text);
  if (!bytes || bytes->size() != 32) {
    return Error{ErrorKind::invalid, "digest is not 64 lower-case hexadecimal characters"};
  }
  Digest out{};
  std::copy(bytes->begin(), bytes->end(), out.begin());
  return out;
}

struct DigestStream::State {
  Context context = fresh();
};

DigestStream::DigestStream() : state_(std::make_unique<State>()) {}
DigestStream::~DigestStream() = default;
DigestStream::DigestStream(DigestStream&&) noexcept = default;
DigestStream& DigestStream::operator=(DigestStream&&) noexcept = default;

void DigestStream::update(ByteView bytes) {
  require(EVP_DigestUpdate(state_->context.get(), bytes.data(), bytes.size()));
}

Digest DigestStream::current() const {
  const Context copy(EVP_MD_CTX_new());
  require(EVP_MD_CTX_copy_ex(copy.get(), state_->context.get()));
  Digest out{};
  require(EVP_DigestFinal_ex(copy.get(), out.data(), nullptr));
  return out;
}

}  // namespace sceau
