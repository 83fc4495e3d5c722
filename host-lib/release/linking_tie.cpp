// Rows that are put into a workspace's table, and windows: both keep to one person's rows.
#include <algorithm>

#include "linker.h"

namespace sceau::release {
namespace {

using source::Expression;

int find_person(const Select& select, const auto& is_person) {
  for (std::size_t i = 0; i < select.outputs.size(); ++i) {
    if (is_person(select.outputs[i].value)) return static_cast<int>(i);
  }
  return -1;
}

// A copy shares the SELECTs inside it, which the walk changes.
void detach(Select& select);
void detach(Expression& e) {
  for (Expression& child : e.children) detach(child);
  if (!e.select) return;
  e.select = std::make_shared<Select>(*e.select);
  detach(*e.select);
}
void detach(From& from) {
  for (From& side : from.sides) detach(side);
  if (from.on) detach(*from.on);
}
void detach(Select& select) {
  for (Select& part : select.parts) detach(part);
  for (Relation& relation : select.relations) {
    if (!relation.select) continue;
    relation.select = std::make_shared<Select>(*relation.select);
    detach(*relation.select);
  }
  for (From& item : select.from) detach(item);
  for (source::Output& output : select.outputs) detach(output.value);
  for (Expression& group : select.group_by) detach(group);
  for (source::OrderBy& order : select.order_by) detach(order.value);
  if (select.where) detach(*select.where);
  if (select.having) detach(*select.having);
}

}  // namespace

bool Linker::is_person(const Expression& e, const Select& select, const Joined& joined) {
  if (!e.is_column() || joined.people.keys.empty()) return false;
  const Relation* relation = select.find(e.relation);
  return relation != nullptr && !relation->nullable &&
         joined.equal.equal(Equalities::of(e), Equalities::of(joined.people.keys[0]));
}

void Linker::check_window(const Expression& e, const Joined& joined) {
  if (e.kind != ExpressionKind::window || joined.people.about == People::About::nobody) return;
  const std::size_t orders = e.children.size() - e.ordering.size();
  bool within = false;
  for (std::size_t i = e.arguments; i < orders; ++i) {
    const Expression& by = e.children[i];
    within = within || (joined.people.about == People::About::people && by.is_column() &&
                        joined.equal.equal(Equalities::of(by), Equalities::of(joined.people.keys[0])));
  }
  if (!within)
    refuse(
        "a window function over several people's rows lets one decide about another: put the person key into "
        "its "
        "PARTITION BY");
}

void Linker::check_windows(const Select& select, const Joined& joined) {
  const auto check = [&](const Expression& e) { check_window(e, joined); };
  for (const source::Output& output : select.outputs) for_each(output.value, check);
  for (const source::OrderBy& order : select.order_by) for_each(order.value, check);
}

TiedRows Linker::tie_union(Select& select) {
  TiedRows all;
  for (Select& part : select.parts) {
    const TiedRows one = tie(part);
    if (error_) return all;
    if (one.about == People::About::records)
      refuse("records of a UNION lose the table they belong to: join it in each part");
    if (&part != select.parts.data() && (one.about != all.about || one.person != all.person))
      refuse(
          "the parts of a UNION are not about people in the same way: put the person key into the same "
          "result of each");
    all = one;
  }
  if (select.limit && all.about != People::About::nobody)
    refuse("LIMIT inside the SQL picks people: leave it out");
  return all;
}

TiedRows Linker::tie(Select& select) {
  if (select.combine != Select::Combine::none) return tie_union(select);
  const Joined joined = join(select);
  TiedRows rows{joined.people.about, -1};
  if (error_ || rows.about == People::About::nobody) return rows;
  if (select.limit) refuse("LIMIT picks people: leave it out");
  if (rows.about == People::About::records) {
    if (select.grouped() || select.distinct)
      refuse("records are aggregated without their people: join the table they belong to first");
    return rows;
  }
  // In a GROUP BY or DISTINCT, a plain result is one of what is grouped by.
  rows.person = find_person(select, [&](const Expression& e) { return is_person(e, select, joined); });
  if (rows.person < 0)
    refuse("its rows are about people and no result is their person key: add it to the results" +
           std::string(select.grouped() ? " and to GROUP BY" : ""));
  return rows;
}

Result<TiedRows> tie_rows(const Select& select, const source::Catalogue& catalogue) {
  Linker linker(catalogue);
  Select own = select;
  detach(own);
  const TiedRows rows = linker.tie(own);
  if (linker.error()) return *linker.error();
  return rows;
}

}  // namespace sceau::release
