// What lies on the desk: the bytes that the host brought, read, and shown page by page.
//
// Invariant: what is prepared is what was read from these buffers, and nothing can be changed after it:
// bringing anything clears what was prepared. A page can be shown only after those before it.
#pragma once

#include "clearsign/evidence.h"
#include "clearsign/policy.h"
#include "statement/lines.h"

namespace sceau::firmware::clearsign {

inline constexpr std::size_t kPageLines = 7;  // of what is shown; one more above them counts the pages
// A statement, and behind it a decision on it: beside the longest request there is room for a decision of
// this size, beside a shorter one for more.
inline constexpr std::size_t kRoomBehind = 1024;

// What LOAD brings.
enum class Load : std::uint8_t { kStatement = 0, kDecision = 1, kEvidence = 2 };

class Desk {
 public:
  // Nothing is left, not even the bytes.
  void clear();

  // The first part of a statement, decision or evidence, or a further one. The first part of a statement
  // takes a decision away, which comes behind it. kTooLong: no room; then nothing of it is left. kInvalid: a
  // further part of what was not begun, or of a statement behind which a decision was begun.
  Status load(Load what, bool first, ByteView part);

  // Reads what was loaded: a statement alone, or a decision on the statement whose evidence was loaded.
  // kInvalid: it is none; a decision that does not name them; a statement that needs its request beside it.
  Status prepare(bool decision);
  bool prepared() const { return prepared_; }
  // Meaningful when prepared.
  const statement::Statement& signed_statement() const { return signed_; }
  // Of a decision, the request decided on; else null.
  const statement::Statement* request() const { return decides_ ? &request_ : nullptr; }
  const Hash& digest() const { return digest_; }
  const Hash& shown_digest() const { return shown_digest_; }
  const Hash& covers() const { return covers_; }
  std::size_t pages() const { return (line_count_ + kPageLines - 1) / kPageLines; }

  // Appends the page's lines, each with a line feed. kInvalid: not the page after the last one shown.
  Status show(std::size_t page, Writer& out);
  bool all_shown() const { return prepared_ && pages_shown_ == pages(); }
  void forget_prepared();

 private:
  Status prepare_alone();
  Status prepare_decision();
  Status count_lines();

  ByteView statement_bytes() const { return ByteView(bytes_).first(statement_size_); }
  ByteView decision_bytes() const { return ByteView(bytes_).subspan(statement_size_, decision_size_); }
  Status append(std::size_t from, std::size_t& size, std::size_t most, ByteView part);

  std::array<std::uint8_t, statement::kMaxStatement + kRoomBehind> bytes_{};
  std::size_t statement_size_ = 0;
  std::size_t decision_size_ = 0;  // behind the statement
  EvidenceReader evidence_;
  bool evidence_begun_ = false;

  bool prepared_ = false;
  bool decides_ = false;
  statement::Statement signed_;
  statement::Statement request_;
  Hash digest_{};
  Hash shown_digest_{};
  Hash covers_{};
  statement::Lines lines_;
  std::size_t line_count_ = 0;
  std::size_t pages_shown_ = 0;
};

}  // namespace sceau::firmware::clearsign
