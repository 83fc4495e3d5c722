// The serialised array of large blobs (CTAP 2.1, 6.10), in pieces of the store.
//
// There are two sides: the head names the one in force; the other takes what is being written. A write that
// is complete and carries its own right hash comes into force in one transaction, which also takes the old
// side away: at any cut the array is the old one or the new one, whole.
#pragma once

#include "crypto/hash.h"
#include "fido/objects.h"
#include "fido/status.h"
#include "store/store.h"

namespace sceau::firmware::fido {

class LargeBlobStore {
 public:
  explicit LargeBlobStore(Store& store) : store_(store) {}

  // Bytes of the array in force. kCorrupt, kHardware.
  Result<std::size_t> size();
  // Appends at most `count` bytes from `offset`, which is at most size(). kCorrupt, kHardware.
  Status read(std::size_t offset, std::size_t count, Writer& out);

  // The next offset that append() takes; and how much of the announced length is missing.
  std::size_t next() const { return next_; }
  std::size_t missing() const { return length_ - next_; }
  bool writing() const { return length_ != 0; }
  // A new array of `length` bytes, at least 17. kHardware.
  Status begin(std::size_t length);
  // At most missing() bytes. The last ones bring it into force. kLargeBlobStorageFull, kIntegrityFailure,
  // kOther: then the write is forgotten.
  CtapStatus append(ByteView fragment);
  void forget() { length_ = next_ = 0; }

 private:
  static constexpr std::size_t kPiece = 512;
  static constexpr std::size_t kPieces = kMaxLargeBlobs / kPiece;
  struct Head {
    std::uint8_t side = 0;
    std::size_t size = 0;
    bool initial = true;  // nothing was ever written
  };

  static ObjectKey place_of(std::uint8_t side, std::size_t piece);
  Result<Head> head();
  Status add(std::uint8_t side, ByteView fragment);
  CtapStatus finish(std::uint8_t side);
  Result<bool> is_whole(std::uint8_t side);

  Store& store_;
  std::size_t length_ = 0;  // announced; 0: nothing is being written
  std::size_t next_ = 0;
};

}  // namespace sceau::firmware::fido
