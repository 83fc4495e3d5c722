// The clear-sign keys: P-256, each with its policy, its counter and the certificate that somebody issued.
#pragma once

#include "clearsign/objects.h"
#include "clearsign/policy.h"
#include "crypto/key_pair.h"
#include "piv/data.h"
#include "store/store.h"

namespace sceau::firmware::clearsign {

struct Key {
  KeyPair pair;
  BoundedBytes<kMaxPolicy> policy;  // DER, as read_policy() took it
};

// A custodian's secret, beside its key.
struct KeptMaster {
  Master secret;
  bool cloned = false;  // its shares were given out, or were about to be; or it came from another token
};

class Keys final : public piv::ShownKeys {
 public:
  explicit Keys(Store& store) : store_(store) {}

  bool contains(std::uint8_t slot) const { return store_.contains(key_place(slot)); }
  // kNotFound: the slot is empty; kCorrupt, kHardware.
  Result<Key> read(std::uint8_t slot);
  // With its master where it has one, in one transaction. kFull: nothing changed; kHardware.
  Status write(std::uint8_t slot, const Key& key, const Master* master);
  // Key, certificate and master, in one transaction; the counter stays. kNotFound, kHardware.
  Status remove(std::uint8_t slot);

  // kNotFound: none was made; kCorrupt, kHardware.
  Result<KeptMaster> master(std::uint8_t slot);
  // From now on, and for ever, this is a master that others hold shares of. kFull, kHardware.
  Status mark_cloned(std::uint8_t slot, const Master& master);

  // How many signatures this slot's keys have counted, ever. kCorrupt, kHardware.
  Result<std::uint32_t> counter(std::uint8_t slot);
  static ObjectKey counter_place(std::uint8_t slot) {
    return static_cast<ObjectKey>(place::kCounters + slot);
  }

  // kNotFound: none was put there.
  Result<std::size_t> certificate(std::uint8_t slot, ByteSpan into);
  Status put_certificate(std::uint8_t slot, ByteView der);

  void list(Writer& response) const override;
  // 80 public point, 81 policy, 82 certificate, which may be empty.
  Status show(std::uint8_t slot, Writer& response) override;

 private:
  static ObjectKey key_place(std::uint8_t slot) { return static_cast<ObjectKey>(place::kKeys + slot); }
  static ObjectKey certificate_place(std::uint8_t slot) {
    return static_cast<ObjectKey>(place::kCertificates + slot);
  }

  static ObjectKey master_place(std::uint8_t slot) { return static_cast<ObjectKey>(place::kMasters + slot); }

  Store& store_;
};

}  // namespace sceau::firmware::clearsign
