// What approvers see beside a request: what would leave, what the project asked for before, and the scripts
// that made what it reads of its workspace.
#include <algorithm>
#include <iterator>

#include "columns.h"
#include "documents.h"
#include "makers.h"
#include "state.h"

namespace sceau::gate {
namespace {

using statement::Array;
using statement::Object;

constexpr std::size_t kEarlier = 20;

Object earlier_one(const registry::Request& request) {
  return {{"at", to_rfc3339(request.at)}, {"by", request.by},
          {"kind", request.kind},         {"max_rows", request.max_rows},
          {"request", request.digest},    {"state", registry::request_state_text(request.state)}};
}

struct Earlier {
  std::uint64_t entry;
  bool told;  // what it says
  Object one;
};

// What each of them made that the request reads; those that are not among the newest come after these, newest
// first. Scripts have no parameters: whoever decides reads them. True when there are more.
bool add_makers(std::vector<Earlier>& before, const Makers& makers) {
  std::vector<Earlier> buried;
  for (auto one = makers.scripts.rbegin(); one != makers.scripts.rend(); ++one) {
    const auto& [entry, maker] = *one;
    auto place = std::ranges::find(before, entry, &Earlier::entry);
    if (place == before.end()) {
      buried.push_back({entry, true, earlier_one(maker.script)});
      place = std::prev(buried.end());
    }
    place->one.emplace("made",
                       statement::texts(std::vector<std::string>(maker.tables.begin(), maker.tables.end())));
  }
  std::ranges::move(buried, std::back_inserter(before));
  return makers.or_more;
}

// Why, and the SQL, for those who decide: what a workspace's tables were made of is in there. Nothing where
// the opening was erased.
void tell_text(const ledger::Ledger& log, std::uint64_t entry, Object& one) {
  const auto opening = log.opening(entry);
  const auto statement =
      opening ? statement::read_statement(opening->statement) : Result<statement::Statement>(opening.error());
  if (!statement) return;
  for (const char* field : {"purpose", "sql"}) {
    if (const statement::Value* said = statement->body.find(field)) one.emplace(field, *said);
  }
}

}  // namespace

std::optional<source::ExpectedRows> Gate::State::expected_rows(const registry::Request& request,
                                                               const PlannedRequest& planned) {
  constexpr std::chrono::seconds at_most{2};
  auto source = planner.source(request.source, planned.basis.engine);
  if (!source || !planner.check(request.source, **source, planned.basis)) return std::nullopt;
  // One more than was ordered says already that it is too many.
  const std::uint64_t enough = static_cast<std::uint64_t>(request.max_rows) + 1;
  auto rows = release::expected_rows(planned.plan, **source, enough, {at_most, stop.get_token()});
  return rows ? *rows : std::nullopt;
}

Object Gate::State::beside(const registry::Request& request, ByteView statement, const Caller& caller) {
  const bool decides = decides_on(caller, request.by);
  const Time now = recorder.now();
  std::vector<Earlier> before;
  auto basis = recorder.read([&](const registry::Registry& registry) {
    const auto requests = registry.requests();
    for (auto one = requests.rbegin(); one != requests.rend() && before.size() < kEarlier; ++one) {
      if ((*one)->entry >= request.entry || (*one)->project != request.project) continue;
      const bool told = decides && may_read(registry, **one, caller, now);
      before.push_back({(*one)->entry, told, earlier_one(**one)});
    }
    return Planner::basis(registry, {request.project, request.by, request.source});
  });
  Object object;
  auto act = statement::read_statement(statement);
  // Neither where its source is gone, or its opening.
  if (basis && act) {
    auto planned = planner.plan(act->body, *basis);
    if (decides) {
      const auto own = planned ? planned->plan.own : std::vector<std::string>();
      if (add_makers(before, makers_of(recorder, request, act->body, own)))
        object.emplace("earlier_made_or_more", true);
    }
    tell_plan(request, planned, decides, object);
  }
  Array earlier;
  for (Earlier& one : before) {
    if (one.told) tell_text(recorder.log(), one.entry, one.one);
    earlier.emplace_back(std::move(one.one));
  }
  object.emplace("earlier", std::move(earlier));
  return object;
}

void Gate::State::tell_plan(const registry::Request& request, const Result<PlannedRequest>& planned,
                            bool decides, Object& object) {
  if (!planned) {
    object.emplace("trouble", planned.error().message);
    return;
  }
  object.emplace("columns", columns_of(planned->plan.columns));
  const auto expected = decides ? expected_rows(request, *planned) : std::nullopt;
  if (expected) object.emplace("expected_rows", as_integer(expected->rows));
  if (expected && expected->or_more) object.emplace("expected_rows_or_more", true);
}

}  // namespace sceau::gate
