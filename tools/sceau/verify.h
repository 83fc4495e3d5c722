// `sceau verify FILE…`: evidence, receipts and results, with nothing but files.
#pragma once

#include <string>
#include <vector>

#include "workplace.h"

namespace sceau::tool {

struct VerifyOptions {
  std::vector<std::string> files;
  std::string content;  // the statement that a .p7s is over; empty: the .json beside it
  std::string trust;    // PEM with roots and CRLs; empty: roots-and-crls.pem beside the file
  std::string log;      // the log's vkey; empty: as remembered, else as the receipt says
  std::string at;       // RFC 3339 or a date; empty: the receipt's time beside the file, else now
};

// Prints one line a file; corrupt when any is bad, naming how many.
Status verify(Workplace& place, const VerifyOptions& options);

}  // namespace sceau::tool
