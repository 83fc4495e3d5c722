#include <algorithm>

#include "planners.h"

namespace sceau::release {

Result<Plan> plan_individual(const source::Select& select, const source::Catalogue& catalogue,
                             source::Engine engine, const std::vector<std::string>& parameters) {
  Plan plan;
  for (const source::Output& output : select.outputs) {
    ResultColumn column{output.name, output.value.label, Treatment::as_is};
    if (column.label == source::Label::person_key) {
      column.treatment = Treatment::pseudonym;
    } else if (is_identifying(column.label)) {
      return cannot_leave("result \"" + output.name + "\" is a " + std::string(to_string(column.label)) +
                          ", which never leaves: leave it out");
    }
    plan.columns.push_back(std::move(column));
  }
  auto statement = source::print(select, catalogue, engine);
  if (!statement) return statement.error();
  if (auto bound = statement->bind(parameters); !bound) return bound.error();
  PlanDetail detail;
  detail.about_nobody = statement->workspace().empty() &&
                        std::ranges::all_of(statement->tables(), [&](const std::string& name) {
                          const source::Table* table = catalogue.find(name);
                          return table != nullptr && table->reference;
                        });
  detail.statements.push_back(std::move(*statement));
  plan.detail = std::make_shared<const PlanDetail>(std::move(detail));
  return plan;
}

}  // namespace sceau::release
