// Power cuts at every flash operation of recorded commands.
//
// A command that is cut at an operation has done those before it, and some bits of that one; what the
// processor would have done after it never happens. So a command runs once, its operations are recorded, and
// each cut is made from them: the flash as it was, the operations before the cut, and a random subset of the
// cut one's bits.
#pragma once

#include <random>
#include <string>

#include "fido/objects.h"
#include "piv/pin.h"
#include "ram_board.h"
#include "store/store.h"

namespace sceau::firmware::test {

struct Recording {
  std::string name;
  std::size_t transactions = 1;      // that the command makes when it is not cut
  std::size_t gives_tries_from = 0;  // the first of them that may give tries back; 0: none may
  std::vector<std::uint8_t> before;
  std::vector<RamFlash::Operation> operations;
};

class Cutter {
 public:
  Cutter(std::size_t page_size, std::size_t pages, unsigned seed)
      : flash_(page_size, pages), board_(flash_), random_(seed) {}

  // Cuts each operation `times` times, and checks what is found at the next power-on. Failures fail the test.
  void cut(const Recording& recording, std::size_t times);
  std::size_t cuts() const { return cuts_; }

 private:
  struct Found {
    std::uint64_t state = 0;
    unsigned pin_tries = 0;
    unsigned puk_tries = 0;
    unsigned fido_tries = 0;
  };
  Found power_on(bool read_everything);
  void tear(const std::vector<std::uint8_t>& whole, const RamFlash::Operation& operation,
            std::size_t attempt);
  void cut_while_mounting();
  void check_states(const Recording& recording);

  RamFlash flash_;
  RamBoard board_;
  std::mt19937 random_;
  std::vector<Found> whole_;  // found after each number of whole operations
  std::size_t cuts_ = 0;
};

}  // namespace sceau::firmware::test
