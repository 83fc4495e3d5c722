// Gates that enrol what nothing attests, against the policy.
#include "other_maker.h"
#include "story.h"

namespace sceau::test {
namespace {

void admit(World& world, const Card& card, Object body) {
  const Bytes statement = world.write("token.enrol", card.person, std::move(body));
  world.force("token.enrol", statement, world.sign(statement, {&card, &world.card("bea")}), "admitted");
}

void admit_though_policy_lists_none(World& world) {
  const OtherMaker maker(world);
  maker.trust();
  const Card card = maker.make_card("dora", "9001");
  admit(world, card, maker.enrolment(card));
}

void admit_though_policy_lists_another(World& world) {
  const OtherMaker maker(world);
  const OtherMaker other(world, "Second authority");
  maker.trust();
  maker.list();
  other.trust();
  const Card card = other.make_card("dora", "9001");
  admit(world, card, other.enrolment(card));
}

void admit_what_another_certified(World& world) {
  const OtherMaker maker(world);
  maker.trust();
  maker.list();
  Card card = maker.make_card("dora", "9001");
  card.login.certificate = world.issue(card.login.key, "dora", pki::KeyUse::login);
  admit(world, card, maker.enrolment(card));
}

// The enrolment that policy allows, with something changed.
std::function<void(World&)> admit_with(const std::function<void(World&, Object& body)>& change) {
  return [change](World& world) {
    const OtherMaker maker(world);
    maker.trust();
    maker.list();
    const Card card = maker.make_card("dora", "9001");
    Object body = maker.enrolment(card);
    change(world, body);
    admit(world, card, body);
  };
}

void admit_a_piv_token_without_escrow(World& world) {
  const Card card = world.make_card("dora", "9001");
  admit(world, card, {{"person", "dora"}, {"token", World::token_value(card)}});
}

void list_by_one(World& world) {
  const OtherMaker maker(world);
  maker.trust();
  force(world, "policy.set", {"bea"}, Object{{"policy", maker.policy()}});
}

void list_an_authority_that_is_not_trusted(World& world) {
  const OtherMaker maker(world);
  force(world, "policy.set", {"ada", "bea"}, Object{{"policy", maker.policy()}});
}

void list_an_authority_whose_key_ada_holds(World& world) {
  Object policy = World::policy_body();
  policy["hardware_authorities"] = Array{Value(world.authority->digest())};
  force(world, "policy.set", {"ada", "bea"}, Object{{"policy", policy}});
}

}  // namespace

std::vector<Story> stories_of_unattested_tokens() {
  const auto token = [](Object& body) -> Object& { return body["token"].as_object(); };
  return {
      {"unattested-none-listed", true, admit_though_policy_lists_none, {}},
      {"unattested-another-listed", true, admit_though_policy_lists_another, {}},
      {"unattested-another-certified", true, admit_what_another_certified, {}},
      {"unattested-called-piv",
       true,
       admit_with([=](World&, Object& body) {
         token(body)["kind"] = "piv";
         token(body).erase("authority");
       }),
       {}},
      {"unattested-recovery",
       true,
       admit_with(
           [=](World&, Object& body) { token(body)["keys"].as_array()[1].as_object()["use"] = "recovery"; }),
       {}},
      {"unattested-escrow",
       true,
       admit_with([](World& world, Object& body) { body["escrow"] = world.escrow_value(); }),
       {}},
      {"attested-no-escrow", true, admit_a_piv_token_without_escrow, {}},
      {"listed-by-one", true, list_by_one, {}},
      {"listed-untrusted", true, list_an_authority_that_is_not_trusted, {}},
      {"listed-her-own", true, list_an_authority_whose_key_ada_holds, {}},
  };
}

}  // namespace sceau::test
