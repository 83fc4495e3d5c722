// What the token shows of a statement before its holder presses the button: everything that the act says.
//
//   its title; by, ledger, from, until; then each field of the body, ordered by name, lists and objects
//   opened out, digests whole in groups of four; last, how many people will have signed.
//
// Left out are the statement's id and the checkpoint that its author saw, which say nothing to a person, and
// long base64, shown by its length and a digest. For a decision (approval, refusal, release) the fields that
// name the request give way to the request itself, which the token has read and compared.
#pragma once

#include "statement/line_writer.h"
#include "statement/statement.h"

namespace sceau::firmware::statement {

// Writes the lines of a statement to be signed alone, or of a decision on `request`.
void write_lines(const Statement& statement, const Statement* request, LineSink& sink);

}  // namespace sceau::firmware::statement
