#include "sceau/ledger/note.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "note_text.h"

namespace sceau::ledger {
namespace {

constexpr std::string_view kDash = "\xE2\x80\x94 ";  // em dash, space
constexpr std::size_t kMaximumNote = 1U << 20U;
constexpr std::size_t kMaximumSignatures = 100;
constexpr std::size_t kKeyIdSize = 4;

Error malformed_note(const char* what) {
  return {ErrorKind::invalid, std::string("note is malformed: ") + what};
}

// `— name base64(key id || signature)`, without its newline.
Result<NoteSignature> parse_signature_line(std::string_view line) {
  if (!line.starts_with(kDash)) return malformed_note("a signature line does not begin with an em dash");
  line.remove_prefix(kDash.size());
  const std::size_t space = line.find(' ');
  if (space == std::string_view::npos || !is_key_name(line.substr(0, space))) {
    return malformed_note("a signature line has no key name");
  }
  auto bytes = from_base64(line.substr(space + 1));
  if (!bytes || bytes->size() <= kKeyIdSize)
    return malformed_note("a signature is not base64 of more than 4 bytes");
  NoteSignature out;
  out.name = line.substr(0, space);
  for (std::size_t i = 0; i < kKeyIdSize; ++i) out.key_id = out.key_id << 8 | (*bytes)[i];
  out.signature.assign(bytes->begin() + kKeyIdSize, bytes->end());
  return out;
}

std::string signature_line(const NoteVerifier& key, ByteView signature) {
  Bytes bytes;
  append_u16(bytes, static_cast<std::uint16_t>(key.key_id() >> 16));
  append_u16(bytes, static_cast<std::uint16_t>(key.key_id()));
  append(bytes, signature);
  return std::string(kDash) + key.name() + " " + to_base64(bytes) + "\n";
}

Result<std::uint64_t> parse_size(std::string_view text) {
  std::uint64_t size = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), size);
  if (error != std::errc() || end != text.data() + text.size() || (text.size() > 1 && text[0] == '0')) {
    return malformed_note("a checkpoint's size is not a decimal number");
  }
  return size;
}

}  // namespace

Result<Note> parse_note(std::string_view note) {
  if (note.size() > kMaximumNote) return malformed_note("it is longer than 1 MiB");
  if (!is_note_text(note)) return malformed_note("it is not UTF-8 text without control characters");
  const std::size_t gap = note.rfind("\n\n");
  if (gap == std::string_view::npos) return malformed_note("no empty line separates text and signatures");
  Note out;
  out.text = note.substr(0, gap + 1);
  std::string_view rest = note.substr(gap + 2);
  if (rest.empty()) return malformed_note("it has no signature");
  while (!rest.empty()) {
    const std::size_t end = rest.find('\n');
    if (end == std::string_view::npos) return malformed_note("its last line does not end");
    auto signature = parse_signature_line(rest.substr(0, end));
    if (!signature) return signature.error();
    if (out.signatures.size() == kMaximumSignatures) return malformed_note("it has more than 100 signatures");
    out.signatures.push_back(std::move(*signature));
    rest.remove_prefix(end + 1);
  }
  return out;
}

Result<std::string> sign_note(std::string_view text, const NoteSigner& signer) {
  if (text.empty() || text.back() != '\n' || !is_note_text(text)) {
    return malformed_note("its text must be UTF-8 lines without control characters");
  }
  if (signer.verifier().type() != NoteKeyType::ed25519) {
    return Error{ErrorKind::invalid, signer.name() + " is a cosigner's key: it does not sign notes itself"};
  }
  auto signature = signer.sign(as_bytes(text));
  if (!signature) return signature.error();
  return std::string(text) + "\n" + signature_line(signer.verifier(), *signature);
}

std::string checkpoint_text(const Checkpoint& checkpoint) {
  return checkpoint.origin + "\n" + std::to_string(checkpoint.size) + "\n" + to_base64(checkpoint.root) +
         "\n";
}

Result<Checkpoint> parse_checkpoint_text(std::string_view text) {
  if (!text.ends_with('\n')) return malformed_note("a checkpoint's last line does not end");
  std::vector<std::string_view> lines;
  for (; !text.empty(); text.remove_prefix(lines.back().size() + 1)) {
    lines.push_back(text.substr(0, text.find('\n')));
    if (lines.back().empty()) return malformed_note("a checkpoint has an empty line");
  }
  if (lines.size() < 3) return malformed_note("a checkpoint has at least three lines");
  auto size = parse_size(lines[1]);
  if (!size) return size.error();
  Checkpoint out{std::string(lines[0]), *size, {}};
  auto root = from_base64(lines[2]);
  if (!root || root->size() != out.root.size())
    return malformed_note("a checkpoint's root is not base64 of 32 bytes");
  std::copy(root->begin(), root->end(), out.root.begin());
  return out;
}

Result<std::string> sign_checkpoint(const Checkpoint& checkpoint, const NoteSigner& signer) {
  if (checkpoint.origin.empty() || checkpoint.origin.find('\n') != std::string::npos) {
    return malformed_note("a checkpoint's origin is one line that is not empty");
  }
  return sign_note(checkpoint_text(checkpoint), signer);
}

Result<Checkpoint> open_checkpoint(std::string_view note, const NoteVerifier& verifier) {
  auto parsed = parse_note(note);
  if (!parsed) return parsed.error();
  bool signed_by_key = false;
  for (const NoteSignature& signature : parsed->signatures) {
    if (!verifier.knows(signature)) continue;
    const Status status = verifier.verify(parsed->text, signature);
    if (!status) return status.error();
    signed_by_key = true;
  }
  if (!signed_by_key) {
    return Error{ErrorKind::authentication, "checkpoint is not signed by " + verifier.vkey()};
  }
  return parse_checkpoint_text(parsed->text);
}

Result<std::vector<Cosignature>> open_cosignatures(std::string_view note,
                                                   std::span<const NoteVerifier> witnesses) {
  auto parsed = parse_note(note);
  if (!parsed) return parsed.error();
  std::vector<Cosignature> out;
  for (const NoteVerifier& witness : witnesses) {
    if (witness.type() != NoteKeyType::cosignature_v1) {
      return Error{ErrorKind::invalid, witness.name() + " is not a witness's key: its type is not 0x04"};
    }
    std::optional<Time> newest;
    for (const NoteSignature& signature : parsed->signatures) {
      if (!witness.knows(signature)) continue;
      const Status status = witness.verify(parsed->text, signature);
      if (!status) return status.error();
      const auto time =
          static_cast<Time>(read_u64(ByteView(signature.signature).first<kCosignatureTimeSize>()));
      newest = std::max(newest.value_or(time), time);
    }
    if (newest) out.push_back({witness.name(), *newest});
  }
  return out;
}

Result<std::string> cosign(std::string_view note, const NoteSigner& signer, Time time) {
  auto parsed = parse_note(note);
  if (!parsed) return parsed.error();
  auto checkpoint = parse_checkpoint_text(parsed->text);
  if (!checkpoint) return checkpoint.error();
  if (signer.verifier().type() != NoteKeyType::cosignature_v1 || time < 0) {
    return Error{ErrorKind::invalid, "a cosignature needs a key of type 0x04 and a time since 1970"};
  }
  auto signature =
      signer.sign(as_bytes("cosignature/v1\ntime " + std::to_string(time) + "\n" + parsed->text));
  if (!signature) return signature.error();
  Bytes stamped;
  append_u64(stamped, static_cast<std::uint64_t>(time));
  append(stamped, *signature);
  return std::string(note) + signature_line(signer.verifier(), stamped);
}

}  // namespace sceau::ledger
