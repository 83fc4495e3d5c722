// Entries as the registry reads and writes them: a leaf, and an opening of statement, evidence and verdict.
//
// Verdict, canonical JSON:
//   a statement's  {"crls":[<digest>…],"state":"admitted"|"pending"}
//                  {"crls":[…],"late":true,"state":"admitted"}   a machine's log-in, sent after its window
//                  with "alarms":["…"] where somebody must look into it: a clear-sign key's counter, or its
//                  token's journal
//                  {"consumed":<bool>,"crls":[…],"reason":"…","state":"refused"}   consumed: its id is used
//                  up
//   a step's       {"request":<digest>,"state":"pending"|"admitted"|"running"|"checked"|"expired", more…}
// A step is an entry of leaf type "step" with empty statement and evidence: the gate's own word on how far a
// request has come.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sceau/base/random.h"
#include "sceau/base/result.h"
#include "sceau/ledger/ledger.h"
#include "sceau/registry/state.h"
#include "sceau/statement/value.h"

namespace sceau::registry {

inline constexpr std::string_view kStep = "step";

struct Verdict {
  std::string state;
  std::vector<Digest> crls;         // used to verify; kept as blobs
  std::string reason;               // of a refusal, one line
  bool consumed = true;             // refused only: whether the id is used up
  bool late = false;                // admitted only: a log-in to a machine, sent after its window
  std::vector<std::string> alarms;  // what somebody must look into, though it may be no reason to refuse
  std::optional<Digest> request;    // a step's
  statement::Object details;        // a step's further fields: "rows", "bytes", "sha256", …
};

Bytes write_verdict(const Verdict& verdict);
// Reads what write_verdict writes; corrupt otherwise.
Result<Verdict> parse_verdict(ByteView bytes);

// One entry of the ledger, read.
struct Record {
  std::uint64_t index = 0;
  Time at = 0;
  std::string type;
  std::optional<ledger::Opening> opening;  // none once erased, or while it is sealed
  std::optional<Verdict> verdict;          // of the opening
  bool sealed = false;                     // its statement is there for whoever has a key
};

// corrupt when leaf or verdict cannot be read.
Result<Record> read_record(std::uint64_t index, ByteView leaf, const std::optional<ledger::Opening>& opening);

// The entry for a statement that was judged, with a fresh salt; `blobs` are what it brought along.
Result<ledger::Entry> make_entry(Time at, std::string_view type, ByteView statement, ByteView evidence,
                                 const Verdict& verdict, std::vector<Bytes> blobs, Random& random);

// The entry for a step in a request's life.
Result<ledger::Entry> make_step(Time at, const Digest& request, RequestState state, statement::Object details,
                                Random& random);

// The record that applying this entry at `index` needs.
Result<Record> record_of(std::uint64_t index, const ledger::Entry& entry);

}  // namespace sceau::registry
