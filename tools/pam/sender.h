// Tells the gate of a log-in, without anybody waiting for it.
#pragma once

#include <string>

namespace sceau::pam {

// Starts `program host refresh --folder FOLDER` away from this process: its own session, no terminal, no open
// files, a bare environment, and nobody's child that the application would have to wait for. What becomes of
// it changes nothing here: the log-in waits in the queue until a gate has it.
void start_sender(const std::string& program, const std::string& folder);

}  // namespace sceau::pam
