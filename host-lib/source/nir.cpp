#include "sceau/source/nir.h"

#include <algorithm>
#include <cstdint>

#include "characters.h"

namespace sceau::source {
namespace {}  // namespace

std::optional<int> nir_key(std::string_view thirteen) {
  constexpr std::string_view first_digits = "123478";
  if (thirteen.size() != 13 || first_digits.find(thirteen[0]) == std::string_view::npos) return std::nullopt;
  std::string number(thirteen);
  if (number[5] == '2' && (number[6] == 'A' || number[6] == 'B')) {
    number.replace(5, 2, number[6] == 'A' ? "19" : "18");
  }
  if (!std::all_of(number.begin(), number.end(), is_digit)) return std::nullopt;
  std::int64_t value = 0;
  for (const char digit : number) value = value * 10 + (digit - '0');
  return static_cast<int>(97 - value % 97);
}

bool is_nir(std::string_view fifteen) {
  if (fifteen.size() != 15 || !is_digit(fifteen[13]) || !is_digit(fifteen[14])) return false;
  const auto key = nir_key(fifteen.substr(0, 13));
  return key && *key == (fifteen[13] - '0') * 10 + (fifteen[14] - '0');
}

}  // namespace sceau::source
