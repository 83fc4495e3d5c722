#include "board/host/test_maker.h"

#include "crypto/certificate.h"

namespace sceau::firmware::host {

namespace {

// For tests only: everybody knows this key.
constexpr std::uint8_t kPublishedTestKey[] = {
    0x61, 0x7b, 0x95, 0xbd, 0x13, 0xd6, 0xc7, 0x8f, 0xf2, 0xe0, 0x9c, 0x70, 0xcb, 0x68, 0x25, 0xbc,
    0x9a, 0x45, 0x51, 0x2e, 0x89, 0xa8, 0x33, 0x8d, 0x2b, 0x59, 0xf5, 0x8b, 0x9a, 0x27, 0x6c, 0x89};

// Of the one batch of simulated tokens, as public as the maker's.
constexpr std::uint8_t kPublishedBatchKey[] = {
    0x42, 0x3d, 0xc2, 0x58, 0x79, 0x21, 0x64, 0x70, 0x8a, 0xc6, 0x76, 0x2b, 0x71, 0xe2, 0x39, 0x3d,
    0x52, 0x57, 0x3c, 0x79, 0xc1, 0x0c, 0x7a, 0xb6, 0x46, 0xcb, 0x24, 0xb3, 0xfd, 0x19, 0x81, 0xb1};

// As the root certificate has them.
constexpr std::string_view kRootName = "Sceau Test Attestation Root, Not For Production";
constexpr std::uint8_t kRootKeyIdentifier[] = {0xC7, 0x17, 0x49, 0x48, 0x01, 0x0C, 0xB8, 0x30, 0x39, 0x5D,
                                               0x5D, 0xB1, 0x95, 0x43, 0xBC, 0x33, 0xCA, 0xEF, 0x5A, 0x6D};

}  // namespace

TestMaker::TestMaker(Board& board) : p256_(board, KeyType::kP256) {
  Writer out(name_);
  write_name(kRootName, out);
  name_size_ = out.size();
}

ByteView TestMaker::batch_key() const { return kPublishedBatchKey; }

ByteView TestMaker::key_identifier() const { return kRootKeyIdentifier; }

Result<std::size_t> TestMaker::sign(ByteView hash, ByteSpan signature) {
  const Result<KeyOutput> made = p256_.sign(kPublishedTestKey, hash);
  // A board's measured memory is the token's: nothing of the maker stays in it.
  p256_.unload();
  p256_.load();
  if (!made.ok()) return made.status();
  if (made.value().size > signature.size()) return Status::kTooLong;
  copy(made.value().view(), signature);
  return made.value().size;
}

}  // namespace sceau::firmware::host
