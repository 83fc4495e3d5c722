#include "receive.h"

#include <unistd.h>

#include "evidence_folder.h"
#include "interrupt.h"
#include "outcome.h"
#include "sceau/client/delivery.h"
#include "show.h"

namespace sceau::tool {
namespace {

using statement::Value;

void report_receipt(Workplace& place, const Outcome& outcome, const client::Delivery& rows,
                    const RequestEntry& request, const ReceiveOptions& options) {
  const auto& body = outcome.statement.body;
  auto count = statement::int_field(body, "rows");
  auto notices = statement::texts_field(body, "notices");
  if (notices && !options.quiet) {
    for (const auto& notice : *notices) place.output.note("note: " + shown(notice));
  }
  const auto kind =
      request.statement ? statement::text_field(request.statement->body, "kind") : std::string();
  if (kind && *kind == "work" && options.output.empty()) {
    if (!options.quiet)
      place.output.note("done in the workspace; nothing left it, as the gate signed (entry " +
                        std::to_string(outcome.index) + ")");
    return;
  }
  const auto where = options.output.empty() ? "standard output" : options.output;
  const auto text = counted(static_cast<std::uint64_t>(count ? *count : 0), "row") + " in " + where +
                    ", SHA-256 " + to_hex(rows.digest()) + " as the gate signed (entry " +
                    std::to_string(outcome.index) + ")";
  if (options.output.empty()) {
    if (!options.quiet) place.output.note(text);
    return;
  }
  if (options.quiet && !place.output.json()) return;
  place.output.result(statement::Object{{"bytes", rows.bytes()},
                                        {"file", options.output},
                                        {"index", outcome.index},
                                        {"request", request.digest},
                                        {"rows", count ? *count : 0},
                                        {"sha256", rows.digest()}},
                      text);
}

Error unusable(const Error& error, const client::Delivery& rows, const ReceiveOptions& options) {
  if (!options.output.empty() || rows.bytes() == 0) return error;
  return {error.kind, error.message + "; the rows already written to standard output must not be used"};
}

Status receive_into(Workplace& place, const RequestEntry& request, client::Delivery& rows,
                    const ReceiveOptions& options) {
  auto connection = place.connect();
  if (!connection) return connection.error();
  place.output.step("running " + short_id(request.digest));
  std::uint64_t told = 0;
  auto done = (*connection)
                  ->gate->rows(
                      request.digest,
                      [&](ByteView piece) -> Status {
                        if (options.output.empty()) place.output.done();  // rows may go to the same terminal
                        if (!options.output.empty() && rows.bytes() - told > (4U << 20U)) {
                          told = rows.bytes();
                          place.output.step("received " + std::to_string(told >> 20U) + " MiB");
                        }
                        return rows.write(piece);
                      },
                      &Interrupt::came);
  place.output.done();
  if (!done) return done;
  auto outcome = await_outcome(place, request.digest);
  if (!outcome) return outcome.error();
  if (auto delivered = refuse_unless_delivered(*outcome); !delivered) return delivered;
  auto expected = statement::digest_field(outcome->statement.body, "sha256");
  if (!expected) return expected.error();
  if (auto finished = rows.finish(*expected); !finished) return finished;
  if (!options.evidence.empty()) {
    if (auto kept = keep_result(options.evidence, outcome->signed_result); !kept) return kept;
  }
  report_receipt(place, *outcome, rows, request, options);
  return {};
}

}  // namespace

Status receive(Workplace& place, const RequestEntry& request, const ReceiveOptions& options) {
  const Interrupt interrupt;  // from before there is a FILE.part
  auto rows = options.output.empty()
                  ? Result<client::Delivery>(client::Delivery::to_descriptor(STDOUT_FILENO))
                  : client::Delivery::to_file(options.output, options.force);
  if (!rows) return rows.error();
  auto received = receive_into(place, request, *rows, options);
  return received ? received : Status(unusable(received.error(), *rows, options));
}

}  // namespace sceau::tool
