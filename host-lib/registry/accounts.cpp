// Accounts of machines: who may use which, until when.
#include "rules.h"

namespace sceau::registry {
namespace {

AccountKey key_in(const statement::Value& body) {
  return {text_of(body, "host"), text_of(body, "account"), text_of(body, "person")};
}

std::string name_of(const AccountKey& key) { return key[1] + " on " + key[0]; }

}  // namespace

// Machines belong to no organisation here, so it takes an administrator of all of them.
Status check_account_bind(const Act& act) {
  const std::string& id = text_of(act.body(), "person");
  auto person = active_person(act.state, id, act.context.now);
  if (!person) return person.error();
  if (auto powers = need_administrators(act, 1, kEverywhere, id); !powers) return powers;
  if (time_of(act.body(), "until") <= act.context.now) {
    return refusal("the account would have ended already: give it a later end");
  }
  return {};
}

// Binding anew moves the end.
Status apply_account_bind(const Change& change) {
  const AccountKey key = key_in(change.body());
  change.state.accounts[key] = {key[0], key[1], key[2], time_of(change.body(), "until")};
  return {};
}

Status check_account_end(const Act& act) {
  const AccountKey key = key_in(act.body());
  if (auto powers = need_administrators(act, 1, kEverywhere); !powers) return powers;
  if (!act.state.accounts.contains(key)) {
    return refusal("account " + name_of(key) + " is not bound to " + key[2] +
                   ": list them with 'sceau account list'");
  }
  return {};
}

Status apply_account_end(const Change& change) {
  change.state.accounts.erase(key_in(change.body()));
  return {};
}

}  // namespace sceau::registry
