// One story for two auditors to judge: a ledger that came to be by the rules or against them, or that
// somebody changed afterwards. What the stories share is here.
#pragma once

#include <functional>

#include "damage.h"
#include "planned.h"

namespace sceau::test {

inline constexpr Time kDay = 86400;

// What is added to the common beginning by rules or against them, and what is then done to the file.
struct Story {
  const char* name;
  bool damaged;
  std::function<void(World&)> live;
  std::function<void(StoredLedger&, const World&)> harm;
};

std::vector<Story> stories_in_order();
std::vector<Story> stories_of_changed_files();
// Gates that are dishonest, with a tree and checkpoints that are in order.
std::vector<Story> stories_of_dishonest_gates();
std::vector<Story> stories_of_unattested_tokens();
std::vector<Story> stories_of_clear_sign_keys();
std::vector<Story> stories_of_fido_keys();
std::vector<Story> stories_of_workspaces();

// What an approval or a refusal of a request says.
Object decision(const Submitted& about);

// A statement by these people, recorded in `state` whatever the rules say.
void force(World& world, const std::string& type, const std::vector<std::string>& people, Value body,
           const Envelope& envelope = {}, const char* state = "admitted");

void run_to_delivery(World& world, const Submitted& asked);
// dora makes a table in a project "tables" of her own, which is still open: her request, while it runs.
Submitted begin_a_table(World& world);
// The same to its end.
Submitted make_a_table(World& world);
// An erasure of such a request, its steps and its result.
Object erasure_from(const Submitted& first);

void revoke_dora(World& world);

// erik may approve.
void let_erik_approve(World& world);
// A request that carl approved, admitted.
Submitted approved_by_carl(World& world);
void withdraw_from_carl(World& world);

// A request whose answer has three rows, and two were ordered: approved by carl, run, and in quarantine. erik
// may approve.
Submitted held(World& world);
// What a release of it says.
Object release_of(const Submitted& asked);
// The step before its rows leave.
void check_rows(World& world, const Submitted& asked);

// What an enrolment of this card says.
Object enrolment(World& world, const Card& card);

}  // namespace sceau::test
