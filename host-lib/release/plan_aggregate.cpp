#include <algorithm>

#include "build.h"
#include "identifiers.h"
#include "linking.h"
#include "planners.h"
#include "silent_failures.h"
#include "weights.h"

namespace sceau::release {
namespace {

using source::Expression;
using source::Output;
using source::Select;
using ExpressionKind = Expression::Kind;

class AggregatePlanner {
 public:
  AggregatePlanner(Select& select, const People& people, const Policy& policy)
      : select_(select), people_(people), policy_(policy) {}

  Result<Plan> run(const source::Catalogue& catalogue, source::Engine engine);

 private:
  Status check_shape() const;
  Status check_output(const Output& output, Plan& plan);
  Status weigh(const Expression& aggregate, std::vector<std::size_t>& weights);
  // One column of the people's statement for each key: its index is added to `weights`. A value that does not
  // change when rows are repeated needs the person's key alone.
  void add_weight(const Expression& weight, const std::vector<Expression>& present,
                  std::vector<std::size_t>& weights, bool repeated = true);
  // The size of what each person's rows add up to: who cancels out contributes nothing.
  void add_net(const Expression& of_person, std::vector<std::size_t>& weights);
  // What compares or subtracts aggregates shows those who make them differ.
  void weigh_differences(const Expression& e, std::vector<std::size_t>& weights);
  // `factor`: what it was multiplied with.
  void add_column(Expression weight, double factor, std::vector<std::size_t>& weights);
  [[nodiscard]] std::vector<source::OrderBy> group_order() const;
  [[nodiscard]] Select values_statement() const;
  [[nodiscard]] Select people_statement() const;
  // FROM and WHERE as text: where two have the same, the rows are the same.
  [[nodiscard]] std::string scope(const source::Catalogue& catalogue) const;

