// What somebody approved over a workspace, which is changed before it runs.
#include "story.h"

namespace sceau::test {
namespace {

using registry::RequestState;

const std::string kBorn = "SELECT BEN_NIR_PSA, BEN_NAI_ANN FROM IR_BEN_R WHERE BEN_NAI_ANN = ";

Object about(World& world, const std::string& kind, const std::vector<std::string>& sql) {
  Object body = world.request_body(kind);
  body["project"] = "tables";
  body["source"] = "warehouse";
  body["sql"] = statement::texts(sql);
  return body;
}

void work(World& world, const std::vector<std::string>& sql) {
  const auto asked = world.must("extraction.request", {"dora"}, about(world, "work", sql));
  world.step(asked.digest(), RequestState::running);
  world.result(asked.digest(), "delivered");
}

// dora's workspace has the tables few and others and the view chosen.
void begin(World& world) {
  const std::string until = to_rfc3339(world.clock.now() + 900 * kDay);
  world.must("source.add", {"ada", "bea"},
             Object{{"source", "warehouse"},
                    {"engine", "postgresql"},
                    {"catalogue", world.registry.source("snds")->catalogue}});
  world.must("project.open", {"ada"},
             Object{{"project", "tables"},
                    {"title", "Tables"},
                    {"sources", Array{"warehouse"}},
                    {"kinds", Array{"work", "aggregate", "individual"}},
                    {"from", to_rfc3339(world.clock.now())},
                    {"until", until},
                    {"max_rows", 1000}});
  world.must("project.assign", {"ada"}, Object{{"project", "tables"}, {"person", "dora"}, {"until", until}});
  work(world, {"CREATE TABLE few AS " + kBorn + "1950", "CREATE TABLE others AS " + kBorn + "1951",
               "CREATE VIEW chosen AS SELECT BEN_NIR_PSA FROM few WHERE BEN_NAI_ANN = 1950"});
}

// A request that carl approves is delivered after `change` ran.
std::function<void(World&)> changed(const std::string& sql, const std::vector<std::string>& change) {
  return [=](World& world) {
    begin(world);
    const auto asked = world.must("extraction.request", {"dora"}, about(world, "individual", {sql}));
    world.must("approval", {"carl"}, decision(asked));
    world.step(asked.digest(), RequestState::admitted);
    work(world, change);
    run_to_delivery(world, asked);
  };
}

void read_what_nobody_approved(World& world) {
  begin(world);
  const auto asked = world.must(
      "extraction.request", {"dora"},
      about(world, "aggregate", {"SELECT BEN_NAI_ANN, count(*) AS n FROM few GROUP BY BEN_NAI_ANN"}));
  work(world, {"INSERT INTO few " + kBorn + "1952"});
  run_to_delivery(world, asked);
}

}  // namespace

std::vector<Story> stories_of_workspaces() {
  const std::string few = "SELECT BEN_NIR_PSA FROM few", chosen = "SELECT BEN_NIR_PSA FROM chosen",
                    others = "SELECT BEN_NIR_PSA FROM others";
  const std::vector<std::string> more{"INSERT INTO few " + kBorn + "1952"};
  const std::vector<std::string> anew{"CREATE OR REPLACE VIEW chosen AS SELECT BEN_NIR_PSA FROM others"};
  return {
      {"table-changed-beneath", true, changed(few, more), {}},
      {"table-changed-beneath-a-view", true, changed(chosen, more), {}},
      {"table-made-anew-beneath",
       true,
       changed(few, {"DROP TABLE few", "CREATE TABLE few AS " + kBorn + "1950"}),
       {}},
      {"view-changed-beneath", true, changed(chosen, anew), {}},
      {"table-changed-beside", false, changed(others, more), {}},
      {"view-changed-beside", false, changed(few, anew), {}},
      {"nothing-changed-beneath", false, changed(few, {"CREATE TABLE third AS " + kBorn + "1953"}), {}},
      {"changed-beneath-what-nobody-approved", false, read_what_nobody_approved, {}},
  };
}

}  // namespace sceau::test
