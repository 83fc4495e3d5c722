// The gate's HTTP API, without HTTP: what each method and path asks of the gate, and the answer.
//
//   GET  /state /checkpoint /trust /tile/… /blobs/HEX /receipts/HEX     to everybody
//        /login /approve /enrol /pages/…                                     pages for people: tools/web
//   POST /statements                                                    to everybody; judged by its
//   signatures
//        /statements?run=1                                                   the same with its author's
//        session: a script of kind work is run at once, and {alarms, notices, request, state} answered when
//        it is committed; its signed result follows, and her next statement, and what her sessions ask, wait
//        for that, five seconds at most (503)
//   POST /drafts                                                        to everybody a log-in, with a session
//        decisions: what a page's user is to sign
//   GET  /enrolments/PERSON, POST /enrolments                           a credential made in a browser, to
//        everybody: tools/web/enrolments.h
//   POST /login/card                                                    a session that reads, to whom the
//        TLS handshake showed to hold an enrolled card
//   POST /policy/check                                                  what somebody could ask for, with a
//        session: gate/policy_check.cpp
//   POST /logout                                                        ends the session
//   GET  /requests[?state=S] /requests/HEX[?wait=SECONDS] /requests/HEX/rows /requests/HEX/result
//        /registry/KIND /openings/INDEX /catalogue?project=P&source=S   with a session
// Bodies are canonical JSON, except tiles (bytes), notes (text), PEM and rows (CSV). A refusal is {error,
// kind}, and {receipt} when it is in the ledger.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include "sceau/gate/gate.h"
#include "web/browser.h"
#include "web/drafts.h"
#include "web/enrolments.h"
#include "web/limited_log.h"
#include "web/pages.h"

namespace sceau::sceaud {

inline constexpr std::size_t kBodyLimit = 1U << 20U;
inline constexpr std::int64_t kLongestWait = 60;  // seconds

struct Reply {
  unsigned status = 200;
  std::string type = "application/json";
  std::string body;
  std::unique_ptr<gate::Delivery> rows;  // instead of a body: rows to stream
  bool page = false;                     // for people: it may run the gate's own script
};

struct Query {
  std::string method;  // "GET"
  std::string target;  // "/requests?state=pending"
  std::string bearer;  // of the session; may be empty
  std::string body;
  web::Browser browser;         // what a browser says of who asks
  std::string accept_language;  // may be empty
  bool for_cards = false;       // it came in where browsers show cards' certificates
  Bytes certificate;            // DER, of the client, which has shown that it holds its key; may be empty
  std::stop_token gone;         // says that nobody waits for the answer any more
  // Takes the answer when it is known before all work for it is done; answer() gives an empty one then. May
  // be empty.
  std::function<void(Reply)> answer_early;
};

// What kind of work a query is, decided from its first line alone.
struct Work {
  bool rows = false;               // runs SQL: may take long
  std::optional<Digest> wait_for;  // answer when this request's state changes
  std::int64_t seconds = 0;        // but after so many at the latest
};

class Api {
 public:
  // All are borrowed; clock and random may be used by several threads at once.
  Api(gate::Gate& gate, const Clock& clock, Random& random, const web::LimitedLog::Write& warn)
      : gate_(gate),
        drafts_(gate, clock, random),
        enrolments_(gate, clock),
        strangers_(clock, warn),
        signatures_(clock, warn),
        log_ins_(clock, warn) {}

  // Browsers show cards' certificates at this port. Said before any answer is asked for.
  void cards_at(unsigned short port) { card_port_ = port; }

  static Work work(const Query& query);
  // Who asks, where that is somebody who may stand in the line of what runs. Does not wait for anything.
  [[nodiscard]] std::optional<std::string> may_line_up(const Query& query) const {
    return gate_.person_of(query.bearer);
  }
  // What time alone brings about. To be called from time to time.
  void tick();
  // Never fails: failures are replies. What is answered is durable: in the ledger or, of a script, committed
  // in its database. Blocks until all work for it is done.
  Reply answer(const Query& query);
  // Whether a query that waits for a change has something to say at once: its request is not pending, running
  // or checked any more, or cannot be seen.
  bool settled(const Query& query, const Digest& request);

  static Reply failure(const Error& error);
  static Reply failure(unsigned status, ErrorKind kind, const std::string& line);

 private:
  Reply get(const Query& query, std::string_view path);
  Reply get_public(std::string_view path, bool& known);
  Reply get_request(const gate::Caller& caller, std::string_view rest, const std::stop_token& gone);
  Reply list_requests(const gate::Caller& caller, std::string_view query);
  Reply post(const Query& query, std::string_view path);
  Reply log_in_by_card(const Query& query);
  Reply submit(const std::string& body);
  Reply submit_and_run(const Query& query);
  Reply say_admission(const gate::Admission& admission);
  // Of the pages that a browser opens where it shows a card's certificate; policy need not name it.
  [[nodiscard]] std::string card_origin(const std::string& rp_id) const;
  [[nodiscard]] std::optional<Reply> get_page(const Query& query, std::string_view path) const;

  gate::Gate& gate_;
  unsigned short card_port_ = 0;  // none
  web::Drafts drafts_;
  web::Enrolments enrolments_;
  // Warnings of one kind do not keep another's from being written.
  web::LimitedLog strangers_, signatures_, log_ins_;
};

}  // namespace sceau::sceaud
