// The lines that a clear-sign token shows of a statement, worked out on the host: to say beforehand what the
// display will say, and to check the digest of the lines that a token states in its signature.
//
// The rules are those of firmware/statement/lines.h and line_writer.h, written anew here; the golden files in
// tests/vectors/lines and random statements compare the two.
#pragma once

#include <string>

#include "sceau/statement/statement.h"

namespace sceau::statement {

// Each line with a line feed. `request`: what a decision (approval, refusal, release) is about, as the token
// shows it beside; null for other acts.
std::string shown_lines(const Statement& statement, const Statement* request = nullptr);

// SHA-256 of them: what a token statement's `shown` must be.
Digest shown_digest(const Statement& statement, const Statement* request = nullptr);

}  // namespace sceau::statement
