// Signed notes and checkpoints: c2sp.org/signed-note, c2sp.org/tlog-checkpoint, c2sp.org/tlog-cosignature.
//
// A note is `text`, an empty line, then lines `— name base64(key id || signature)`. A checkpoint is a note
// whose text is `origin`, the size in decimal and base64(root), each on a line, then extension lines that we
// neither write nor read. A key id is the first four bytes of SHA-256(name || 0x0A || type || public key).
// Signatures of unknown keys are ignored; one of a known key that does not verify refuses the whole note.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sceau/base/bytes.h"
#include "sceau/base/clock.h"
#include "sceau/base/digest.h"
#include "sceau/base/result.h"
#include "sceau/base/secret.h"

namespace sceau::ledger {

// The signature type identifier bytes of c2sp.org/signed-note that are understood here.
enum class NoteKeyType : std::uint8_t {
  ed25519 = 0x01,         // signs the note's text
  cosignature_v1 = 0x04,  // signs "cosignature/v1\ntime <t>\n" and the text; its signature begins with t
};

struct NoteSignature {
  std::string name;
  std::uint32_t key_id = 0;
  Bytes signature;  // without the key id
};

struct Note {
  std::string text;  // with its last newline
  std::vector<NoteSignature> signatures;
};

// The form alone; no signature is verified. invalid when a rule of signed-note is broken: not UTF-8, control
// characters, no empty line, a malformed signature line, more than 100 signatures or 1 MiB.
Result<Note> parse_note(std::string_view note);

// A public key that verifies notes: its text (vkey) is `name+<key id, 8 hex>+base64(type || public key)`.
class NoteVerifier {
 public:
  // invalid when the text is malformed, its key id is not that of its key, or its type is unknown.
  static Result<NoteVerifier> parse(std::string_view vkey);
  static Result<NoteVerifier> from_public_key(std::string_view name, NoteKeyType type, ByteView public_key);

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] std::uint32_t key_id() const { return key_id_; }
  [[nodiscard]] NoteKeyType type() const { return type_; }
  [[nodiscard]] ByteView public_key() const { return public_key_; }
  [[nodiscard]] std::string vkey() const;

  // True when the signature line names this key.
  [[nodiscard]] bool knows(const NoteSignature& signature) const;
  // authentication when the signature over this text is not this key's.
  [[nodiscard]] Status verify(std::string_view text, const NoteSignature& signature) const;

 private:
  NoteVerifier() = default;
  std::string name_;
  std::uint32_t key_id_ = 0;
  NoteKeyType type_ = NoteKeyType::ed25519;
  std::array<std::uint8_t, 32> public_key_{};
};

// An Ed25519 private key (RFC 8032) that signs notes under a name. Signing is safe from several threads.
class NoteSigner {
 public:
  // `name` is not empty and has neither spaces nor '+'; `seed` is 32 bytes. invalid otherwise.
  static Result<NoteSigner> from_seed(std::string_view name, const Secret& seed,
                                      NoteKeyType type = NoteKeyType::ed25519);
  // `pem` holds an unencrypted Ed25519 private key, as `openssl genpkey -algorithm ed25519` writes it.
  static Result<NoteSigner> from_pem(std::string_view name, const Secret& pem,
                                     NoteKeyType type = NoteKeyType::ed25519);
  ~NoteSigner();
  NoteSigner(NoteSigner&&) noexcept;
  NoteSigner& operator=(NoteSigner&&) noexcept;
  NoteSigner(const NoteSigner&) = delete;
  NoteSigner& operator=(const NoteSigner&) = delete;

  [[nodiscard]] const NoteVerifier& verifier() const;
  [[nodiscard]] const std::string& name() const { return verifier().name(); }
  [[nodiscard]] std::string vkey() const { return verifier().vkey(); }

  // The 64 bytes of an Ed25519 signature over `message`. internal when OpenSSL fails.
  [[nodiscard]] Result<Bytes> sign(ByteView message) const;

 private:
  struct Key;
  explicit NoteSigner(std::unique_ptr<Key> key);
  std::unique_ptr<Key> key_;
};

// `text` must end with a newline; returns the whole note with one signature.
Result<std::string> sign_note(std::string_view text, const NoteSigner& signer);

struct Checkpoint {
  std::string origin;
  std::uint64_t size = 0;
  Digest root{};

  friend bool operator==(const Checkpoint&, const Checkpoint&) = default;
};

// The three lines that are signed.
std::string checkpoint_text(const Checkpoint& checkpoint);
// invalid unless it is three lines as c2sp.org/tlog-checkpoint has them, then extension lines, if any.
Result<Checkpoint> parse_checkpoint_text(std::string_view text);

// invalid when the origin is empty or has control characters.
Result<std::string> sign_checkpoint(const Checkpoint& checkpoint, const NoteSigner& signer);

// The checkpoint in a note that `verifier` has signed. invalid when malformed, authentication when this key's
// signature is missing or wrong.
Result<Checkpoint> open_checkpoint(std::string_view note, const NoteVerifier& verifier);

// What a witness has attested: this checkpoint was the newest and consistent one, as of this time.
struct Cosignature {
  std::string name;
  Time time = 0;
};

// The cosignatures of those witnesses that signed the note, in their order in `witnesses`; others are
// ignored. authentication when one that bears a known witness's name and key id does not verify.
Result<std::vector<Cosignature>> open_cosignatures(std::string_view note,
                                                   std::span<const NoteVerifier> witnesses);

// The note with one more line: `signer`, of type cosignature_v1, attests it at `time`.
Result<std::string> cosign(std::string_view note, const NoteSigner& signer, Time time);

}  // namespace sceau::ledger
