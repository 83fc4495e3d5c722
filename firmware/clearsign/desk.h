// What lies on the desk: the bytes that the host brought, read, and shown page by page.
//
// Invariant: what is prepared is what was read from these buffers, and nothing can be changed after it:
// bringing anything clears what was prepared. A page can be shown only after those before it.
#pragma once

#include "clearsign/evidence.h"
#include "clearsign/policy.h"
#include "statement/lines.h"

namespace sceau::firmware::clearsign {

inline constexpr std::size_t kMaxDecision = 2560;
inline constexpr std::size_t kPageLines = 7;  // of what is shown; one more above them counts the pages

// What LOAD brings.
enum class Load : std::uint8_t { kStatement = 0, kDecision = 1, kEvidence = 2 };

// Lines of one page, in their order.
struct Page {
  struct Line {
    std::array<char, statement::kLineBytes> bytes{};
    std::size_t size = 0;
    std::string_view view() const { return {bytes.data(), size}; }
  };
  std::array<Line, kPageLines> lines{};
  std::size_t count = 0;
};

class Desk {
 public:
  // Nothing is left, not even the bytes.
  void clear();

  // The first part of a statement, decision or evidence, or a further one. kTooLong: no room; then nothing of
  // it is left. kInvalid: a further part of what was not begun.
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
  std::size_t pages() const { return (lines_ + kPageLines - 1) / kPageLines; }

  // kInvalid: not the page after the last one shown.
  Result<Page> show(std::size_t page);
  bool all_shown() const { return prepared_ && pages_shown_ == pages(); }
  void forget_prepared();

 private:
  Status prepare_alone();
  Status prepare_decision();
  Status count_lines();

  std::array<std::uint8_t, statement::kMaxStatement> statement_{};
  std::size_t statement_size_ = 0;
  std::array<std::uint8_t, kMaxDecision> decision_{};
  std::size_t decision_size_ = 0;
  EvidenceReader evidence_;
  bool evidence_begun_ = false;

  bool prepared_ = false;
  bool decides_ = false;
  statement::Statement signed_;
  statement::Statement request_;
  Hash digest_{};
  Hash shown_digest_{};
  Hash covers_{};
  std::size_t lines_ = 0;
  std::size_t pages_shown_ = 0;
};

}  // namespace sceau::firmware::clearsign
