// The one decision: may this statement be the next entry.
#include "rules.h"

namespace sceau::registry {
namespace {

Status check_speaker(const Act& act, const Rule* rule) {
  const statement::Statement& statement = act.statement();
  if (rule == nullptr) {
    return refusal(statement.type + " is an act that this gate does not do yet: nothing was changed");
  }
  for (const Signer& signer : act.authentication.signers) {
    if (signer.gate != rule->by_gate) {
      return refusal(statement.type + " is signed by " + (rule->by_gate ? "a gate" : "people") + ", and " +
                     signer.person + " is " + (signer.gate ? "a gate" : "none"));
    }
  }
  return {};
}

Status check_realm(const Act& act) {
  const bool genesis = act.statement().type == "genesis" && !act.state.genesis;
  if (!genesis && act.statement().realm != act.state.realm) {
    return refusal("the statement is for the realm \"" + act.statement().realm + "\" and this is \"" +
                   act.state.realm + "\": it means nothing here");
  }
  return {};
}

Status check_all(const Act& act) {
  const Rule* rule = find_rule(act.statement().type);
  if (!act.state.genesis && act.statement().type != "genesis") {
    return refusal("this ledger has no genesis yet: begin with 'sceau init'");
  }
  if (auto good = check_realm(act); !good) return good;
  if (auto good = check_window(act); !good) return good;
  if (act.authentication.error) return *act.authentication.error;
  if (auto good = check_id(act); !good) return good;
  if (act.statement().type != "genesis") {
    if (auto good = check_after(act); !good) return good;
  }
  if (auto good = check_speaker(act, rule); !good) return good;
  return rule->check(act);
}

}  // namespace

Judgement judge(const Registry::State& state, const Submission& submission,
                const Authentication& authentication, const Context& context) {
  const Act act{state, submission, authentication, context};
  Judgement judgement;
  judgement.signers = authentication.signers;
  judgement.verdict.crls = authentication.crls;
  auto good = check_all(act);
  if (good) good = check_counters(state, authentication.signers, judgement.verdict.alarms);
  if (good && submission.statement.type == "token.journal") {
    for (std::string& alarm : journal_alarms(act)) judgement.verdict.alarms.push_back(std::move(alarm));
  }
  judgement.identified = authentication.identified || (good && submission.statement.type == "genesis");
  if (!good) {
    judgement.error = good.error();
    // Nobody whom we know signed it: whatever else is wrong, that is what to say.
    if (!judgement.identified && authentication.error) judgement.error = *authentication.error;
    judgement.verdict.state = "refused";
    judgement.verdict.reason = judgement.error->message;
    judgement.verdict.consumed =
        authentication.identified && authentication.by_signed && !authentication.error;
    return judgement;
  }
  const bool waits = submission.statement.type == "extraction.request" && waits_for_approval(act);
  judgement.verdict.state = waits ? "pending" : "admitted";
  judgement.verdict.late = is_late(submission.statement, context.now);
  return judgement;
}

}  // namespace sceau::registry
