#include "split.h"

#include <memory>
#include <mutex>

// libgfshare's header has no guard for C++.
extern "C" {
#include <libgfshare.h>
}

#include "openssl.h"

namespace sceau::token {
namespace {

using SharingOwner = Handle<gfshare_ctx, gfshare_ctx_free>;

// libgfshare takes its random bytes from one function without arguments of ours: this names the source
// for as long as a call of ours is inside the library on this thread.
thread_local Random* current_random = nullptr;

void fill(unsigned char* out, unsigned int size) { current_random->fill(std::span(out, size)); }

class UseRandom {
 public:
  explicit UseRandom(Random& random) {
    static std::once_flag once;
    std::call_once(once, [] { gfshare_fill_rand = fill; });
    current_random = &random;
  }
  ~UseRandom() { current_random = nullptr; }
  UseRandom(const UseRandom&) = delete;
  UseRandom& operator=(const UseRandom&) = delete;
};

Error no_memory() { return {ErrorKind::internal, "cannot split or join a secret: no memory left"}; }

}  // namespace

Result<std::vector<Secret>> split_secret(const Secret& secret, int threshold, int count, Random& random) {
  const UseRandom use(random);
  Bytes indices;
  for (int i = 1; i <= count; ++i) indices.push_back(static_cast<std::uint8_t>(i));
  const SharingOwner sharing(gfshare_ctx_init_enc(indices.data(), static_cast<unsigned>(count),
                                                  static_cast<unsigned char>(threshold),
                                                  static_cast<unsigned>(secret.size())));
  if (!sharing) return no_memory();
  Secret copy = secret.clone();
  gfshare_ctx_enc_setsecret(sharing.get(), copy.writable().data());
  std::vector<Secret> shares;
  for (int i = 0; i < count; ++i) {
    Secret share = Secret::sized(secret.size());
    gfshare_ctx_enc_getshare(sharing.get(), static_cast<unsigned char>(i), share.writable().data());
    shares.push_back(std::move(share));
  }
  return shares;
}

Result<Secret> join_shares(const std::vector<OpenedShare>& shares) {
  SystemRandom random;  // libgfshare overwrites its buffers with random bytes when it frees them
  const UseRandom use(random);
  Bytes indices;
  for (const OpenedShare& share : shares) indices.push_back(static_cast<std::uint8_t>(share.index));
  const auto size = static_cast<unsigned>(shares[0].share.size());
  const SharingOwner joining(
      gfshare_ctx_init_dec(indices.data(), static_cast<unsigned>(indices.size()), size));
  if (!joining) return no_memory();
  for (std::size_t i = 0; i < shares.size(); ++i) {
    Secret share = shares[i].share.clone();
    gfshare_ctx_dec_giveshare(joining.get(), static_cast<unsigned char>(i), share.writable().data());
  }
  Secret secret = Secret::sized(size);
  gfshare_ctx_dec_extract(joining.get(), secret.writable().data());
  return secret;
}

}  // namespace sceau::token