  Select& select_;
  const People& people_;
  const Policy& policy_;
  PeopleCheck check_;
  std::vector<Expression> weight_columns_;
};

bool has_aggregate(const Expression& e) {
  bool found = false;
  for_each(e, [&](const Expression& each) { found = found || each.kind == ExpressionKind::aggregate; });
  return found;
}

// The same for one person's rows: nobody's aggregate is zero, and constants beside aggregates are left out.
Expression without_constants(Expression e) {
  if (e.kind == ExpressionKind::aggregate) {
    return build::node(ExpressionKind::function, "coalesce", source::Type::real,
                       {std::move(e), build::zero()});
  }
  const bool sums = e.kind == ExpressionKind::arithmetic && (e.text == "+" || e.text == "-");
  for (Expression& child : e.children) {
    child = sums && !has_aggregate(child) ? build::zero() : without_constants(std::move(child));
  }
  return e;
}

// A ratio's or comparison's side without the numbers that it is multiplied with.
Expression without_factors(const Expression& e) {
  if (e.kind == ExpressionKind::negate || e.kind == ExpressionKind::cast ||
      (e.kind == ExpressionKind::function && (e.text == "round" || e.text == "abs" || e.text == "nullif"))) {
    return without_factors(e.children[0]);
  }
  if (e.kind == ExpressionKind::arithmetic && (e.text == "*" || e.text == "/")) {
    if (!has_aggregate(e.children[0])) return without_factors(e.children[1]);
    if (!has_aggregate(e.children[1])) return without_factors(e.children[0]);
  }
  return e;
}

bool contains(const std::vector<Expression>& list, const Expression& value) {
  const std::string text = print(value);
  return std::any_of(list.begin(), list.end(), [&](const Expression& each) { return print(each) == text; });
}

Status AggregatePlanner::check_shape() const {
  if (!select_.grouped()) {
    return cannot_leave(
        "rows about single people need kind individual: for an aggregate, use GROUP BY or count(*)");
  }
  if (select_.distinct) return cannot_leave("SELECT DISTINCT of an aggregate: use GROUP BY alone");
  if (select_.having)
    return cannot_leave("HAVING shows which groups meet it: leave it out and filter the answer");
  if (select_.limit) return cannot_leave("LIMIT of an aggregate: leave it out");
  for (const Expression& group : select_.group_by) {
    if (is_identifying(group.label)) {
      return cannot_leave("GROUP BY " + named(group, select_) +
                          " makes groups of one: group by something else");
    }
  }
  for (const source::OrderBy& order : select_.order_by) {
    if (!contains(select_.group_by, order.value)) {
      return cannot_leave(
          "ORDER BY an aggregate shows the rank of values that are withheld: order by what is grouped");
    }
  }
  return {};
}

void AggregatePlanner::add_weight(const Expression& weight, const std::vector<Expression>& present,
                                  std::vector<std::size_t>& weights, bool repeated) {
  const std::size_t keys = repeated ? people_.keys.size() : 1;
  for (std::size_t k = 0; k < keys; ++k) {
    std::vector<Expression> conditions;
    conditions.reserve(present.size() + 1);
    for (const Expression& value : present) conditions.push_back(build::is_null(value, true));
    if (k > 0) conditions.push_back(build::is_null(people_.keys[k], true));
    Expression size =
        build::node(ExpressionKind::function, "abs", source::Type::real, {build::as_real(weight)});
    if (!conditions.empty()) {
      Expression all = conditions.size() == 1
                           ? conditions[0]
                           : build::node(ExpressionKind::both, {}, source::Type::integer, conditions);
      size = build::when(std::move(all), std::move(size), build::zero());
    }
    add_column(build::node(ExpressionKind::aggregate, "sum", source::Type::real, {std::move(size)}),
               Weights(select_).factor(weight), weights);
  }
}

void AggregatePlanner::add_column(Expression weight, double factor, std::vector<std::size_t>& weights) {
  const std::string text = print(weight);
  std::size_t at = 0;
  while (at < weight_columns_.size() && print(weight_columns_[at]) != text) ++at;
  if (at == weight_columns_.size()) {
    weight_columns_.push_back(std::move(weight));
    check_.factors.push_back(factor);
    check_.tells_people.push_back(false);
    check_.tells_amount.push_back(false);
  }
  weights.push_back(at);
}

void AggregatePlanner::add_net(const Expression& of_person, std::vector<std::size_t>& weights) {
  add_column(build::node(ExpressionKind::function, "abs", source::Type::real, {build::as_real(of_person)}),
             Weights(select_).factor(of_person), weights);
}

void AggregatePlanner::weigh_differences(const Expression& e, std::vector<std::size_t>& weights) {
  if (e.kind == ExpressionKind::aggregate) return;
  const auto add = [&](const Expression& left, const Expression& right) {
    if (!has_aggregate(left) || !has_aggregate(right)) return;
    if (left.type == source::Type::text || right.type == source::Type::text) return;
    add_net(build::node(ExpressionKind::arithmetic, "-", source::Type::real,
                        {without_constants(left), without_constants(right)}),
            weights);
  };
  const bool sums = e.kind == ExpressionKind::arithmetic && (e.text == "+" || e.text == "-");
  if (sums && has_aggregate(e.children[0]) && has_aggregate(e.children[1])) {
    add_net(without_constants(e), weights);
  } else if ((e.kind == ExpressionKind::arithmetic && e.text != "*") ||
             (e.kind == ExpressionKind::function && e.text == "nullif") ||
             e.kind == ExpressionKind::compare || e.kind == ExpressionKind::between ||
             e.kind == ExpressionKind::in_list) {
    for (std::size_t i = 1; i < e.children.size(); ++i) {
      add(without_factors(e.children[0]), without_factors(e.children[i]));
    }
  }
  for (const Expression& child : e.children) weigh_differences(child, weights);
}

Status AggregatePlanner::weigh(const Expression& aggregate, std::vector<std::size_t>& weights) {
  const Weights parts(select_);
  if (aggregate.text == "min" || aggregate.text == "max") {
    return cannot_leave(aggregate.text + "() is one person's value: use avg or sum");
  }
  if (aggregate.children.empty()) {
    add_weight(build::one(), {}, weights);
    return {};
  }
  const Expression& argument = aggregate.children[0];
  // With FILTER: CASE WHEN … THEN the identifier END.
  const bool filtered = argument.kind == ExpressionKind::cases && argument.children.size() == 3 &&
                        argument.children[2].kind == ExpressionKind::null;
  const Expression& counted = filtered ? argument.children[1] : argument;
  if (aggregate.distinct && !(is_identifying(counted.label) && parts.is_plain(counted))) {
    return cannot_leave(
        "count(DISTINCT …) of something else than an identifier is moved by one person's rare value: count "
        "people, or group by it");
  }
  if (aggregate.text == "count" || aggregate.text == "avg") {
    const std::size_t begin = weights.size();
    add_weight(build::one(), {argument}, weights, !aggregate.distinct);
    for (std::size_t i = begin; i < weights.size() && aggregate.distinct; ++i)
      check_.tells_people[weights[i]] = true;
  }
  if (aggregate.text == "count") return {};
  const auto split = parts.split(argument);
  if (!split) {
    return cannot_leave(aggregate.text +
                        "() of an expression whose parts cannot be counted one by one: sum plain columns, "
                        "products, or CASE with such branches");
  }
  for (const Expression& part : *split) add_weight(part, {argument}, weights);
  // Nothing but zeros: nobody contributes, and that is what is counted.
  if (split->empty()) add_weight(build::zero(), {argument}, weights);
  add_net(build::node(ExpressionKind::aggregate, "sum", source::Type::real, {build::as_real(argument)}),
          weights);
  return {};
}

Status AggregatePlanner::check_output(const Output& output, Plan& plan) {
  std::vector<std::size_t> weights;
  Status status;
  bool aggregated = false;
  for_each(output.value, [&](const Expression& e) {
    if (e.kind != ExpressionKind::aggregate || !status) return;
    aggregated = true;
    if (people_.about != People::About::people) return;
    const std::size_t begin = weights.size();
    status = weigh(e, weights);
    for (std::size_t i = begin; i < weights.size() && !e.distinct; ++i)
      check_.tells_amount[weights[i]] = true;
  });
  if (!status) return status;
  if (people_.about == People::About::people) {
    const std::size_t begin = weights.size();
    weigh_differences(output.value, weights);
    for (std::size_t i = begin; i < weights.size(); ++i) check_.tells_amount[weights[i]] = true;
  }
  check_.weights.push_back(std::move(weights));
  plan.columns.push_back(
      {output.name, output.value.label, aggregated ? Treatment::aggregated : Treatment::group_key});
  return {};
}

// The order asked for, then the rest of the groups: both statements come in it.
std::vector<source::OrderBy> AggregatePlanner::group_order() const {
  std::vector<source::OrderBy> order = select_.order_by;
  for (const Expression& group : select_.group_by) {
    const auto by_it = [&](const source::OrderBy& asked) { return print(asked.value) == print(group); };
    if (std::none_of(order.begin(), order.end(), by_it)) order.push_back({group, false, false});
  }
  return order;
}

Select AggregatePlanner::values_statement() const {
  Select values = select_;
  values.outputs.clear();
  for (const Expression& group : select_.group_by) values.outputs.push_back({"group", group});
  values.outputs.insert(values.outputs.end(), select_.outputs.begin(), select_.outputs.end());
  values.order_by = group_order();
  return values;
}

Select AggregatePlanner::people_statement() const {
  Select people = select_;
  const Expression& key = people_.keys[0];
  people.outputs.clear();
  for (const Expression& group : select_.group_by) people.outputs.push_back({"group", group});
  people.outputs.push_back({"person", key});
  for (const Expression& weight : weight_columns_) people.outputs.push_back({"weight", weight});
  people.group_by.push_back(key);
  people.order_by = group_order();
  return people;
}

std::string AggregatePlanner::scope(const source::Catalogue& catalogue) const {
  Select rows = select_;
  rows.outputs = {{"row", build::one()}};
  rows.group_by.clear();
  rows.order_by.clear();
  source::Reading reading = source::reading_of(rows);
  std::string scope = std::move(reading.text);
  // A workspace's table can hold other rows under the same name.
  for (const std::string& name : reading.workspace)
    scope.append("\n").append(name).append(" ").append(std::to_string(catalogue.find(name)->version));
  return scope;
}

Result<Plan> AggregatePlanner::run(const source::Catalogue& catalogue, source::Engine engine) {
  if (auto shaped = check_shape(); !shaped) return shaped.error();
  Plan plan;
  PlanDetail detail;
  detail.people = people_.about == People::About::people;
  std::vector<std::size_t> base;
  if (detail.people) add_weight(build::one(), {}, base, false);
  for (const Output& output : select_.outputs) {
    if (auto checked = check_output(output, plan); !checked) return checked.error();
  }
  check_.group_keys = select_.group_by.size();
  check_.weight_columns = weight_columns_.size();
  auto values = print(detail.people ? values_statement() : select_, catalogue, engine);
  if (!values) return values.error();
  detail.statements.push_back(std::move(*values));
  if (detail.people) {
    auto people = print(people_statement(), catalogue, engine);
    if (!people) return people.error();
    detail.statements.push_back(std::move(*people));
    plan.notices.push_back("groups of fewer than " + std::to_string(policy_.minimum_people) +
                           " people are not shown; whether there are any is not said");
    check_.scope = scope(catalogue);
    for (const Expression& group : select_.group_by) check_.groups.push_back(print(group));
  }
  detail.check = std::move(check_);
  plan.detail = std::make_shared<const PlanDetail>(std::move(detail));
  return plan;
}

}  // namespace

Result<Plan> plan_aggregate(Select select, const source::Catalogue& catalogue, const Policy& policy,
                            source::Engine engine) {
  if (select.combine != Select::Combine::none) {
    return cannot_leave("UNION of aggregates: ask for one GROUP BY at a time");
  }
  auto people = link_people(select, catalogue);
  if (!people) return people.error();
  if (people->about == People::About::records) {
    return cannot_leave("the people behind these records cannot be counted: join the table they belong to");
  }
  if (people->about == People::About::people) {
    say_nothing_by_failing(select);
  }
  return AggregatePlanner(select, *people, policy).run(catalogue, engine);
}

}  // namespace sceau::release
