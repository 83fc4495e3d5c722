// Notes, checkpoints, proofs, leaves and tiles, as a gate or a witness that lies would send them.
#include <array>
#include <string>

#include "fuzz.h"
#include "sceau/base/files.h"
#include "sceau/ledger/leaf.h"
#include "sceau/ledger/note.h"
#include "sceau/ledger/proof.h"
#include "sceau/ledger/tile.h"
#include "targets.h"

namespace sceau::fuzz {
namespace {

// tests/vectors/ledger/made.checkpoint, and those who signed it.
struct Known {
  std::string note = read("made.checkpoint");
  ledger::NoteVerifier log = *ledger::NoteVerifier::parse(line("made-log.vkey"));
  std::array<ledger::NoteVerifier, 1> witnesses{*ledger::NoteVerifier::parse(line("made-witness.vkey"))};
  ledger::Checkpoint checkpoint = *ledger::open_checkpoint(note, log);

  static const Known& get() {
    static const Known known;
    return known;
  }

 private:
  static std::string read(const std::string& name) {
    return to_text(*read_file(std::string(SCEAU_TEST_VECTORS) + "/ledger/" + name));
  }
  static std::string line(const std::string& name) {
    const std::string text = read(name);
    return text.substr(0, text.find('\n'));
  }
};

void read_as_note(std::string_view text) {
  const Known& known = Known::get();
  if (const auto note = ledger::parse_note(text)) {
    require(text.starts_with(note->text), "a note whose text is not its beginning");
    for (const auto& signature : note->signatures) static_cast<void>(known.log.verify(note->text, signature));
  }
  if (const auto opened = ledger::open_checkpoint(text, known.log))
    require(*opened == known.checkpoint, "a checkpoint that the log never signed");
  static_cast<void>(ledger::open_cosignatures(text, known.witnesses));
  if (const auto read = ledger::parse_checkpoint_text(text))
    require(text.starts_with(ledger::checkpoint_text(*read)), "a checkpoint with two spellings");
  if (const auto key = ledger::NoteVerifier::parse(text))
    require(key->vkey() == text, "a key with two spellings");
}

void read_as_proof(std::string_view text) {
  const auto proof = ledger::parse_proof(text);
  if (!proof) return;
  require(ledger::write_proof(*proof) == text, "a proof with two spellings");
  const auto found = ledger::verify(*proof, as_bytes("a leaf that is in no tree"), Known::get().log);
  require(!found, "a proof of a leaf that is in no tree");
}

void read_as_tiles(ByteView bytes) {
  const std::string_view text = as_text(bytes);
  if (const auto path = ledger::parse_tile_path(text)) {
    const std::string again = path->level ? ledger::tile_path(*path->level, path->n, path->width)
                                          : ledger::entries_path(path->n, path->width);
    require(again == text, "a tile's path with two spellings");
  }
  if (const auto hashes = ledger::parse_tile(bytes))
    require(ledger::write_tile(*hashes) == to_bytes(bytes), "a tile with two spellings");
  if (const auto entries = ledger::parse_bundle(bytes)) {
    Bytes again;
    for (const Bytes& entry : *entries)
      require(ledger::append_to_bundle(again, entry).ok(), "an entry that was read and cannot be written");
    require(again == to_bytes(bytes), "a bundle with two spellings");
  }
}

}  // namespace

void note(ByteView input) {
  read_as_note(as_text(input));
  read_as_proof(as_text(input));
  read_as_tiles(input);
  if (const auto leaf = ledger::parse_leaf(input)) {
    const auto again = ledger::write_leaf(*leaf);
    require(again && *again == to_bytes(input), "a leaf with two spellings");
  }
}

}  // namespace sceau::fuzz
