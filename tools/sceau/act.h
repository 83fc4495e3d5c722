// The one way an act is made: write the statement, show it, have its people sign it, submit it, say what
// became of it.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "holder.h"
#include "sceau/evidence/evidence.h"
#include "workplace.h"

namespace sceau::tool {

// A statement with its signatures.
struct SignedAct {
  Bytes statement;
  Bytes evidence;
};

// Writes a statement by the first of `signers` and has all of them sign it, in order.
Result<SignedAct> sign_act(Workplace& place, const client::Position& position, std::string_view type,
                           statement::Value body, const std::vector<Holder*>& signers,
                           Time window = client::kActWindow, const client::Decided& about = {});

struct ActRequest {
  std::string type;
  statement::Value body;
  std::vector<std::string> signers;  // tokens, as given to --administrator: the first speaks
  std::vector<Bytes> blobs;
  std::string done;  // "project p1 is open"
};

// Opens the tokens, signs, submits, and prints one line with the entry's place in the ledger.
Status perform(Workplace& place, ActRequest act);

// Submits what is signed, and warns of the alarms that the gate raised over it. A gate's "invalid" becomes
// refused: the gate said so, not this command line.
Result<client::Submitted> submit(Workplace& place, const SignedAct& act,
                                 const std::vector<Bytes>& blobs = {});

// The same for a script of kind work, which the gate runs before it answers: the state is `delivered` when it
// is committed, and its signed result follows.
Result<client::Submitted> submit_and_run(Workplace& place, const SignedAct& act,
                                         const client::GateClient::Stopped& stopped);

// The alarms in the entry's verdict; none when there is no receipt.
std::vector<std::string> receipt_alarms(const client::Submitted& submitted);
// "entry 12 of registre.example.org"; empty when there is no receipt.
std::string receipt_line(const client::Submitted& submitted);
// The entry's index, or -1.
std::int64_t receipt_index(const client::Submitted& submitted);

// Opens the tokens one after the other; one named twice is invalid.
Result<std::vector<std::unique_ptr<Holder>>> open_holders(Workplace& place,
                                                          const std::vector<std::string>& choices);

// A session at the gate, opened by the holder's slot 9A; one that is still good is used again. `anew` opens
// one anyhow. Fails as submit() does.
Status log_in(Workplace& place, Holder& holder, bool anew = false);

// The token that is meant, with a session opened by it. Whether a gate is known at all is looked at first:
// without one, no card is asked for.
Result<std::unique_ptr<Holder>> open_logged_in(Workplace& place, const std::string& token, bool anew = false);

}  // namespace sceau::tool
