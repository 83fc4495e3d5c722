#include "planned.h"

#include <cstdio>
#include <cstdlib>

#include "sceau/release/extraction.h"
#include "sceau/source/catalogue.h"
#include "workspace.h"

namespace sceau::test {

void complete_results(World& world) {
  world.complete = [&world](Object& result, const Value& request) {
    const auto* asked = world.registry.request(statement::digest_field(result, "request").value());
    if (asked == nullptr || !asked->running) return;
    const Digest catalogue = world.registry.source("snds")->catalogue;
    const auto labels = source::Catalogue::from_toml(as_text(world.blobs.at(catalogue)));
    const auto kind = release::kind_from(statement::text_field(request, "kind").value());
    release::Policy policy;
    policy.time_limit_seconds = 60;
    policy.row_limit = 1000000;
    const auto engine = source::engine_from(world.registry.source(asked->source)->engine);
    const auto workspace =
        gate::read_workspace(asked->workspace.get(), {asked->project, asked->by, asked->source});
    const auto plan =
        release::plan(labels.value(), kind.value(), statement::texts_field(request, "sql").value(), policy,
                      {}, engine.value(), workspace.value());
    if (!plan) {
      std::fprintf(stderr, "test world: %s\n", plan.error().message.c_str());
      std::abort();
    }
    Array columns;
    for (const auto& column : plan->columns) {
      columns.emplace_back(Object{{"name", column.name},
                                  {"label", source::to_string(column.label)},
                                  {"treatment", release::to_string(column.treatment)}});
    }
    result["sql_run"] = statement::texts(gate::stated_sql(*plan));
    result["columns"] = std::move(columns);
    if (kind.value() != release::Kind::work ||
        statement::text_field(result, "outcome").value() != "delivered")
      return;
    result["rows"] = result["bytes"] = 0;
    result["sha256"] = sha256(ByteView{});
    for (const auto& [member, change] : gate::change_object(plan->change)) result[member] = change;
  };
}

}  // namespace sceau::test
