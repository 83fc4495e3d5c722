// What the doctor looks at, one thing a function. `root` is where the machine's files begin: "/", or a folder
// of a test. None of them fails: what cannot be looked at is a finding.
#pragma once

#include <filesystem>

#include "doctor.h"
#include "sceau/gate/home.h"
#include "sceau/pki/certificate.h"
#include "sceau/token/find.h"
#include "sceau/token/modules.h"

namespace sceau::tool {

// What to do about a smart-card service that refuses this user.
inline constexpr const char* kAskForTheRight =
    "log in at the machine itself (not over ssh), or have an administrator allow you in polkit: "
    "org.debian.pcsc-lite.access_pcsc and org.debian.pcsc-lite.access_card";

// The smart-card service: installed, running, its socket there and open to us.
Symptoms check_service(const std::filesystem::path& root, const std::string& socket);
// Drivers that are installed, and readers on USB that no driver speaks to. `readers` is how many the service
// shows.
Symptoms check_drivers(const std::filesystem::path& root, std::size_t readers);
// Readers, and the cards in them.
Symptoms check_readers(const std::vector<token::ReaderStatus>& readers);
Symptoms check_card(const token::FoundToken& card, Time now);
// One certificate: its dates. `where` names the card and the slot.
Symptoms check_certificate(const std::string& where, const pki::Certificate& certificate, Time now);
// PKCS#11 modules that are configured, and the tokens that only they reach.
Symptoms check_modules(token::Modules& modules, const std::vector<std::string>& piv_readers, Time now);
// Our clock against the gate's; statements bear ours, and the gate allows 60 seconds.
Symptoms check_clock(Time ours, Time gates);
// The certificate that the gate is known by, and whether it answers.
Symptoms check_gate(Workplace& place);
// The certificates that a gate's home seals parameters to, and their dates.
Symptoms check_auditors(const gate::Home& home, Time now);
// Services whose PAM stack has pam_sceau.so: whether the module is there, and whether anybody can still get
// in.
Symptoms check_pam(const std::filesystem::path& root);

// Programs that speak PKCS#11, each with the line that makes it use `module`.
struct Consumer {
  std::string name, where, line;
};
std::vector<Consumer> consumers(const std::string& module);
// Where libsceau-pkcs11.so is: beside this program's installation, else its bare name.
std::string provider_path();

}  // namespace sceau::tool
