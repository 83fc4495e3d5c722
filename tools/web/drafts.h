// Statements that a page asks for, to be shown to a person and signed by her key in the browser.
//
// The gate writes the bytes, as `sceau` does for itself: one writer of canonical JSON, one clock, and the
// lines that a token with a display would show, from the same function (statement/lines.h). Nothing is kept:
// a draft is worth nothing until a key has signed it, and then it is judged like everybody's.
//
// What a gate that lies could do here, and how it would show. It also serves the page, so that it could show
// one request and hand the key the digest of another decision. It can have signed only what is a decision on
// a request that an enrolled agent really signed, for the audit refuses others; and the entry that it must
// then write names that request, that agent and this approver for ever. The approver sees it in `sceau
// audit`, in the list of her decisions, and in the record that the page lets her save, which she can hold
// against what the agent was told. The page itself computes the challenge from the bytes on show and checks
// that they name the request on show, so a gate that lies must serve a lying script, to everybody or to one
// person, each time. Who must not have to trust the gate for that uses a clear-sign token (policy's
// clear_sign), whose own display shows the lines; the gate refuses what comes from anything else then.
#pragma once

#include <optional>
#include <string>

#include "sceau/base/clock.h"
#include "sceau/base/random.h"
#include "sceau/gate/gate.h"
#include "sceau/statement/statement.h"

namespace sceau::web {

inline constexpr Time kDraftWindow =
    900;  // seconds from `at` to `until`: to read, to find the key, to touch it
inline constexpr std::size_t kDraftLimit = 4096;

class Drafts {
 public:
  // All are borrowed; clock and random may be used by several threads at once.
  Drafts(gate::Gate& gate, const Clock& clock, Random& random)
      : gate_(gate), clock_(clock), random_(random) {}

  // `asked`, canonical JSON: {by, type: "login"}, to everybody; {request, type: "approval"}, {reason,
  // request, type: "refusal"} and {request, type: "export.release"}, for what is held of that request, to
  // whom `caller` names. Answers canonical JSON {lines, rp_id, statement, type} and, of a decision,
  // {may_sign, request_statement, signers}; statements in base64. invalid: another form; authentication: a
  // decision without a session; not_found: no such request, or its content was erased.
  Result<std::string> make(const std::string& asked, const Result<gate::Caller>& caller);

 private:
  Result<statement::Statement> write(std::string_view type, const std::string& by,
                                     statement::Value body) const;
  Result<std::string> login(const statement::Value& asked) const;
  Result<std::string> decision(const statement::Value& asked, const std::string& type,
                               const gate::Caller& caller) const;
  [[nodiscard]] std::string rp_id() const;

  gate::Gate& gate_;
  const Clock& clock_;
  Random& random_;
};

}  // namespace sceau::web
