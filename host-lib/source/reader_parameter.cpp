// Parameters: $1, $2, … beside a column of a comparison, of that column's type, and nowhere else.
#include <algorithm>

#include "reader.h"

namespace sceau::source {

std::string stray_parameter(int number) {
  return "parameter $" + std::to_string(number) +
         " stands where nothing is compared with it: a parameter stands beside a column, after = <> < <= > "
         ">=, "
         "IN (…), = ANY (ARRAY[…]) or BETWEEN";
}

// One side of a comparison, which a parameter may be.
Expression Reader::compared(const Node* node, const Place& place) {
  if (!failed() && node != nullptr && node->node_case == PG_QUERY__NODE__NODE_PARAM_REF)
    return parameter(*node->param_ref);
  return value(node, place);
}

std::vector<Expression> Reader::all_compared(std::size_t count, Node* const* nodes, const Place& place) {
  std::vector<Expression> read;
  read.reserve(count);
  for (std::size_t i = 0; i < count && !failed(); ++i) read.push_back(compared(nodes[i], place));
  return read;
}

Expression Reader::parameter(const PgQuery__ParamRef& named) {
  const std::size_t count = parameters_.size();
  if (named.number < 1 || static_cast<std::size_t>(named.number) > count) {
    refuse("parameter $" + std::to_string(named.number) + " has no value: the request has " +
           (count == 0 ? std::string("none") : std::to_string(count)) +
           ", and only one of kind individual may have any");
  }
  Expression read;
  read.kind = Kind::parameter;
  read.text = std::to_string(named.number);
  return read;
}

// A parameter is of the type of the column that it is compared with, and of one type wherever it stands.
void Reader::give_types(Expression& comparison) {
  if (failed()) return;
  const auto is_parameter = [](const Expression& one) { return one.kind == Kind::parameter; };
  auto& sides = comparison.children;
  const auto first = std::find_if(sides.begin(), sides.end(), is_parameter);
  if (first == sides.end()) return;
  const bool turned = comparison.kind == Kind::compare && is_parameter(sides[0]);
  const Expression& column = sides[turned ? 1 : 0];
  if (!column.is_column()) return refuse(stray_parameter(std::stoi(first->text)));
  for (Expression& side : sides) {
    if (!is_parameter(side)) continue;
    auto& known = parameters_[std::stoul(side.text) - 1];
    if (known && *known != column.type) {
      return refuse("parameter $" + side.text +
                    " is compared with columns of different types: send its value once for each");
    }
    known = column.type;
    side.type = column.type;
    if (column.type == Type::text) side.longest = assumed_text;
  }
}

std::vector<Type> Reader::parameter_types() {
  std::vector<Type> types;
  types.reserve(parameters_.size());
  for (std::size_t i = 0; i < parameters_.size() && !failed(); ++i) {
    if (!parameters_[i])
      refuse("parameter $" + std::to_string(i + 1) + " is sent and not used: send as many as the SQL names");
    types.push_back(parameters_[i].value_or(Type::text));
  }
  return types;
}

}  // namespace sceau::source
