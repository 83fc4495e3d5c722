#include "linking.h"

#include <algorithm>

#include "linker.h"
#include "planners.h"

namespace sceau::release {
namespace {

using source::Expression;

void relations_of(const From& from, std::set<int>& into) {
  if (from.relation != 0) into.insert(from.relation);
  for (const From& side : from.sides) relations_of(side, into);
}

}  // namespace

void Linker::equalities(const Expression& condition, const std::set<int>* naming, Equalities& into) {
  if (condition.kind == ExpressionKind::both) {
    for (const Expression& part : condition.children) equalities(part, naming, into);
    return;
  }
  if (condition.kind != ExpressionKind::compare || condition.text != "=") return;
  const Expression& a = condition.children[0];
  const Expression& b = condition.children[1];
  if (!a.is_column() || !b.is_column()) return;
  if (naming != nullptr && !naming->contains(a.relation) && !naming->contains(b.relation)) return;
  into.unite(Equalities::of(a), Equalities::of(b));
}

void Linker::equalities(const From& from, Equalities& into) {
  for (const From& side : from.sides) equalities(side, into);
  // Of a FULL JOIN's rows, some are equal in nothing.
  if (!from.on || from.full_join) return;
  std::set<int> right;
  if (from.left_join) relations_of(from.sides[1], right);
  equalities(*from.on, from.left_join ? &right : nullptr, into);
}

// A table of a workspace gives its own row, and those of the catalogue's tables that it was copied from.
std::vector<RowOf> Linker::rows_of(const Relation& relation) const {
  std::map<std::pair<int, int>, RowOf> found;
  const auto add = [&](std::pair<int, int> of, const Table* table, const std::string& column,
                       std::size_t at) {
    const int position = table == nullptr ? -1 : table->find(column);
    if (position < 0) return;
    RowOf& row = found[of];
    if (row.table == nullptr) row = {table, relation.id, std::vector<int>(table->columns.size(), -1)};
    row.position[static_cast<std::size_t>(position)] = static_cast<int>(at);
  };
  for (std::size_t i = 0; i < relation.columns.size(); ++i) {
    const auto& origin = relation.columns[i].origin;
    if (!origin) continue;
    const Table* table = catalogue_.find(origin->table);
    add({origin->instance, -1}, table, origin->column, i);
    const int column = table == nullptr || !table->in_workspace() ? -1 : table->find(origin->column);
    if (column < 0) continue;
    if (const auto& copied = table->columns[static_cast<std::size_t>(column)].copied)
      add({origin->instance, copied->row}, catalogue_.find(copied->table), copied->column, i);
  }
  std::vector<RowOf> rows;
  rows.reserve(found.size());
  for (auto& [instance, row] : found) rows.push_back(std::move(row));
  return rows;
}

// The record's columns of joined_on are equal to those of its owner, or of another record of that owner.
bool Linker::linked(const RowOf& record, const RowOf& other, const Equalities& equal) const {
  const Table& table = *record.table;
  if (table.belongs_to.empty()) return false;
  const bool owner = source::same_name(other.table->name, table.belongs_to);
  const bool sibling = source::same_name(other.table->belongs_to, table.belongs_to);
  if (!owner && !sibling) return false;
  return std::all_of(table.joined_on.begin(), table.joined_on.end(), [&](const std::string& key) {
    const int there = other.table->find(key);
    const int a = record.position[static_cast<std::size_t>(table.find(key))];
    const int b = there < 0 ? -1 : other.position[static_cast<std::size_t>(there)];
    return a >= 0 && b >= 0 && equal.equal({record.relation, a}, {other.relation, b});
  });
}

void Linker::link_records(const Select& select, const Joined& joined, bool any_people) {
  std::vector<RowOf> anchored;
  std::vector<std::size_t> loose;
  for (std::size_t i = 0; i < select.relations.size(); ++i) {
    const bool records = joined.relations[i].about == People::About::records;
    const bool seed = records && !any_people && anchored.empty();
    if (records && !seed) {
      loose.push_back(i);
    } else {
      for (RowOf& row : rows_of(select.relations[i])) anchored.push_back(std::move(row));
    }
  }
  for (bool progress = true; progress;) {
    progress = false;
    for (auto it = loose.begin(); it != loose.end() && !progress; ++it) {
      const std::vector<RowOf> rows = rows_of(select.relations[*it]);
      progress = std::any_of(rows.begin(), rows.end(), [&](const RowOf& record) {
        return std::any_of(anchored.begin(), anchored.end(),
                           [&](const RowOf& other) { return linked(record, other, joined.equal); });
      });
      if (!progress) continue;
      anchored.insert(anchored.end(), rows.begin(), rows.end());
      loose.erase(it);
      break;
    }
  }
  if (!loose.empty()) {
    refuse("table \"" + select.relations[loose[0]].name +
           "\" is not joined to the table it belongs to on all of its key columns: add them to ON");
  }
}

void Linker::link_keys(const Select& select, Joined& joined) {
  bool records = false;
  const Expression* first = nullptr;  // never NULL for want of a join's partner
  const Expression* any = nullptr;
  for (std::size_t i = 0; i < select.relations.size(); ++i) {
    const People& people = joined.relations[i];
    records = records || people.about == People::About::records;
    if (people.about != People::About::people) continue;
    if (any == nullptr) any = &people.keys[0];
    if (first == nullptr && !select.relations[i].nullable) first = &people.keys[0];
    if (!joined.equal.equal(Equalities::of(*any), Equalities::of(people.keys[0]))) {
      refuse("table \"" + select.relations[i].name +
             "\" is about people and is not joined on the person key: join it on equal person keys");
    }
  }
  if (any != nullptr && first == nullptr)
    refuse("every table about people stands right of a LEFT JOIN: put one left");
  if (error_) return;
  link_records(select, joined, any != nullptr);
  joined.people.about = any != nullptr ? People::About::people
                        : records      ? People::About::records
                                       : People::About::nobody;
  if (any == nullptr) return;
  joined.people.keys.push_back(*first);
  for (std::size_t i = 0; i < select.relations.size(); ++i) {
    const Relation& relation = select.relations[i];
    const People& people = joined.relations[i];
    for (std::size_t k = relation.nullable ? 0 : 1; k < people.keys.size(); ++k) {
      joined.people.keys.push_back(people.keys[k]);
    }
    if (relation.nullable && people.about == People::About::records)
      joined.people.keys.push_back(presence(relation));
  }
}

// A column that is NULL only when the relation of records is missing from the row.
Expression Linker::presence(const Relation& relation) const {
  for (const RowOf& row : rows_of(relation)) {
    if (row.table->belongs_to.empty()) continue;
    const int at = row.position[static_cast<std::size_t>(row.table->find(row.table->joined_on[0]))];
    if (at >= 0) return build::column(relation, static_cast<std::size_t>(at));
  }
  return build::column(relation, 0);
}

Joined Linker::join(Select& select) {
  Joined joined;
  for (Relation& relation : select.relations) {
    joined.relations.push_back(of_relation(relation));
    if (error_) return joined;
  }
  for (const From& item : select.from) equalities(item, joined.equal);
  if (select.where) equalities(*select.where, nullptr, joined.equal);
  link_keys(select, joined);
  if (!error_) check_conditions(select, joined);
  if (!error_) check_windows(select, joined);
  return joined;
}

People Linker::of_relation(Relation& relation) {
  People people;
  if (relation.select) {
    people = inner(*relation.select);
    return error_ ? people : expose(relation, people);
  }
  if (!relation.table->untied.empty())
    refuse("nothing leaves from table \"" + relation.table->name + "\": " + relation.table->untied);
  if (!relation.table->person.empty()) {
    people.about = People::About::people;
    people.keys.push_back(
        build::column(relation, static_cast<std::size_t>(relation.table->find(relation.table->person))));
  } else if (!relation.table->reference) {
    people.about = People::About::records;
  }
  return people;
}

// Makes the inner SELECT's person keys columns of the relation.
People Linker::expose(Relation& relation, const People& people) {
  Select& inner = *relation.select;
  People outer{people.about, {}};
  if (inner.combine != Select::Combine::none) {
    // inner_union() put the keys last in every part.
    if (people.about == People::About::people) outer.keys.push_back(build::column(relation, 0));
    if (people.about == People::About::people) {
      outer.keys[0].column = static_cast<int>(relation.columns.size());
      relation.columns.push_back({"person", people.keys[0].type, people.keys[0].label, {}});
    }
    return outer;
  }
  for (const Expression& key : people.keys) {
    const std::string text = print(key);
    std::size_t at = 0;
    while (at < inner.outputs.size() && print(inner.outputs[at].value) != text) ++at;
    if (at == inner.outputs.size()) {
      inner.outputs.push_back({"person", key});
      source::RelationColumn column{"person", key.type, key.label, {}};
      if (const Relation* from = inner.find(key.relation); from != nullptr && key.is_column()) {
        column.origin = from->columns[static_cast<std::size_t>(key.column)].origin;
      }
      relation.columns.push_back(std::move(column));
    }
    outer.keys.push_back(build::column(relation, at));
  }
  return outer;
}

People Linker::inner_union(Select& select) {
  People people;
  for (Select& part : select.parts) {
    const People each = inner(part);
    if (error_) return people;
    if (each.about == People::About::nobody && people.keys.empty()) continue;
    if (each.about != People::About::people || each.keys.size() != 1 ||
        part.combine != Select::Combine::none || select.combine != Select::Combine::union_all ||
        (&part != &select.parts[0] && people.keys.empty())) {
      refuse("this UNION inside FROM cannot be followed to people: use UNION ALL of tables about people");
      return people;
    }
    part.outputs.push_back({"person", each.keys[0]});
    people = each;
  }
  if (!people.keys.empty()) select.outputs.push_back({"person", people.keys[0]});
  return people;
}

People Linker::grouped(const Select& select, const Joined& joined) {
  People people{People::About::people, {}};
  for (const Expression& group : select.group_by) {
    if (!group.is_column() || !people.keys.empty()) continue;
    const Relation* relation = select.find(group.relation);
    if (relation != nullptr && !relation->nullable &&
        joined.equal.equal(Equalities::of(group), Equalities::of(joined.people.keys[0]))) {
      people.keys.push_back(group);
    }
  }
  if (people.keys.empty()) {
    refuse("a SELECT in FROM aggregates over several people: put the person key into its GROUP BY");
    return people;
  }
  for (std::size_t k = 1; k < joined.people.keys.size(); ++k) {
    const Expression& key = joined.people.keys[k];
    people.keys.push_back(build::node(ExpressionKind::aggregate, "max", key.type, {key}));
  }
  return people;
}

People Linker::inner(Select& select) {
  if (select.combine != Select::Combine::none) return inner_union(select);
  Joined joined = join(select);
  if (error_ || joined.people.about == People::About::nobody) return joined.people;
  if (select.limit) refuse("LIMIT inside the SQL picks people: leave it out");
  const bool grouped = select.grouped();
  if (joined.people.about == People::About::records) {
    if (grouped || select.distinct)
      refuse("records are aggregated without their people: join the table they belong to first");
    return joined.people;
  }
  if (grouped) joined.people = this->grouped(select, joined);
  if (select.distinct && !error_) {
    const bool kept = std::any_of(
        select.outputs.begin(), select.outputs.end(),
        [&](const source::Output& output) { return print(output.value) == print(joined.people.keys[0]); });
    if (!kept || joined.people.keys.size() > 1)
      refuse("SELECT DISTINCT in FROM loses the person: name the person key in it");
  }
  return joined.people;
}

void Linker::check_in_select(const Expression& e, const Joined& joined) {
  const Expression& left = e.children[0];
  Select& select = *e.select;
  if (select.combine != Select::Combine::none || select.limit) {
    return refuse("UNION or LIMIT inside IN (SELECT …) is not followed: use several conditions");
  }
  const Joined within = join(select);
  if (error_ || within.people.about == People::About::nobody) return;
  if (e.children.size() != 1)
    return refuse("(…, …) IN (SELECT …) over people is not followed: join on the person key");
  const Expression& given = select.outputs[0].value;
  const bool same_person = within.people.about == People::About::people &&
                           joined.people.about == People::About::people && left.is_column() &&
                           given.is_column() &&
                           joined.equal.equal(Equalities::of(left), Equalities::of(joined.people.keys[0])) &&
                           within.equal.equal(Equalities::of(given), Equalities::of(within.people.keys[0]));
  if (!same_person) {
    return refuse("IN (SELECT …) lets one person's rows decide about another's: compare person keys");
  }
  if (select.grouped()) grouped(select, within);
}

void Linker::check_condition(const Expression& e, const Joined& joined) {
  for_each(e, [&](const Expression& each) {
    if (error_) return;
    if (each.kind == ExpressionKind::in_select) check_in_select(each, joined);
    if (each.kind == ExpressionKind::exists) {
      refuse(
          "EXISTS lets one person's rows decide about another's: write person key IN (SELECT person key …)");
    }
  });
}

void Linker::check_conditions(const Select& select, const Joined& joined) {
  const auto check = [&](const Expression& e) { check_condition(e, joined); };
  const auto in_from = [&](const auto& self, const From& from) -> void {
    for (const From& side : from.sides) self(self, side);
    if (from.on) check(*from.on);
  };
  for (const From& item : select.from) in_from(in_from, item);
  if (select.where) check(*select.where);
  if (select.having) check(*select.having);
  for (const source::Output& output : select.outputs) check(output.value);
  for (const Expression& group : select.group_by) check(group);
  for (const source::OrderBy& order : select.order_by) check(order.value);
}

People Linker::top(Select& select) { return join(select).people; }

Result<People> link_people(Select& select, const source::Catalogue& catalogue) {
  Linker linker(catalogue);
  People people = linker.top(select);
  if (linker.error()) return *linker.error();
  return people;
}

}  // namespace sceau::release
