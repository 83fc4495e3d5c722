// The end: something happened that cannot, and nothing the processor does from here on can be trusted.
#pragma once

namespace sceau::firmware::mps2 {

// Tells the bridge, and stops until power goes.
[[noreturn]] void stop_at_fault();

}  // namespace sceau::firmware::mps2
