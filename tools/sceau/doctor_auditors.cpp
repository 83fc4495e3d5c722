// The gate's own home: whose certificates its requests with parameters are sealed to.
#include "doctor_checks.h"
#include "sceau/gate/auditors.h"

namespace sceau::tool {
namespace {

constexpr Time kSoon = Time{30} * 86400;  // a month to get the next one

Symptom auditor_finding(const std::string& name, const pki::Certificate& certificate, Time now) {
  const auto whose = "auditor's certificate " + name + ", of " + shown(certificate.subject_text());
  const auto until = to_rfc3339(certificate.not_after()).substr(0, 10);
  const char* const next =
      "put the auditor's next certificate beside it and start the gate again; what was sealed so far still "
      "wants the earlier key";
  if (now < certificate.not_before())
    return {"auditor", Health::bad, whose + ": not valid before " + to_rfc3339(certificate.not_before()),
            "look at this machine's clock; if it is right, ask the auditor for another"};
  if (now >= certificate.not_after()) return {"auditor", Health::bad, whose + ": expired on " + until, next};
  if (certificate.not_after() - now < kSoon)
    return {"auditor", Health::note, whose + ": ends on " + until, next};
  return {"auditor", Health::good, whose + ": until " + until, {}};
}

}  // namespace

Symptoms check_auditors(const gate::Home& home, Time now) {
  auto files = gate::auditor_files(home);
  if (!files)
    return {{"auditor", Health::bad, shown(files.error().message), "run the doctor as the gate's user"}};
  if (files->empty())
    return {
        {"auditor", Health::note,
         "no auditor's certificate is in " + home.file("auditors").string() +
             ": the gate refuses requests with parameters",
         "to take them, put an auditor's certificate there (PEM, a name ending in .pem) and start the gate "
         "again"}};
  Symptoms found;
  for (const auto& file : *files) {
    auto certificate = gate::read_auditor(file);
    if (certificate) {
      found.push_back(auditor_finding(shown(file.filename().string()), *certificate, now));
    } else {
      found.push_back({"auditor", Health::bad, shown(certificate.error().message),
                       "put the auditor's own certificate in its place, or take the file away: the gate does "
                       "not start with it"});
    }
  }
  return found;
}

}  // namespace sceau::tool
