// Goes through an object of canonical JSON as the table of statement types has it, and refuses everything
// that the table does not name: fields unknown, missing, twice or out of order, values of another kind or
// size, lists too short or too long. No recursion: the table bounds the depth, an array holds the way.
#pragma once

#include "statement/scalar.h"

namespace sceau::firmware::statement {

// One level of the way to a value: a member of an object, or an item of a list.
struct Step {
  std::span<const Field> fields;  // of the object; of a list, its one kind of item
  const Field* field = nullptr;   // the member under way; of a list, its items'
  std::uint16_t next = 0;         // the first field of the object that may still come
  std::uint16_t count = 0;        // members or items so far, the one under way included
  bool list = false;
};

using Way = std::span<const Step>;

// What a walk tells of. Views point into the bytes.
class Visitor {
 public:
  virtual void scalar(Way way, const Field& field, const Scalar& value) = 0;
  virtual void empty_list(Way way, const Field& field) = 0;  // `way` ends at the list

 protected:
  ~Visitor() = default;
};

inline constexpr std::size_t kMaxDepth = 8;

// A walk that can be left after any of its steps and gone on with later, while the bytes stay.
class Walker {
 public:
  Walker() : scanner_(ByteView()) {}
  // From the object at the start of `bytes` on. A member of it that is an object without fields in the table
  // has those of `open`.
  Walker(ByteView bytes, std::span<const Field> fields, std::span<const Field> open);

  // Whether there is more to walk through: false at the end, and where the bytes are not such an object.
  bool going() const { return depth_ > 0; }
  // Reads on by one value or one end; `visitor` is told of one thing at most. False: the bytes are refused.
  bool step(Visitor& visitor);
  // Whether the whole of the bytes was such an object.
  bool done() const { return depth_ == 0 && fine_ && scanner_.done(); }

 private:
  Step& top() { return way_[depth_ - 1]; }
  Way way() const { return Way(way_).first(depth_); }
  bool enter(std::span<const Field> fields, bool list);
  bool member(Visitor& visitor);
  bool item(Visitor& visitor);
  bool value(const Field& field, Visitor& visitor);

  Scanner scanner_;
  std::span<const Field> open_;
  std::array<Step, kMaxDepth> way_{};
  std::uint8_t depth_ = 0;
  bool fine_ = false;
};

}  // namespace sceau::firmware::statement
