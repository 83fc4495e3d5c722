// Keys of signed notes: Ed25519 through OpenSSL.
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <algorithm>
#include <string>

#include "note_text.h"
#include "sceau/base/handle.h"
#include "sceau/ledger/note.h"

namespace sceau::ledger {
namespace {

constexpr std::size_t kKeySize = 32;
constexpr std::size_t kSignatureSize = 64;

using KeyHandle = Handle<EVP_PKEY, EVP_PKEY_free>;
using Context = Handle<EVP_MD_CTX, EVP_MD_CTX_free>;

std::uint32_t key_id_of(std::string_view name, NoteKeyType type, ByteView public_key) {
  const std::array<std::uint8_t, 2> separator{0x0A, static_cast<std::uint8_t>(type)};
  const Digest digest = sha256({as_bytes(name), separator, public_key});
  return static_cast<std::uint32_t>(digest[0]) << 24 | static_cast<std::uint32_t>(digest[1]) << 16 |
         static_cast<std::uint32_t>(digest[2]) << 8 | digest[3];
}

std::string key_id_text(std::uint32_t key_id) {
  Bytes bytes;
  append_u16(bytes, static_cast<std::uint16_t>(key_id >> 16));
  append_u16(bytes, static_cast<std::uint16_t>(key_id));
  return to_hex(bytes);
}

bool is_ed25519_signature(ByteView public_key, ByteView message, ByteView signature) {
  const KeyHandle key(
      EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, public_key.data(), public_key.size()));
  const Context context(EVP_MD_CTX_new());
  return key && context && EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key.get()) == 1 &&
         EVP_DigestVerify(context.get(), signature.data(), signature.size(), message.data(),
                          message.size()) == 1;
}

// Never asks a person for a pass phrase.
int no_pass_phrase(char*, int, int, void*) { return 0; }

}  // namespace

Result<NoteVerifier> NoteVerifier::from_public_key(std::string_view name, NoteKeyType type,
                                                   ByteView public_key) {
  if (!is_key_name(name)) {
    return Error{ErrorKind::invalid, "a note key's name is not empty and has neither spaces nor '+'"};
  }
  if (public_key.size() != kKeySize) return Error{ErrorKind::invalid, "an Ed25519 public key is 32 bytes"};
  NoteVerifier verifier;
  verifier.name_ = name;
  verifier.type_ = type;
  verifier.key_id_ = key_id_of(name, type, public_key);
  std::copy(public_key.begin(), public_key.end(), verifier.public_key_.begin());
  return verifier;
}

Result<NoteVerifier> NoteVerifier::parse(std::string_view vkey) {
  const auto malformed = [](const char* what) {
    return Error{ErrorKind::invalid, std::string("verifier key is not name+hash+base64: ") + what};
  };
  const std::size_t first = vkey.find('+');
  const std::size_t second = first == std::string_view::npos ? first : vkey.find('+', first + 1);
  if (second == std::string_view::npos) return malformed("it has fewer than three parts");
  auto key = from_base64(vkey.substr(second + 1));
  if (!key || key->empty()) return malformed("its last part is not base64");
  const auto type = static_cast<NoteKeyType>(key->front());
  if (type != NoteKeyType::ed25519 && type != NoteKeyType::cosignature_v1) {
    return malformed("its signature type is unknown");
  }
  auto verifier = from_public_key(vkey.substr(0, first), type, ByteView(*key).subspan(1));
  if (!verifier) return verifier.error();
  if (vkey.substr(first + 1, second - first - 1) != key_id_text(verifier->key_id())) {
    return malformed("its hash is not that of its key");
  }
  return verifier;
}

std::string NoteVerifier::vkey() const {
  Bytes key{static_cast<std::uint8_t>(type_)};
  append(key, public_key_);
  return name_ + "+" + key_id_text(key_id_) + "+" + to_base64(key);
}

bool NoteVerifier::knows(const NoteSignature& signature) const {
  return signature.key_id == key_id_ && signature.name == name_;
}

Status NoteVerifier::verify(std::string_view text, const NoteSignature& signature) const {
  const Error wrong{ErrorKind::authentication,
                    "signature of " + name_ +
                        " over the note does not verify: it was changed, or the key is not " + name_ + "+" +
                        key_id_text(key_id_)};
  ByteView bytes = signature.signature;
  std::string message(text);
  if (type_ == NoteKeyType::cosignature_v1) {
    if (bytes.size() != kCosignatureTimeSize + kSignatureSize) return wrong;
    const std::uint64_t time = read_u64(bytes.first<kCosignatureTimeSize>());
    if (time > INT64_MAX) return wrong;
    message = "cosignature/v1\ntime " + std::to_string(time) + "\n" + message;
    bytes = bytes.subspan(kCosignatureTimeSize);
  }
  if (bytes.size() != kSignatureSize || !is_ed25519_signature(public_key_, as_bytes(message), bytes)) {
    return wrong;
  }
  return {};
}

struct NoteSigner::Key {
  KeyHandle handle;
  NoteVerifier verifier;

  // The signer for a key that OpenSSL has read.
  static Result<NoteSigner> make(std::string_view name, KeyHandle handle, NoteKeyType type) {
    std::array<std::uint8_t, kKeySize> public_key{};
    std::size_t size = public_key.size();
    if (!handle || EVP_PKEY_id(handle.get()) != EVP_PKEY_ED25519 ||
        EVP_PKEY_get_raw_public_key(handle.get(), public_key.data(), &size) != 1) {
      return Error{ErrorKind::invalid,
                   "the note key is not an unencrypted Ed25519 private key: make one with "
                   "'openssl genpkey -algorithm ed25519'"};
    }
    auto verifier = NoteVerifier::from_public_key(name, type, public_key);
    if (!verifier) return verifier.error();
    return NoteSigner(std::unique_ptr<Key>(new Key{std::move(handle), std::move(*verifier)}));
  }
};

NoteSigner::NoteSigner(std::unique_ptr<Key> key) : key_(std::move(key)) {}
NoteSigner::~NoteSigner() = default;
NoteSigner::NoteSigner(NoteSigner&&) noexcept = default;
NoteSigner& NoteSigner::operator=(NoteSigner&&) noexcept = default;
const NoteVerifier& NoteSigner::verifier() const { return key_->verifier; }

Result<NoteSigner> NoteSigner::from_seed(std::string_view name, const Secret& seed, NoteKeyType type) {
  if (seed.size() != kKeySize) return Error{ErrorKind::invalid, "an Ed25519 seed is 32 bytes"};
  return Key::make(
      name,
      KeyHandle(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, seed.view().data(), seed.size())),
      type);
}

Result<NoteSigner> NoteSigner::from_pem(std::string_view name, const Secret& pem, NoteKeyType type) {
  const Handle<BIO, BIO_free> bio(
      BIO_new_mem_buf(pem.view().data(), static_cast<int>(std::min<std::size_t>(pem.size(), 1U << 20U))));
  return Key::make(name, KeyHandle(PEM_read_bio_PrivateKey(bio.get(), nullptr, no_pass_phrase, nullptr)),
                   type);
}

Result<Bytes> NoteSigner::sign(ByteView message) const {
  const Context context(EVP_MD_CTX_new());
  Bytes signature(kSignatureSize);
  std::size_t size = signature.size();
  if (!context || EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key_->handle.get()) != 1 ||
      EVP_DigestSign(context.get(), signature.data(), &size, message.data(), message.size()) != 1) {
    return Error{ErrorKind::internal, "OpenSSL could not sign a note as " + name()};
  }
  return signature;
}

}  // namespace sceau::ledger
