// `sceau doctor`: what stands between a person and a signature on this machine, in plain words, and what to
// do.
//
// It changes nothing, asks for no PIN and signs nothing; only --record, which walks the owner of a card
// through a full check, asks for the PIN, and never writes it anywhere.
#pragma once

#include <string>
#include <vector>

#include "workplace.h"

namespace sceau::tool {

enum class Health { good, note, bad };

struct Symptom {
  std::string check;  // service, driver, reader, card, certificate, module, gate, auditor, clock, pam
  Health health = Health::good;
  std::string text;
  std::string advice;  // what to do; empty where nothing needs to be done
};
using Symptoms = std::vector<Symptom>;

struct DoctorOptions {
  std::string record;     // a file to write: the full check of one card
  std::string token;      // the card for it
  bool yes = false;       // for scripts: consent was given
  std::string source;     // of the gate's sceau.toml: look at that, and at nothing else
  std::string catalogue;  // file, for the source
  std::string database;   // connection string of whoever looks at it; empty: as the gate
};

// unavailable, once everything was shown, when something is bad.
Status doctor(Workplace& place, const DoctorOptions& options);

// doctor_source.cpp: who can read the source without the gate.
Result<Symptoms> look_at_source(Workplace& place, const DoctorOptions& options);

// doctor_record.cpp: signs with each key of the card and writes what happened, for people who report a bug.
Status record_card(Workplace& place, const DoctorOptions& options, const Symptoms& findings);

statement::Value findings_value(const Symptoms& findings);

}  // namespace sceau::tool
