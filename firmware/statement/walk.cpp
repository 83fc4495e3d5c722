#include "statement/walk.h"

namespace sceau::firmware::statement {

namespace {

class Walker {
 public:
  Walker(Scanner& scanner, Visitor& visitor) : scanner_(scanner), visitor_(visitor) {}

  bool run(std::span<const Field> fields) {
    if (!scanner_.take('{') || !enter(fields, false)) return false;
    while (depth_ > 0) {
      const bool fine = top().list ? item() : member();
      if (!fine) return false;
    }
    return true;
  }

 private:
  Step& top() { return way_[depth_ - 1]; }
  Way way() const { return Way(way_).first(depth_); }

  bool enter(std::span<const Field> fields, bool list) {
    if (depth_ == kMaxDepth) return false;
    way_[depth_] = Step{fields, nullptr, 0, 0, list};
    ++depth_;
    return true;
  }

  // All fields from `from` up to `to` may be left out.
  static bool optional(std::span<const Field> fields, std::size_t from, std::size_t to) {
    for (std::size_t i = from; i < to; ++i) {
      if (fields[i].required) return false;
    }
    return true;
  }

  bool member() {
    Step& object = top();
    if (scanner_.take('}')) {
      --depth_;
      return optional(object.fields, object.next, object.fields.size());
    }
    if (object.count != 0 && !scanner_.take(',')) return false;
    Text key;
    if (!scanner_.text(key) || !scanner_.take(':')) return false;
    std::size_t found = object.next;
    while (found < object.fields.size() && !key.is(object.fields[found].name)) ++found;
    if (found == object.fields.size() || !optional(object.fields, object.next, found)) return false;
    object.field = &object.fields[found];
    object.next = found + 1;
    ++object.count;
    return value(*object.field);
  }

  bool item() {
    Step& list = top();
    const Field& about = *way_[depth_ - 2].field;  // what says how many
    const bool inner = way_[depth_ - 2].list;
    if (inner) return false;  // the table has no list of lists
    if (scanner_.take(']')) {
      --depth_;
      if (list.count == 0) visitor_.empty_list(way(), about);
      return static_cast<std::int64_t>(list.count) >= about.minimum;
    }
    if (list.count != 0 && !scanner_.take(',')) return false;
    ++list.count;
    if (static_cast<std::int64_t>(list.count) > about.maximum) return false;
    list.field = &list.fields[0];
    return value(*list.field);
  }

  bool value(const Field& field) {
    if (field.kind == FieldKind::object) return scanner_.take('{') && enter(field.fields, false);
    if (field.kind == FieldKind::list) return scanner_.take('[') && enter(field.fields, true);
    Scalar scalar;
    if (!read_scalar(scanner_, field, scalar)) return false;
    visitor_.scalar(way(), field, scalar);
    return true;
  }

  Scanner& scanner_;
  Visitor& visitor_;
  std::array<Step, kMaxDepth> way_{};
  std::size_t depth_ = 0;
};

}  // namespace

bool walk(Scanner& scanner, std::span<const Field> fields, Visitor& visitor) {
  return Walker(scanner, visitor).run(fields);
}

}  // namespace sceau::firmware::statement
