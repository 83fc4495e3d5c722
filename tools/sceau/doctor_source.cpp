// `sceau doctor --source`: whether a PostgreSQL source can be read without the gate.
#include "doctor.h"
#include "sceau/base/files.h"
#include "sceau/gate/home.h"
#include "sceau/source/environment.h"
#include "sceau/source/ways_round.h"

namespace sceau::tool {
namespace {

Result<source::PostgresqlPlace> configured_place(const gate::HomeConfig& config, const std::string& id) {
  const auto found = config.sources.find(id);
  if (found == config.sources.end()) {
    return Error{ErrorKind::not_found, "looking at source \"" + id + "\": sceau.toml has no [sources." + id +
                                           "]: name one that it has"};
  }
  if (found->second.engine != source::Engine::postgresql) {
    return Error{ErrorKind::invalid,
                 "looking at source \"" + id +
                     "\": it is a SQLite file: whoever may open the file reads it; look at "
                     "its permissions with ls -l"};
  }
  return found->second.postgresql;
}

Symptom symptom_of(const source::WayRound& way) {
  using Grade = source::WayRound::Grade;
  return {way.about,
          way.grade == Grade::closed ? Health::good
          : way.grade == Grade::open ? Health::bad
                                     : Health::note,
          way.text, way.advice};
}

// psql tells the database's own administrator more than an agent may ever read in an answer of the gate.
Error says_why(const Error& error, const source::PostgresqlPlace& place) {
  if (error.kind != ErrorKind::unavailable) return error;
  return {error.kind, error.message + ": psql '" + place.place + "' says why"};
}

}  // namespace

Result<Symptoms> look_at_source(Workplace& place, const DoctorOptions& options) {
  if (options.catalogue.empty()) {
    return Error{ErrorKind::invalid,
                 "looking at a source: say with --catalogue which tables are to be protected: "
                 "the file that source.add was given"};
  }
  if (auto alike = source::check_environment(); !alike)
    return alike.error().within("looking at a source as the gate would");
  auto folder = place.home();
  if (!folder) return folder.error();
  auto config = gate::read_home_config(gate::Home(*folder));
  if (!config) return config.error();
  auto gates = configured_place(*config, options.source);
  if (!gates) return gates.error();
  auto text = read_file(options.catalogue, std::size_t{4} << 20U);
  if (!text) return text.error();
  auto catalogue = source::Catalogue::from_toml(as_text(*text));
  if (!catalogue) return catalogue.error();
  auto opened = source::open_postgresql(*gates);
  if (!opened) return says_why(opened.error(), *gates);
  Symptoms all;
  if (auto checked = (*opened)->check(*catalogue); checked) {
    all.push_back(
        {"gate", Health::good, "the gate's role may read the catalogue's tables and change nothing", {}});
  } else {
    all.push_back(
        {"gate", Health::bad, checked.error().message, "put it right before the gate runs requests"});
  }
  auto gate = source::role_of(*gates);
  if (!gate) return says_why(gate.error(), *gates);
  source::PostgresqlPlace looking = *gates;
  if (!options.database.empty()) looking.place = options.database;
  auto ways = source::ways_round(looking, *gate, *catalogue);
  if (!ways) return says_why(ways.error(), looking);
  for (const source::WayRound& way : *ways) all.push_back(symptom_of(way));
  return all;
}

}  // namespace sceau::tool
