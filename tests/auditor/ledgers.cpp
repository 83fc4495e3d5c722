#include "ledgers.h"

#include <cstdio>
#include <cstdlib>
#include <functional>

#include "damage.h"
#include "planned.h"
#include "sceau/pki/attestation.h"

namespace sceau::test {
namespace {

using registry::RequestState;

constexpr Time kDay = 86400;

// One story: what is added to the common beginning by rules or against them, and what is then done to the
// file.
struct Story {
  const char* name;
  bool damaged;
  std::function<void(World&)> live;
  std::function<void(StoredLedger&, const World&)> harm;
};

void nothing(World& /*world*/) {}

Object decision(const Submitted& about) {
  return {{"request", about.digest()}, {"evidence", about.evidence_digest()}};
}

// A statement by these people, recorded as admitted whatever the rules say.
void force(World& world, const std::string& type, const std::vector<std::string>& people, Value body,
           const Envelope& envelope = {}, const char* state = "admitted") {
  const Bytes statement = world.write(type, people.front(), std::move(body), envelope);
  std::vector<const Card*> signers;
  for (const std::string& person : people) signers.push_back(&world.card(person));
  world.force(type, statement, world.sign(statement, signers), state);
}

void run_to_delivery(World& world, const Submitted& asked) {
  world.step(asked.digest(), RequestState::running);
  world.step(asked.digest(), RequestState::checked,
             {{"rows", 3}, {"bytes", 42}, {"sha256", sha256(as_bytes("rows"))}});
  world.result(asked.digest(), "delivered");
}

void revoke_dora(World& world) {
  world.must("token.revoke", {"ada"}, Object{{"serial", "1004"}, {"reason", "stolen"}});
}

Object enrolment(World& world, const Card& card) {
  return {{"person", card.person}, {"token", World::token_value(card)}, {"escrow", world.escrow_value()}};
}

// ---- ledgers in order ------------------------------------------------------------------------------------

void live_with_a_renewal(World& world) {
  const Card card = world.make_card("dora", "1004");
  const Bytes statement = world.write("token.renew", "dora", enrolment(world, card));
  world.submit(statement, world.sign(statement, {&card, &world.card("dora")}));
  const Bytes request = world.write("extraction.request", "dora", world.request_body());
  world.submit(request, world.sign(request, {&card}));
}

void live_with_refusals(World& world) {
  const auto first = world.must("extraction.request", {"dora"}, world.request_body());
  world.submit(first.statement, first.evidence);
  world.submit("extraction.request", {"erik"}, world.request_body());
  revoke_dora(world);
  world.submit("extraction.request", {"dora"}, world.request_body());
}

void live_with_a_refusal_and_an_expiry(World& world) {
  const auto first = world.must("extraction.request", {"dora"}, world.request_body("individual"));
  Object body = decision(first);
  body["reason"] = "too wide";
  world.must("refusal", {"carl"}, body);
  const auto second = world.must("extraction.request", {"dora"}, world.request_body("individual"));
  world.clock.advance(kDay);
  world.step(second.digest(), RequestState::expired);
}

void live_with_a_new_policy(World& world) {
  Object policy = World::policy_body();
  policy["approvals"] = 2;
  policy["request_window"] = 600;
  world.must("policy.set", {"ada", "bea"}, Object{{"policy", policy}});
  world.must("role.grant", {"ada", "bea"},
             Object{{"person", "erik"},
                    {"role", "approver"},
                    {"organisation", "*"},
                    {"until", to_rfc3339(world.clock.now() + kDay)}});
  Envelope envelope;
  envelope.until = world.clock.now() + 600;
  const auto asked = world.submit("extraction.request", {"dora"}, world.request_body("individual"), envelope);
  world.must("approval", {"carl"}, decision(asked));
  world.must("approval", {"erik"}, decision(asked));
  world.step(asked.digest(), RequestState::admitted);
  run_to_delivery(world, asked);
}

void live_with_a_new_list(World& world) {
  const Bytes crl = world.crl(kBegin + 2000 * kDay, 2, {*world.card("erik").sign.certificate});
  world.put_blob(crl);
  world.must("crl.publish", {"ada"},
             Object{{"authority", world.authority->digest()}, {"crl", sha256(crl)}, {"number", 2}});
  world.deliver();
}

void live_with_a_login_and_a_summary(World& world) {
  const Bytes login = world.write("login", "dora", Object{{"audience", "gate"}});
  world.submit(login, evidence::serialise({{world.login_signature(login, world.card("dora"))}}));
  const std::string now = to_rfc3339(world.clock.now());
  const Bytes summary = world.write(
      "gate.summary", "gate",
      Object{
          {"from", now}, {"until", now}, {"counts", Array{Object{{"reason", "malformed"}, {"count", 2}}}}});
  world.submit(summary, world.sign_as_gate(summary));
}

// dora logs in to a laptop, and what she signed comes two days later.
void live_with_a_laptop(World& world) {
  const Object account{{"account", "dora"}, {"host", "laptop-12"}, {"person", "dora"}};
  Object body = account;
  body["until"] = to_rfc3339(world.clock.now() + 300 * kDay);
  world.must("account.bind", {"ada"}, body);
  const Bytes login =
      world.write("login", "dora", Object{{"audience", "host:laptop-12"}, {"account", "dora"}});
  const Bytes evidence = evidence::serialise({{world.login_signature(login, world.card("dora"))}});
  world.clock.advance(2 * kDay);
  world.submit(login, evidence);
  Object end = account;
  end["reason"] = "the laptop was stolen";
  world.must("account.end", {"bea"}, end);
  world.must("account.bind", {"ada"}, body);
}

void live_with_people_who_leave(World& world) {
  world.must("token.suspend", {"bea"}, Object{{"serial", "1005"}, {"reason", "left in a train"}});
  world.must("token.resume", {"ada", "bea"}, Object{{"serial", "1005"}, {"reason", "found"}});
  world.must("role.withdraw", {"ada"}, Object{{"person", "dora"}, {"role", "agent"}, {"reason", "review"}});
  world.must("person.leave", {"bea"}, Object{{"person", "dora"}, {"reason", "retired"}});
  world.must("project.close", {"bea"}, Object{{"project", "asthma"}, {"reason", "done"}});
}

void live_until_erasure(World& world) {
  const auto delivered = world.deliver("individual");
  Array entries;
  for (std::size_t i = delivered.index; i < world.entries.size(); ++i) entries.emplace_back(i);
  world.clock.advance(366 * kDay);
  world.must("erasure", {"ada", "bea"}, Object{{"entries", entries}, {"reason", "term"}});
}

void live_with_an_interruption(World& world) {
  const auto asked = world.must("extraction.request", {"dora"}, world.request_body());
  world.step(asked.digest(), RequestState::running);
  world.result(asked.digest(), "interrupted");
  const auto second = world.must("extraction.request", {"dora"}, world.request_body());
  world.result(second.digest(), "refused");
}

std::vector<Story> stories_in_order() {
  const auto erase = [](StoredLedger& ledger, const World& world) {
    ledger.run("DELETE FROM opening WHERE idx >= " + std::to_string(world.entries.size() - 7) +
               " AND idx < " + std::to_string(world.entries.size() - 1));
  };
  return {
      {"beginning", false, nothing, {}},
      {"aggregate", false, [](World& world) { world.deliver(); }, {}},
      {"individual", false, [](World& world) { world.deliver("individual"); }, {}},
      {"renewal", false, live_with_a_renewal, {}},
      {"refusals", false, live_with_refusals, {}},
      {"refused-and-expired", false, live_with_a_refusal_and_an_expiry, {}},
      {"new-policy", false, live_with_a_new_policy, {}},
      {"new-list", false, live_with_a_new_list, {}},
      {"login-and-summary", false, live_with_a_login_and_a_summary, {}},
      {"laptop", false, live_with_a_laptop, {}},
      {"leaving", false, live_with_people_who_leave, {}},
      {"interrupted", false, live_with_an_interruption, {}},
      {"erased", false, live_until_erasure, erase},
  };
}

// ---- files that somebody changed
// ---------------------------------------------------------------------------

std::vector<Story> stories_of_changed_files() {
  const auto delivered = [](World& world) { world.deliver("individual"); };
  const auto last = [](const World& world) { return "idx = " + std::to_string(world.entries.size() - 1); };
  const auto flip = [](const char* table, const char* column, std::string where, std::size_t at) {
    return [=](StoredLedger& ledger, const World& /*world*/) { ledger.flip(table, column, where, at); };
  };
  return {
      {"leaf-byte", true, delivered, flip("entry", "leaf", "idx = 5", 20)},
      {"statement-byte", true, delivered,
       [last](StoredLedger& ledger, const World& world) {
         ledger.flip("opening", "statement", last(world), 60);
       }},
      {"evidence-byte", true, delivered,
       [last](StoredLedger& ledger, const World& world) {
         ledger.flip("opening", "evidence", last(world), 90);
       }},
      {"verdict-byte", true, delivered,
       [last](StoredLedger& ledger, const World& world) {
         ledger.flip("opening", "verdict", last(world), 2);
       }},
      {"salt", true, delivered, flip("opening", "salt", "idx = 3", 0)},
      {"tile", true, delivered, flip("tile", "bytes", "level = 0 AND n = 0", 40)},
      {"tile-missing", true, delivered,
       [](StoredLedger& ledger, const World& /*world*/) { ledger.run("DELETE FROM tile"); }},
      {"head-root", true, delivered, flip("head", "root", "1", 0)},
      {"checkpoint-root", true, delivered,
       flip("checkpoint", "note", "size = (SELECT max(size) FROM checkpoint)", 40)},
      {"checkpoint-signature", true, delivered,
       flip("checkpoint", "note", "size = (SELECT max(size) FROM checkpoint)", 150)},
      {"opening-gone", true, delivered,
       [last](StoredLedger& ledger, const World& world) {
         ledger.run("DELETE FROM opening WHERE " + last(world));
       }},
      {"registry-opening-gone", true, delivered,
       [](StoredLedger& ledger, const World& /*world*/) { ledger.run("DELETE FROM opening WHERE idx = 4"); }},
      {"entry-removed", true, delivered,
       [](StoredLedger& ledger, const World& /*world*/) { ledger.run("DELETE FROM entry WHERE idx = 7"); }},
      {"entries-swapped", true, delivered,
       [](StoredLedger& ledger, const World& /*world*/) {
         ledger.run("UPDATE entry SET idx = -1 WHERE idx = 8");
         ledger.run("UPDATE entry SET idx = 8 WHERE idx = 9");
         ledger.run("UPDATE entry SET idx = 9 WHERE idx = -1");
       }},
      {"truncated", true, delivered,
       [last](StoredLedger& ledger, const World& world) {
         ledger.run("DELETE FROM opening WHERE " + last(world));
         ledger.run("DELETE FROM entry WHERE " + last(world));
       }},
      {"crl-missing", true, delivered,
       [](StoredLedger& ledger, const World& world) {
         ledger.run("DELETE FROM blob WHERE hex(sha256) = upper('" +
                    to_hex(world.registry.authorities().front().crl) + "')");
       }},
      {"blob-byte", true, delivered, flip("blob", "bytes", "rowid = (SELECT min(rowid) FROM blob)", 30)},
  };
}

// ---- gates that are dishonest, with a tree and checkpoints that are in order
// --------------------------------

void admit_one_byte_changed(World& world) {
  Bytes statement = world.write("extraction.request", "dora", world.request_body());
  const Bytes evidence = world.sign(statement, {&world.card("dora")});
  std::string changed = to_text(statement);
  changed.replace(changed.find("\"max_rows\":100"), 14, "\"max_rows\":900");
  world.force("extraction.request", to_bytes(changed), evidence, "admitted");
}

void admit_a_replay(World& world) {
  const auto first = world.must("extraction.request", {"dora"}, world.request_body());
  world.force("extraction.request", first.statement, first.evidence, "admitted");
}

void admit_the_expired(World& world) {
  Envelope envelope;
  envelope.at = world.clock.now() - 800;
  envelope.until = world.clock.now() - 10;
  force(world, "extraction.request", {"dora"}, world.request_body(), envelope);
}

void admit_another_tree(World& world) {
  Envelope envelope;
  envelope.after = statement::After{5, sha256(as_bytes("another tree"))};
  force(world, "extraction.request", {"dora"}, world.request_body(), envelope);
}

void admit_an_approvers_own(World& world) {
  world.must("role.grant", {"ada", "bea"},
             Object{{"person", "dora"},
                    {"role", "approver"},
                    {"organisation", "*"},
                    {"until", to_rfc3339(world.clock.now() + kDay)}});
  const auto asked = world.must("extraction.request", {"dora"}, world.request_body("individual"));
  force(world, "approval", {"dora"}, decision(asked));
  world.step(asked.digest(), RequestState::admitted);
}

void approve_after_the_revocation(World& world) {
  const auto asked = world.must("extraction.request", {"dora"}, world.request_body("individual"));
  revoke_dora(world);
  force(world, "approval", {"carl"}, decision(asked));
}

void send_after_the_revocation(World& world) {
  const auto asked = world.must("extraction.request", {"dora"}, world.request_body());
  world.step(asked.digest(), RequestState::running);
  revoke_dora(world);
  world.step(asked.digest(), RequestState::checked,
             {{"rows", 3}, {"bytes", 42}, {"sha256", sha256(as_bytes("rows"))}});
}

void admit_an_approval_of_other_evidence(World& world) {
  const auto asked = world.must("extraction.request", {"dora"}, world.request_body("individual"));
  Object body = decision(asked);
  body["evidence"] = sha256(as_bytes("another"));
  force(world, "approval", {"carl"}, body);
}

void admit_a_log_in_key(World& world) {
  const Bytes statement = world.write("extraction.request", "dora", world.request_body());
  world.force("extraction.request", statement,
              evidence::serialise({{world.login_signature(statement, world.card("dora"))}}), "admitted");
}

void admit_a_software_key(World& world) {
  Card card = world.make_card("dora", "9001");
  card.sign.key = pki::SoftwareKey::generate().value();
  card.sign.certificate = world.issue(card.sign.key, "dora", pki::KeyUse::sign);
  const Bytes statement = world.write("token.enrol", "dora", enrolment(world, card));
  world.force("token.enrol", statement, world.sign(statement, {&card, &world.card("bea")}), "admitted");
}

void admit_an_enrolment_by_the_issuer_alone(World& world) {
  const Card card = world.make_card("dora", "9001");
  const Bytes statement = world.write("token.enrol", "dora", enrolment(world, card));
  world.force("token.enrol", statement, world.sign(statement, {&card, &world.card("ada")}), "admitted");
}

void admit_a_certificate_for_logging_in(World& world) {
  Card card = world.make_card("dora", "9001");
  card.sign.certificate = world.issue(card.sign.key, "dora", pki::KeyUse::login);
  const Bytes statement = world.write("token.enrol", "dora", enrolment(world, card));
  world.force("token.enrol", statement, world.sign(statement, {&card, &world.card("bea")}), "admitted");
}

void deliver_what_nobody_asked_for(World& world) {
  const Bytes statement =
      world.write("extraction.result", "gate", world.result_body(sha256(as_bytes("x")), "delivered"));
  world.force("extraction.result", statement, world.sign_as_gate(statement), "admitted");
}

void deliver_other_rows(World& world) {
  const auto asked = world.must("extraction.request", {"dora"}, world.request_body());
  world.step(asked.digest(), RequestState::running);
  world.step(asked.digest(), RequestState::checked,
             {{"rows", 2}, {"bytes", 30}, {"sha256", sha256(as_bytes("fewer rows"))}});
  world.result(asked.digest(), "delivered");
}

void run_without_admission(World& world) {
  const auto asked = world.must("extraction.request", {"dora"}, world.request_body("individual"));
  world.step(asked.digest(), RequestState::running);
}

void erase_too_early(World& world) {
  const auto delivered = world.deliver();
  world.clock.advance(300 * kDay);
  force(world, "erasure", {"ada", "bea"},
        Object{{"entries", Array{static_cast<std::int64_t>(delivered.index)}}, {"reason", "hide"}});
}

void erase_the_result_alone(World& world) {
  world.deliver();
  const auto result = static_cast<std::int64_t>(world.entries.size()) - 1;
  world.clock.advance(366 * kDay);
  force(world, "erasure", {"ada", "bea"}, Object{{"entries", Array{result}}, {"reason", "run it again"}});
}

std::vector<Story> stories_of_dishonest_gates() {
  const auto asked_by = [](std::vector<std::string> people, const char* type, Object body) {
    return [=](World& world) { force(world, type, people, body); };
  };
  Object weak = World::policy_body();
  weak["approvals"] = 2;
  const std::string until = to_rfc3339(kBegin + 30 * kDay);
  const auto request = [](World& world) {
    force(world, "extraction.request", {"dora"}, world.request_body());
  };
  return {
      {"one-byte-changed", true, admit_one_byte_changed, {}},
      {"replayed", true, admit_a_replay, {}},
      {"expired", true, admit_the_expired, {}},
      {"other-realm",
       true,
       [](World& world) {
         Envelope envelope;
         envelope.realm = "elsewhere.example/log";
         force(world, "extraction.request", {"dora"}, world.request_body(), envelope);
       },
       {}},
      {"other-tree", true, admit_another_tree, {}},
      {"revoked-token", true, [request](World& world) { revoke_dora(world), request(world); }, {}},
      {"no-agent",
       true,
       [](World& world) { force(world, "extraction.request", {"erik"}, world.request_body()); },
       {}},
      {"no-approval",
       true,
       [](World& world) {
         const auto asked = world.must("extraction.request", {"dora"}, world.request_body("individual"));
         world.step(asked.digest(), RequestState::admitted);
       },
       {}},
      {"admitted-at-once",
       true,
       [](World& world) { force(world, "extraction.request", {"dora"}, world.request_body("individual")); },
       {}},
      {"approved-her-own", true, admit_an_approvers_own, {}},
      {"approved-other-evidence", true, admit_an_approval_of_other_evidence, {}},
      {"approved-after-revocation", true, approve_after_the_revocation, {}},
      {"sent-after-revocation", true, send_after_the_revocation, {}},
      {"log-in-key", true, admit_a_log_in_key, {}},
      {"software-key", true, admit_a_software_key, {}},
      {"issuer-alone", true, admit_an_enrolment_by_the_issuer_alone, {}},
      {"certificate-not-for-signing", true, admit_a_certificate_for_logging_in, {}},
      {"policy-by-one", true, asked_by({"ada"}, "policy.set", Object{{"policy", weak}}), {}},
      {"approver-by-one",
       true,
       asked_by({"ada"}, "role.grant",
                Object{{"person", "erik"}, {"role", "approver"}, {"organisation", "*"}, {"until", until}}),
       {}},
      {"granted-herself",
       true,
       asked_by({"ada"}, "role.grant",
                Object{{"person", "ada"}, {"role", "agent"}, {"organisation", "*"}, {"until", until}}),
       {}},
      {"result-of-nothing", true, deliver_what_nobody_asked_for, {}},
      {"other-rows", true, deliver_other_rows, {}},
      {"ran-unadmitted", true, run_without_admission, {}},
      {"erased-too-early", true, erase_too_early, {}},
      {"erased-the-result-alone", true, erase_the_result_alone, {}},
      {"beyond-the-project",
       true,
       [](World& world) {
         Object body = world.request_body();
         body["max_rows"] = 5000;
         force(world, "extraction.request", {"dora"}, body);
       },
       {}},
      {"refused-a-stranger",
       true,
       [](World& world) {
         const Bytes statement = world.write("extraction.request", "dora", world.request_body());
         const Card stranger = world.make_card("dora", "6666");
         world.force("extraction.request", statement, world.sign(statement, {&stranger}), "refused");
       },
       {}},
  };
}

void make(World& world, std::size_t beginning, const Story& story, const std::filesystem::path& path) {
  world.rewind(beginning);
  world.clock.set(kBegin);
  story.live(world);
  world.store(path, {2, beginning - 2});
  if (!story.harm) return;
  StoredLedger ledger(path);
  story.harm(ledger, world);
}

// The whole tree and its checkpoints by a key that the genesis does not name.
void make_with_another_key(const World& world, const std::filesystem::path& path) {
  auto signer = ledger::NoteSigner::from_seed(kRealm, Secret(Bytes(32, 8)));
  auto ledger = ledger::Ledger::create(path, kRealm, std::move(*signer));
  for (const auto& [digest, bytes] : world.blobs) {
    if (!(*ledger)->put_blob(bytes)) std::abort();
  }
  if (!(*ledger)->append(world.entries)) std::abort();
}

}  // namespace

std::vector<MadeLedger> make_ledgers(const std::filesystem::path& folder) {
  World world;
  complete_results(world);
  const std::size_t beginning = world.entries.size();
  std::vector<MadeLedger> made;
  for (const auto& stories : {stories_in_order(), stories_of_changed_files(), stories_of_dishonest_gates()}) {
    for (const Story& story : stories) {
      make(world, beginning, story, folder / (std::string(story.name) + ".db"));
      made.push_back({story.name, story.damaged});
    }
  }
  world.rewind(beginning);
  make_with_another_key(world, folder / "another-log-key.db");
  made.push_back({"another-log-key", true});
  return made;
}

}  // namespace sceau::test
