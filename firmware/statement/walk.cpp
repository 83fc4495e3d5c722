#include "statement/walk.h"

namespace sceau::firmware::statement {

namespace {

// All fields from `from` up to `to` may be left out.
bool optional(std::span<const Field> fields, std::size_t from, std::size_t to) {
  for (std::size_t i = from; i < to; ++i) {
    if (fields[i].required()) return false;
  }
  return true;
}

}  // namespace

Walker::Walker(ByteView bytes, std::span<const Field> fields, std::span<const Field> open)
    : scanner_(bytes), open_(open) {
  fine_ = scanner_.take('{') && enter(fields, false);
}

bool Walker::step(Visitor& visitor) {
  fine_ = top().list ? item(visitor) : member(visitor);
  if (!fine_) depth_ = 0;
  return fine_;
}

bool Walker::enter(std::span<const Field> fields, bool list) {
  if (depth_ == kMaxDepth) return false;
  way_[depth_] = Step{fields, nullptr, 0, 0, list};
  ++depth_;
  return true;
}

bool Walker::member(Visitor& visitor) {
  Step& object = top();
  if (scanner_.take('}')) {
    --depth_;
    return optional(object.fields, object.next, object.fields.size());
  }
  if (object.count != 0 && !scanner_.take(',')) return false;
  Text key;
  if (!scanner_.text(key) || !scanner_.take(':')) return false;
  std::size_t found = object.next;
  while (found < object.fields.size() && !key.is(object.fields[found].name())) ++found;
  if (found == object.fields.size() || !optional(object.fields, object.next, found)) return false;
  object.field = &object.fields[found];
  object.next = static_cast<std::uint16_t>(found + 1);
  ++object.count;
  return value(*object.field, visitor);
}

bool Walker::item(Visitor& visitor) {
  Step& list = top();
  const Field& about = *way_[depth_ - 2].field;  // what says how many
  const bool inner = way_[depth_ - 2].list;
  if (inner) return false;  // the table has no list of lists
  if (scanner_.take(']')) {
    if (list.count == 0) visitor.empty_list(way().first(depth_ - 1U), about);
    --depth_;
    return std::int64_t{list.count} >= about.minimum();
  }
  if (list.count != 0 && !scanner_.take(',')) return false;
  if (std::int64_t{list.count} >= about.maximum()) return false;
  ++list.count;
  list.field = &list.fields[0];
  return value(*list.field, visitor);
}

bool Walker::value(const Field& field, Visitor& visitor) {
  if (field.kind == FieldKind::object) {
    const bool open = depth_ == 1 && field.fields().empty();
    return scanner_.take('{') && enter(open ? open_ : field.fields(), false);
  }
  if (field.kind == FieldKind::list) return scanner_.take('[') && enter(field.fields(), true);
  Scalar scalar;
  if (!read_scalar(scanner_, field, scalar)) return false;
  visitor.scalar(way(), field, scalar);
  return true;
}

}  // namespace sceau::firmware::statement
