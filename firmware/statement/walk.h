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
  std::size_t next = 0;           // the first field of the object that may still come
  std::size_t count = 0;          // members or items so far, the one under way included
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

// Whether the scanner stands at such an object; then it stands behind it. `visitor` is told on the way, also
// of what stands before an error.
bool walk(Scanner& scanner, std::span<const Field> fields, Visitor& visitor);

}  // namespace sceau::firmware::statement
