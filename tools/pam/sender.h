// Talks to the gate, in a program of its own, while the person types.
#pragma once

#include <chrono>
#include <string>

#include "sceau/base/files.h"

namespace sceau::pam {

// `program host refresh --folder FOLDER`, away from this process: its own session, no terminal, no files of
// ours, a bare environment, and nobody's child that the application would have to wait for. It sends the
// log-ins that wait and fetches a newer copy of the registry. What becomes of it changes nothing here but how
// new the copy is.
class Sender {
 public:
  // With an empty program, or when it cannot be started: one that is done.
  static Sender start(const std::string& program, const std::string& folder);

  // Until it is done, or so long after its start.
  void wait(std::chrono::milliseconds after_start) const;

 private:
  FileDescriptor done_;  // reads as ended when the program has
  std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();
};

}  // namespace sceau::pam
