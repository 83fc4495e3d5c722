// What the token shows of a statement before its holder presses the button: everything that the act says.
//
//   its title; by, ledger, from, until; then each field of the body, ordered by name, lists and objects
//   opened out, digests whole in groups of four; last, how many people will have signed.
//
// Left out are the statement's id and the checkpoint that its author saw, which say nothing to a person, and
// long base64, shown by its length and a digest. For a decision (approval, refusal, release) the fields that
// name the request give way to the request itself, which the token has read and compared.
#pragma once

#include "statement/line_writer.h"
#include "statement/statement.h"
#include "statement/text.h"

namespace sceau::firmware::statement {

// Gives the lines of a statement to be signed alone, or of a decision on a request, as many at a time as are
// asked for: a page costs what it shows, wherever it stands.
class Lines final : private Visitor {
 public:
  Lines() : out_(none_) {}
  Lines(const Lines&) = delete;
  Lines& operator=(const Lines&) = delete;

  // From the first line on. Borrows both, and the bytes that they were read from. `request`: null but for a
  // decision.
  void begin(const Statement& statement, const Statement* request);
  // The next lines, `most` of them unless fewer are left; how many there were.
  std::size_t next(std::size_t most, LineSink& sink);
  // Something could not be shown whole: what came is not to be relied on. Nothing in the table of types is
  // as long as that.
  bool failed() const { return failed_; }

 private:
  enum class Item : std::uint8_t { kTitle, kBy, kLedger, kFrom, kUntil, kBody, kBehind, kNone };
  enum class Part : std::uint8_t { kWords, kText, kQuote, kWord, kLine, kNone };
  static constexpr std::size_t kWords = 176;

  class NoSink final : public LineSink {
   public:
    void line(std::string_view) override {}
  };

  // Visitor
  void scalar(Way way, const Field& field, const Scalar& value) override;
  void empty_list(Way way, const Field& field) override;

  bool shown(Way way) const;
  bool begin_field();
  bool begin_body_field();
  void begin_words();
  void add(std::string_view words);
  void add_label(Way way);
  void add_value(const Field& field, const Scalar& value);
  void add_groups(std::string_view hexadecimal);
  void add_base64(ByteView characters);
  void add_field(std::string_view label, ByteView value);
  void add_text(ByteView raw);
  // Each goes on until a line went out, which it tells, or nothing of its part is left.
  bool go_on();
  bool put_words();
  bool put_text();
  bool put_character(const CodePoint& c);

  NoSink none_;
  LineWriter out_;
  Walker walker_;
  const Statement* now_ = nullptr;
  const Statement* request_ = nullptr;
  Item item_ = Item::kNone;
  Part part_ = Part::kNone;
  bool failed_ = false;
  bool has_text_ = false;
  bool after_space_ = false;
  // Of the field under way: words of our own, or an escape in its text; then the text between quotes.
  std::array<char, kWords> words_{};
  std::size_t words_size_ = 0;
  std::size_t words_at_ = 0;
  ByteView text_;
  std::size_t text_at_ = 0;
};

// All lines at once.
void write_lines(const Statement& statement, const Statement* request, LineSink& sink);

}  // namespace sceau::firmware::statement
