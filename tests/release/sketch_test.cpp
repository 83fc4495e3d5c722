#include "sketch.h"

#include <CppUTest/TestHarness.h>

#include "released.h"

using namespace sceau;
using namespace sceau::release;

namespace {

const PersonHash& hash() {
  static const PersonHash made(Bytes(16, 3));
  return made;
}

Person person(int number) { return hash().person("person " + std::to_string(number)); }

Sketch of_people(int first, int last, std::int64_t weight = 1) {
  Sketch sketch;
  for (int i = first; i <= last; ++i) sketch.add(person(i), weight);
  return sketch;
}

Sample sample_of(int first, int last) {
  Sample sample;
  for (int i = first; i <= last; ++i) sample.add(person(i));
  sample.close();
  return sample;
}

std::size_t difference(const Sketch& a, const Sketch& b) {
  Sketch rest = a;
  rest.subtract(b);
  return rest.people(10).value_or(99);
}

}  // namespace

TEST_GROUP(Sketch){};

TEST(Sketch, ADifferenceOfUpToTenPeopleIsCounted) {
  for (int few = 0; few <= 10; ++few) {
    for (int begin = 0; begin < 50; ++begin) {
      CHECK_EQUAL(static_cast<std::size_t>(few),
                  difference(of_people(begin, 500), of_people(begin + few, 500)));
    }
  }
}

TEST(Sketch, ElevenPeopleAreNeverTakenForFewer) {
  for (int begin = 0; begin < 200; ++begin)
    CHECK_EQUAL(99U, difference(of_people(begin, begin + 300), of_people(begin + 11, begin + 300)));
}

TEST(Sketch, PeopleWhoseWeightsDifferAreTheDifference) {
  Sketch more = of_people(1, 100, 5);
  more.add(person(7), 2);
  more.add(person(8), -3);
  CHECK_EQUAL(2U, difference(more, of_people(1, 100, 5)));
}

TEST(Sketch, PartsOfAPersonsWeightAddUp) {
  Sketch months = of_people(1, 100, 5);
  months.subtract(of_people(1, 100, -7));
  CHECK(months == of_people(1, 100, 12));
}

TEST_GROUP(Sample){};

TEST(Sample, PartsOfManyPeopleAreKnownToLieWithin) {
  const Sample all = sample_of(1, 50'000);
  const auto part = all.overlap(sample_of(1, 5'000), 10);
  CHECK(part.held > 50);
  CHECK_EQUAL(0U, part.missing);
  const auto strangers = all.overlap(sample_of(60'001, 65'000), 10);
  CHECK_EQUAL(0U, strangers.held);
  CHECK_EQUAL(11U, strangers.missing);
}

TEST_GROUP(Released){};

TEST(Released, IsReadAsItWasWritten) {
  Family family;
  family.scope = 77;
  ReleasedCell cell;
  cell.shown = true;
  cell.people = 40;
  cell.total = 12.5;
  cell.keys = {1, 2};
  cell.who = of_people(1, 40);
  cell.how_much = of_people(1, 40, 3);
  cell.sample = sample_of(1, 40);
  family.cells = {cell, ReleasedCell{}};
  const Bytes bytes = write_families({family, {}});
  auto read = read_families(bytes);
  CHECK(read.ok());
  CHECK(write_families(*read) == bytes);
  CHECK((*read)[0].cells[0].how_much == cell.how_much);
  for (std::size_t size = 0; size < bytes.size(); ++size)
    CHECK_FALSE(read_families(ByteView(bytes).first(size)).ok());
  Bytes longer = bytes;
  longer.push_back(0);
  CHECK_FALSE(read_families(longer).ok());
}
