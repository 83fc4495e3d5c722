// The local trail: a line for each use of a token's private key by a process of this machine. Off unless the
// environment variable SCEAU_TRAIL names a file; ignored in programs that run with more rights than who
// called them.
//
// A line is JSON: {"digest":…,"key":…,"mechanism":…,"pid":…,"program":…,"time":…}. `digest` is SHA-256 of
// what the token was given, in hexadecimal. Nothing else is passed in, so no PIN can get there. The file is
// made with mode 0600, never through a symbolic link, and each line is one write: processes may share it.
// What cannot be written is lost: a signature never fails for its trail. It is for the owner of the machine
// to look at, not evidence: the ledger is.
#pragma once

#include <string>

#include "sceau/base/bytes.h"

namespace sceau::token {

// `key` names token and key: "slot 9C of Reader 00 00"; `mechanism` what it did: "algorithm 11", "CKM
// 0x1041".
void note_key_use(const std::string& key, const std::string& mechanism, ByteView given);

}  // namespace sceau::token
