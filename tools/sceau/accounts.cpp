// Accounts of machines, and this machine among them.
#include "accounts.h"

#include "act.h"
#include "registry_view.h"
#include "sceau/base/files.h"
#include "sceau/host/send.h"

namespace sceau::tool {

using statement::Object;

Status bind_account(Workplace& place, const AccountOptions& options) {
  auto until = date_or_year(place, options.until);
  if (!until) return until.error();
  return perform(place, {"account.bind",
                         Object{{"account", options.account},
                                {"host", options.host},
                                {"person", options.person},
                                {"until", *until}},
                         options.administrators,
                         {},
                         options.person + " may use the account " + options.account + " of " + options.host +
                             " until " + *until});
}

Status end_account(Workplace& place, const AccountOptions& options) {
  return perform(place, {"account.end",
                         Object{{"account", options.account},
                                {"host", options.host},
                                {"person", options.person},
                                {"reason", options.reason}},
                         options.administrators,
                         {},
                         options.person + " may not use the account " + options.account + " of " +
                             options.host + " any more"});
}

namespace {

Result<std::string> pass_for(Workplace& place, const HostOptions& options) {
  auto holder = open_logged_in(place, options.administrator);
  if (!holder) return holder.error();
  auto connection = place.connect();
  if (!connection) return connection.error();
  auto answer = (*connection)->gate->get("/hosts/" + options.host + "/pass");
  if (!answer) return answer.error();
  return statement::text_field(*answer, "pass");
}

}  // namespace

Status join_host(Workplace& place, const HostOptions& options) {
  auto address = place.gate_address();
  if (!address) return address.error();
  auto tls = read_file(address->certificate, 1U << 20U);
  if (!tls) return tls.error().within("the gate's certificate");
  auto gate = client::GateClient::open(*address);
  if (!gate) return gate.error();
  auto anchor = host::ask_anchor(options.host, **gate);
  if (!anchor) return anchor.error();
  auto pass = pass_for(place, options);
  if (!pass) return pass.error();
  anchor->pass = std::move(*pass);
  auto folder = host::Folder::make(options.folder);
  if (!folder) return folder.error();
  if (auto kept = folder->put_anchor(*anchor, as_text(*tls)); !kept) return kept;
  if (auto fetched = host::refresh(*folder, *anchor, **gate); !fetched) return fetched;
  const auto digest = to_hex(anchor->signer.digest());
  place.output.result(
      Object{
          {"certificate", digest}, {"gate", anchor->gate}, {"host", anchor->host}, {"realm", anchor->realm}},
      anchor->host + " belongs to " + anchor->realm + "\nthe gate's certificate is " + digest +
          ": compare it with an administrator's");
  return {};
}

namespace {

struct Joined {
  host::Folder folder;
  host::Anchor anchor;
};

Result<Joined> joined(const HostOptions& options) {
  auto folder = host::Folder::open(options.folder);
  if (!folder) return folder.error();
  auto anchor = folder->anchor();
  if (!anchor) return anchor.error();
  return Joined{std::move(*folder), std::move(*anchor)};
}

Status send_waiting(Workplace& place, const Joined& here, client::GateClient& gate) {
  auto sent = host::send_queue(here.folder, gate);
  if (!sent) return sent.error();
  statement::Array refusals = statement::texts(sent->refusals);
  std::string text =
      std::to_string(sent->recorded) + " recorded, " + std::to_string(sent->waiting) + " waiting";
  for (const auto& why : sent->refusals) text += "\nrefused: " + why;
  place.output.result(
      Object{{"recorded", sent->recorded}, {"refused", std::move(refusals)}, {"waiting", sent->waiting}},
      text);
  return {};
}

}  // namespace

// Log-ins first: what happened is told before anything new is asked.
Status refresh_host(Workplace& place, const HostOptions& options) {
  auto here = joined(options);
  if (!here) return here.error();
  auto gate = host::open_gate(here->folder, here->anchor);
  if (!gate) return gate.error();
  if (auto sent = send_waiting(place, *here, **gate); !sent) return sent;
  return host::refresh(here->folder, here->anchor, **gate);
}

Status show_host(Workplace& place, const HostOptions& options) {
  auto here = joined(options);
  if (!here) return here.error();
  auto waiting = here->folder.queue();
  if (!waiting) return waiting.error();
  auto copy = here->folder.copy(here->anchor);
  if (!copy) return copy.error();
  auto mark = here->folder.mark();
  if (!mark) return mark.error();
  std::vector<std::vector<std::string>> rows{{"ACCOUNT", "PERSON", "UNTIL"}};
  for (const auto& one : copy->content.accounts) {
    rows.push_back({shown(one.account), one.person, to_rfc3339(one.until)});
  }
  place.output.result(Object{{"host", here->anchor.host},
                             {"realm", here->anchor.realm},
                             {"at", to_rfc3339(copy->content.at)},
                             {"until", to_rfc3339(copy->content.until)},
                             {"mark", to_rfc3339(mark->time)},
                             {"waiting", waiting->size()}},
                      here->anchor.host + " of " + here->anchor.realm + ", gate " + here->anchor.url +
                          "\nits copy of the registry is of " + to_rfc3339(copy->content.at) +
                          " and good until " + to_rfc3339(copy->content.until) + "; " +
                          std::to_string(waiting->size()) + " log-ins wait for the gate\n" + table(rows));
  return {};
}

}  // namespace sceau::tool
