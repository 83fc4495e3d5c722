// The French national identification number (NIR): 13 characters and a key of two digits.
//
// key = 97 - (number mod 97), where Corsica's 2A counts as 19 and 2B as 18 in the department's place.
// Months above 12 are used when the month of birth is unknown; first digits 3, 4, 7 and 8 are given to
// people still being registered (INSEE, décret 82-103).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace sceau::source {

// The key of 13 characters, 1 to 97. Nothing when they are not a NIR's: twelve or thirteen digits with 2A
// or 2B at most at the sixth and seventh place, and a first digit of 1, 2, 3, 4, 7 or 8.
std::optional<int> nir_key(std::string_view thirteen);

// True for 15 characters whose last two are the key of the first 13.
bool is_nir(std::string_view fifteen);

}  // namespace sceau::source
