#include "people.h"

#include <array>
#include <unordered_set>

#include "sceau/source/nir.h"

namespace sceau::generate {
namespace {

std::string digits(int value, std::size_t width) {
  std::string out(width, '0');
  for (std::size_t i = width; i-- > 0; value /= 10) out[i] = static_cast<char>('0' + value % 10);
  return out;
}

// Department and commune of birth, five characters.
std::string birthplace(Dice& dice) {
  const int where = dice.below(100);
  if (where < 2) return (dice.percent(50) ? "2A" : "2B") + digits(dice.between(1, 366), 3);
  if (where < 6) return "97" + digits(dice.between(1, 6), 1) + digits(dice.between(1, 24), 2);
  if (where < 14) return "99" + digits(dice.between(100, 516), 3);
  const int department = dice.between(1, 95);
  return digits(department == 20 ? 75 : department, 2) + digits(dice.between(1, 600), 3);
}

// 20, 31 to 42 and 50 to 99 stand for months that are not known.
int written_month(int month, Dice& dice) {
  if (!dice.percent(2)) return month;
  const int kind = dice.below(3);
  return kind == 0 ? 20 : kind == 1 ? 30 + month : dice.between(50, 99);
}

// 3 and 4 are for people known by their sex alone, 7 and 8 for numbers that are provisional.
char first_digit(int sex, Dice& dice) {
  const int kind = dice.below(200);
  if (kind == 0) return sex == 1 ? '3' : '4';
  if (kind == 1) return sex == 1 ? '7' : '8';
  return sex == 1 ? '1' : '2';
}

std::string number(const Person& person, Dice& dice) {
  return first_digit(person.sex, dice) + digits(person.birth_year % 100, 2) +
         digits(written_month(person.birth_month, dice), 2) + birthplace(dice) +
         digits(dice.between(1, 999), 3);
}

Person make_person(Dice& dice) {
  Person person;
  person.sex = dice.percent(52) ? 2 : 1;
  const int age = dice.percent(75) ? dice.between(0, 69) : dice.between(50, 99);
  person.birth_year = 2024 - age;
  person.birth_month = dice.between(1, 12);
  person.twin_rank = dice.percent(2) ? 2 : 1;
  constexpr std::array<std::string_view, 12> departments = {"075", "013", "059", "069", "033", "031",
                                                            "067", "035", "02A", "974", "048", "023"};
  // The first are large, the last small.
  const int place = dice.below(100);
  const auto rank = static_cast<std::size_t>(place < 90 ? place / 10 : place < 95 ? 9 : place < 99 ? 10 : 11);
  person.residence_department = departments.at(rank);
  person.residence_commune = digits(dice.between(1, 40), 3);
  person.fund = "01C" + person.residence_department.substr(0, 3) + "000";
  return person;
}

}  // namespace

std::string scramble(Dice& dice, std::size_t size) {
  constexpr std::string_view alphabet = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
  std::string out(size, 'A');
  std::uint64_t bits = 0;
  for (std::size_t i = 0; i < size; ++i) {
    if (i % 12 == 0) bits = dice.roll();
    out[i] = alphabet[bits & 31U];
    bits >>= 5U;
  }
  return out;
}

std::vector<Person> make_people(std::size_t count, Dice& dice) {
  std::vector<Person> people;
  std::unordered_set<std::string> seen;
  people.reserve(count);
  seen.reserve(count);
  while (people.size() < count) {
    Person person = make_person(dice);
    const std::string nir = number(person, dice);
    const auto key = source::nir_key(nir);
    if (!key || !seen.insert(nir).second) continue;
    person.key = nir + digits(*key, 2) + digits(person.twin_rank, 2);
    people.push_back(std::move(person));
  }
  return people;
}

}  // namespace sceau::generate
