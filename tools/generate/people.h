// People with valid NIRs: Corsica, overseas, abroad, months above 12, people still being registered.
#pragma once

#include <string>
#include <vector>

#include "dice.h"

namespace sceau::generate {

struct Person {
  std::string key;  // NIR, its key, rank among twins: 17 characters
  int twin_rank = 1;
  int sex = 1;
  int birth_year = 1970;
  int birth_month = 1;               // 1 to 12
  std::string residence_department;  // "075", "02A", "974"
  std::string residence_commune;     // "056"
  std::string fund;                  // "01C751000"
};

// `count` people, each NIR once. The same dice give the same people.
std::vector<Person> make_people(std::size_t count, Dice& dice);

// Text of `size` capital letters and digits: what an older pseudonym looks like.
std::string scramble(Dice& dice, std::size_t size);

}  // namespace sceau::generate
